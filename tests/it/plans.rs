//! How SQLite finds what the daily work asks for: no statement of the nine months and the living week reads the whole of a table that grows.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use makker::base::db::{Access, DatabaseUrl, Engine, connect};
use makker::each;

use crate::demo::{options, play};
use crate::support::{OnEngine, TestDatabase};

/// The database that is listened to.
static FILE: OnceLock<String> = OnceLock::new();
/// The statements that came by, without their values.
static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Writes down what one connection is asked.
#[derive(Default)]
struct Listener {
    listens: bool,
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.listens = FILE.get().is_some_and(|file| url == file);
            }
            InstrumentationEvent::StartQuery { query, .. } if self.listens => {
                let query = query.to_string();
                let statement = query.split(" -- binds").next().unwrap_or_default().to_owned();
                STATEMENTS.lock().unwrap().insert(statement);
            }
            _ => {}
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// What may be read whole: a table, a part of the statement, and why.
const WHOLE: [(&str, &str, &str); 18] = [
    ("staff", "", "everybody is asked who could meet somebody"),
    ("accounts", "", "as many as people work here"),
    ("schema_migrations", "", "as many as versions"),
    ("throttles", "", "forgotten every night"),
    ("vaults", "", "one row"),
    ("sqlite_master", "", "as many as tables"),
    ("case_reopenings", "", "a case that runs again is rare"),
    ("devices", "DELETE", "once a night"),
    ("journal_calls", "(`journal_calls`.`at` <= ?)", "its last week, from the end, once a night"),
    ("journal_calls", "ORDER BY `journal_calls`.`id` LIMIT ?", "the first of all"),
    ("courses", "(`courses`.`accepted_at` < ?)", "the year's figures"),
    ("offers", "`people`.`born_on` FROM", "the year's figures"),
    ("matches", "`matches`.`ended_at` > ?", "the year's figures"),
    ("matches", "`matches`.`taken_over_from` IS NULL", "the year's figures"),
    ("matches", "(`courses`.`accepted_at` < ?)", "the year's figures"),
    ("matches", "`match_answers`.`decline_reason` FROM", "the year's figures"),
    ("matches", "ORDER BY `matches`.`id` LIMIT ?", "those that run, once a night"),
    ("matches", "`matches`.`loan_ends_at` IS NULL", "whose places are taken: those that run"),
];

#[test]
fn nothing_that_grows_is_read_whole() {
    let db = TestDatabase::on(Engine::Sqlite);
    let mut options = options(&db);
    options.exit = true;
    let file = options.data.as_ref().unwrap().join("demo.db");
    FILE.set(file.to_string_lossy().into_owned()).unwrap();
    set_default_instrumentation(|| Some(Box::<Listener>::default())).unwrap();
    play(&options, &mut Vec::new(), std::future::pending::<()>()).unwrap();

    let statements = std::mem::take(&mut *STATEMENTS.lock().unwrap());
    assert!(statements.len() > 300, "{}", statements.len());
    let mut c = connect(&DatabaseUrl::Sqlite(file), Access::Read).unwrap();
    let mut whole = BTreeSet::new();
    // What is written by hand, of several statements, belongs to the migrations; (1=0) asks for none of an empty list.
    for statement in statements.iter().filter(|text| !text.contains('\n') && !text.contains("(1=0)")) {
        if !["SELECT", "UPDATE", "DELETE", "INSERT"].iter().any(|verb| statement.starts_with(verb)) {
            continue;
        }
        let explained = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
        let steps: Vec<Step> = each!(&mut c, c => explained.load(c)).unwrap();
        for step in steps {
            // To look for all in one state is to read what grows, too.
            let in_state = step.detail.strip_prefix("SEARCH ").filter(|rest| rest.ends_with("(state=?)"));
            let Some(table) = step.detail.strip_prefix("SCAN ").or(in_state).and_then(|rest| rest.split(' ').next()) else { continue };
            // A page of a list in the order of an index.
            let in_order = step.detail.contains("USING INDEX") && statement.ends_with("LIMIT ?");
            let may = WHOLE
                .iter()
                .any(|(of, part, _)| (table == *of || *of == "staff" && table.starts_with("staff_")) && statement.contains(part));
            if table != "CONSTANT" && !in_order && !may {
                whole.insert(format!("{}\n    {statement}", step.detail));
            }
        }
    }
    assert!(whole.is_empty(), "{} read whole:\n{}", whole.len(), whole.into_iter().collect::<Vec<_>>().join("\n"));
}
