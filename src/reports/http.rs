//! The year's figures over HTTP: exact, split and openable for coordinators; totals for managers.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, YearThings};
use super::model::{Count, Definition, Dimension, Figure, Row, RowKey, Split, Standing, Total};
use super::rules::{is_done_late, is_recorded_late};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, Cursor, Limit, List, Page, Query, Registry};
use crate::base::ids::{AnyId, CaseId, EnquiryId, PersonId};
use crate::base::language::Language;
use crate::base::parallel::apart;
use crate::journal::SubjectKind;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(yearly).service(rows);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Year {
    /// The local year, from 2000 to this one.
    #[param(minimum = 2000, example = 2026)]
    year: u16,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Behind {
    /// The local year, from 2000 to this one.
    #[param(minimum = 2000, example = 2026)]
    year: u16,
    /// Which figure.
    #[param(inline)]
    figure: Definition,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The figures of a year.
#[derive(Serialize, ToSchema)]
struct YearlyView {
    year: u16,
    /// The first moment of the local year.
    from_at: Instant,
    /// The first moment of the next.
    until_at: Instant,
    /// As of when they were counted; nothing is frozen.
    as_of_at: Instant,
    /// Exact numbers. Else only totals of 5 or more, and zero, are shown, and none whose difference is smaller.
    exact: bool,
    figures: Vec<FigureView>,
}

/// A figure.
#[derive(Serialize, ToSchema)]
struct FigureView {
    figure: Definition,
    /// Which version of the definition it was counted by: never compare figures across versions.
    definition_version: u32,
    /// What exactly is counted, in the caller's language.
    definition: String,
    /// What counts; minutes for `session_minutes`. `null`: hidden, too few.
    n: Option<u64>,
    /// The denominator of a share. `null`: it is a plain count, or hidden.
    of: Option<u64>,
    /// Those of the denominator that nobody knows of. `null`: it is a plain count, or hidden.
    unknown: Option<u64>,
    /// What part of the denominator is aimed at, in per cent.
    target_percent: Option<u32>,
    /// Something of it is hidden, because too few stand behind it.
    is_hidden: bool,
    /// Done, but after its due time. Only with exact numbers.
    done_late: Option<u64>,
    /// Recorded more than 7 days after it happened. Only with exact numbers.
    recorded_late: Option<u64>,
    /// One way at a time. Only with exact numbers.
    splits: Vec<SplitView>,
}

/// A figure by one dimension.
#[derive(Serialize, ToSchema)]
struct SplitView {
    by: Dimension,
    groups: Vec<GroupView>,
}

/// A group of a figure.
#[derive(Serialize, ToSchema)]
struct GroupView {
    /// A code of the vocabulary that the dimension names.
    group: &'static str,
    n: u64,
    /// As the figure's.
    of: Option<u64>,
    /// As the figure's.
    unknown: Option<u64>,
}

fn blank(definition: Definition, language: Language) -> FigureView {
    FigureView {
        figure: definition,
        definition_version: definition.version(),
        definition: definition.text().in_language(language).to_owned(),
        n: None,
        of: None,
        unknown: None,
        target_percent: definition.target_percent(),
        is_hidden: false,
        done_late: None,
        recorded_late: None,
        splits: Vec::new(),
    }
}

fn exact(figure: Figure, language: Language) -> FigureView {
    let share = |number: u64| figure.definition.is_share().then_some(number);
    let group = |(group, count): (&'static str, Count)| GroupView { group, n: count.n, of: share(count.of), unknown: share(count.unknown) };
    let split = |split: Split| SplitView { by: split.by, groups: split.groups.into_iter().map(group).collect() };
    FigureView {
        n: Some(figure.count.n),
        of: share(figure.count.of),
        unknown: share(figure.count.unknown),
        done_late: Some(figure.done_late),
        recorded_late: Some(figure.recorded_late),
        splits: figure.splits.into_iter().map(split).collect(),
        ..blank(figure.definition, language)
    }
}

fn total(total: Total, language: Language) -> FigureView {
    FigureView { n: total.n, of: total.of, unknown: total.unknown, is_hidden: total.n.is_none(), ..blank(total.definition, language) }
}

fn view(things: &YearThings, is_exact: bool, language: Language) -> YearlyView {
    let figures = if is_exact {
        things.figures().into_iter().map(|figure| exact(figure, language)).collect()
    } else {
        things.totals().into_iter().map(|one| total(one, language)).collect()
    };
    let ground = things.ground;
    YearlyView { year: ground.year, from_at: ground.from, until_at: ground.until, as_of_at: ground.now, exact: is_exact, figures }
}

/// A row behind a figure: ids and dates, no names.
#[derive(Serialize, ToSchema)]
struct FigureRowView {
    standing: Standing,
    /// What is counted.
    subject_kind: SubjectKind,
    /// Its id; of a re-offer or follow-up that of its duty.
    subject_id: AnyId,
    enquiry_id: Option<EnquiryId>,
    case_id: Option<CaseId>,
    person_id: Option<PersonId>,
    /// What puts it into the year.
    at: Instant,
    due_at: Option<Instant>,
    /// When what the figure asks for was done.
    happened_at: Option<Instant>,
    recorded_at: Option<Instant>,
    /// Done, but after its due time.
    done_late: bool,
    /// Recorded more than 7 days after it happened.
    recorded_late: bool,
    /// How much it counts for: 1, or minutes.
    weight: u64,
    /// Its group in each split.
    groups: Vec<RowGroupView>,
}

/// Where a row stands in a split.
#[derive(Serialize, ToSchema)]
struct RowGroupView {
    by: Dimension,
    /// A code of the vocabulary that the dimension names.
    group: &'static str,
}

fn row_view(row: Row, splits: &[Dimension]) -> FigureRowView {
    FigureRowView {
        done_late: is_done_late(&row),
        recorded_late: is_recorded_late(&row),
        standing: row.standing,
        subject_kind: row.subject.kind,
        subject_id: row.subject.id,
        enquiry_id: row.about.enquiry,
        case_id: row.about.case,
        person_id: row.about.person,
        at: row.at,
        due_at: row.due_at,
        happened_at: row.happened_at,
        recorded_at: row.recorded_at,
        weight: row.weight,
        groups: row.groups.into_iter().filter(|(by, _)| splits.contains(by)).map(|(by, group)| RowGroupView { by, group }).collect(),
    }
}

/// The figures of a year
///
/// Each with its definition, that definition's version, what is unknown and the target. A coordinator gets them exact and split; a bar
/// takes nothing off them. A manager gets totals: those of 1 to 4 are hidden, and with them what would give them back. Nothing is
/// frozen: a later correction changes a past year.
#[utoipa::path(operation_id = "reports.yearly", tag = "reports", params(Year), responses((status = 200, body = YearlyView, description = "The figures")))]
#[get("/reports/yearly")]
async fn yearly(door: web::Data<Door>, call: Call, year: Query<Year>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| Ok((actions::load(tx, year.get()?.year)?, tx.reaches(Reach::All)));
    let (things, is_exact) = door.read(&call, Capability::ReportsYearly, look_up).await?;
    let language = call.language();
    let figures = apart("figures", move || view(&things, is_exact, language)).await?;
    call.answer_plain(&figures)
}

/// The rows behind a figure
///
/// Unknowns first, since somebody can still find them out; then what does not count, then what counts, each by time. What a bar hides
/// from the caller is not among them, although the figure counts it.
#[utoipa::path(operation_id = "reports.rows", tag = "reports", params(Behind), responses((status = 200, body = List<FigureRowView>, description = "One page")))]
#[get("/reports/yearly/rows")]
async fn rows(door: web::Data<Door>, call: Call, behind: Query<Behind>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let behind = behind.get()?;
        let page = Page::<RowKey>::read("reports.rows", behind.limit, behind.cursor.as_ref())?;
        let found = actions::rows(tx, behind.year, behind.figure, page.after, page.fetch())?;
        let page = page.cut(found, Row::key);
        page.items.iter().for_each(|row| actions::show(tx, row));
        Ok(page.map(|row| row_view(row, behind.figure.splits())))
    };
    call.answer_list(door.read(&call, Capability::ReportsRows, look_up).await?)
}
