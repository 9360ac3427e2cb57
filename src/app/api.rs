//! The routes of all rooms, and the contract made from them.

use std::collections::BTreeMap;

use utoipa::Modify;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::{examples, meta};
use crate::access;
use crate::availability::slots::Objection;
use crate::base::db::Coded;
use crate::base::db::coded::open_vocabulary;
use crate::base::error::{Code, Result, Words};
use crate::base::http::{self, Registry};
use crate::base::value::{Flaw, MEMBER_CODE};
use crate::matching::ranking::Exclusion;
use crate::matching::waiting::model::Hurdle;
use crate::{
    calendars, cases, courses, duties, enquiries, followups, matching, messages, oversight, people, reports, sessions, staff, today,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "makker",
        description = "The backend of a municipal mentor and parent-coach programme. Times are RFC 3339 in UTC; ids, a client's own too, are UUIDs with hyphens, answered in small letters; enums in answers are open: accept codes you do not know. In bodies a whole number may have a point or an exponent (`30.0`), and half an emoji, an escape of one surrogate without the other, is read as U+FFFD. A member that a body's schema does not name, however deep, is refused, each by name (422, `unknown_member`): leave it out and send again. Words for people, such as titles and details of refusals, are Danish, and English with `Accept-Language: en`. An `If-Match` that is sent with a change holds, also where none is asked for: it is held against the version of what the path names first (of an exception to weekly hours: of these hours; of a feed: of the calendar). Where that has no version it is refused with 422.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    servers((url = "/", description = "This server")),
    security(("token" = [])),
    modifiers(&Token)
)]
struct Contract;

struct Token;

impl Modify for Token {
    fn modify(&self, api: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The access token of a sign-in; it holds 15 minutes and is renewed with the refresh token."))
            .build();
        api.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Every operation there is, in the order of the house.
pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(meta::livez).service(meta::readyz).service(http::problem_page).service(calendars::http::feed);
    registry.under("/v1", |registry| {
        registry.service(meta::show_meta).service(meta::list_vocabularies);
        access::http::routes(registry);
        messages::http::routes(registry);
        duties::http::routes(registry);
        people::http::routes(registry);
        oversight::http::routes(registry);
        staff::http::routes(registry);
        sessions::hours::http::routes(registry);
        enquiries::http::routes(registry);
        cases::http::routes(registry);
        courses::http::routes(registry);
        matching::http::routes(registry);
        sessions::http::routes(registry);
        calendars::http::routes(registry);
        followups::http::routes(registry);
        today::http::routes(registry);
        reports::http::routes(registry);
    });
}

/// Every code of a wrong member: what can be wrong with it, or which limit of two, of whoever waits or of a time it breaks; and of a pair that can
/// be adopted no more why it is refused.
fn member_codes() -> Vec<(&'static str, Words)> {
    fn of<C: Coded>() -> impl Iterator<Item = (&'static str, Words)> {
        C::ALL.iter().map(|value| (value.code(), value.words()))
    }
    let refusals = Code::ALL.iter().filter(|code| [403, 404, 409].contains(&code.status())).map(|code| (code.text(), code.title()));
    let flaws = Flaw::ALL.iter().map(|flaw| (flaw.text(), flaw.words()));
    let all: BTreeMap<_, _> = refusals.chain(of::<Exclusion>()).chain(of::<Hurdle>()).chain(of::<Objection>()).chain(flaws).collect();
    all.into_iter().collect()
}

/// The contract, generated from the code.
pub fn openapi() -> OpenApi {
    let mut api = Contract::openapi();
    routes(&mut Registry::contract(&mut api));
    http::describe(&mut api);
    api.components.get_or_insert_default().schemas.insert(MEMBER_CODE.to_owned(), open_vocabulary(&member_codes()));
    examples::add(&mut api);
    api
}

/// The contract as it is published: what `api-spec/openapi.yaml` holds.
///
/// # Errors
/// `Internal` where it cannot be written.
pub fn yaml() -> Result<String> {
    http::to_yaml(&openapi())
}
