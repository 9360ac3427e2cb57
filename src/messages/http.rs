//! The outbox over HTTP: what is coming, and why something was sent or not. Never the text, never the address.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Filter};
use super::channels::Channel;
use super::model::{Kind, Message, Recipient, State};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, Cursor, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, AnyId, CaseId, MessageId, PersonId};
use crate::base::language::Language;
use crate::journal::SubjectKind;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(list).service(show);
}

/// A message, without its text and address.
#[derive(Serialize, ToSchema)]
struct MessageView {
    id: MessageId,
    kind: Kind,
    state: State,
    /// Why it is as it is, as a code, e.g. `moved`; `said_by_other`: another message to the same reader, which says all that this would, went in its place.
    reason: Option<String>,
    channel: Channel,
    language: Language,
    /// The person it goes to: whom it is about, or their chosen custody holder.
    recipient_person_id: Option<PersonId>,
    /// The account it goes to.
    recipient_account_id: Option<AccountId>,
    /// The noun it is about.
    subject_kind: SubjectKind,
    /// Its id.
    subject_id: AnyId,
    /// Which of the subject's messages of this kind it is, e.g. `day_before`.
    slot: String,
    case_id: Option<CaseId>,
    person_id: Option<PersonId>,
    /// The moment its text tells.
    about_at: Option<Instant>,
    /// It must not go before this.
    not_before_at: Instant,
    /// It is useless after this.
    not_after_at: Instant,
    /// How often it was handed to its channel.
    attempts: i32,
    planned_at: Instant,
    /// When it came to its end.
    settled_at: Option<Instant>,
    version: i64,
}

fn view(tx: &mut Tx<'_>, message: Message) -> MessageView {
    tx.saw(message.id);
    tx.saw(message.recipient.subject());
    let (to_person, to_account) = match message.recipient {
        Recipient::Person(id) => (Some(id), None),
        Recipient::Account(id, _) => (None, Some(id)),
    };
    MessageView {
        id: message.id,
        kind: message.kind,
        state: message.state,
        reason: message.reason,
        channel: message.channel,
        language: message.language,
        recipient_person_id: to_person,
        recipient_account_id: to_account,
        subject_kind: message.subject_kind,
        subject_id: message.subject_id,
        slot: message.slot,
        case_id: message.case,
        person_id: message.person,
        about_at: message.about_at,
        not_before_at: message.not_before_at,
        not_after_at: message.not_after_at,
        attempts: message.attempts,
        planned_at: message.planned_at,
        settled_at: message.settled_at,
        version: message.version,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only messages of this case.
    case: Option<CaseId>,
    /// Only messages about this person.
    person: Option<PersonId>,
    /// Only messages about this thing, e.g. a session.
    subject: Option<AnyId>,
    /// Only messages in this state.
    #[param(inline)]
    state: Option<State>,
    /// Only messages to this account.
    account: Option<AccountId>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// What is coming, and what was sent or not
///
/// In the order in which they may go. That somebody was told what is late is shown to them alone.
#[utoipa::path(operation_id = "messages.list", tag = "messages", params(Which), responses((status = 200, body = List<MessageView>, description = "One page")))]
#[get("/messages")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, MessageId)>::read("messages", which.limit, which.cursor.as_ref())?;
        let filter = Filter { case: which.case, person: which.person, subject: which.subject, state: which.state, account: which.account };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        Ok(page.cut(found, |message| (message.not_before_at, message.id)).map(|message| view(tx, message)))
    };
    call.answer_list(door.read(&call, Capability::MessagesList, look_up).await?)
}

/// One message
#[utoipa::path(operation_id = "messages.get", tag = "messages", params(("message_id" = MessageId, Path, description = "Which message")),
    responses((status = 200, body = MessageView, description = "The message, without text and address")))]
#[get("/messages/{message_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<MessageId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let message = actions::get(tx, path.get()?)?;
        Ok(view(tx, message))
    };
    let message = door.read(&call, Capability::MessagesGet, look_up).await?;
    call.answer(message.version, &message)
}
