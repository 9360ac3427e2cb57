//! The routes of all rooms, and the contract made from them.

use actix_web::App;
use utoipa::Modify;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use super::{examples, meta};
use crate::access;
use crate::base::http;
use crate::{
    availability, calendars, cases, courses, duties, enquiries, followups, matching, messages, oversight, people, reports, sessions, staff,
    today,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "makker",
        description = "The backend of a municipal mentor and parent-coach programme. Times are RFC 3339 in UTC; enums in answers are open: accept codes you do not know.",
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

/// Every route there is, in the order of the house.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(meta::livez).service(meta::readyz).service(http::problem_page).service(calendars::http::feed);
    config.service(scope("/v1").configure(|config: &mut ServiceConfig<'_>| {
        config.service(meta::show_meta).service(meta::list_vocabularies);
        config.configure(access::http::routes);
        config.configure(messages::http::routes);
        config.configure(duties::http::routes);
        config.configure(people::http::routes);
        config.configure(oversight::http::routes);
        config.configure(staff::http::routes);
        config.configure(availability::http::routes);
        config.configure(enquiries::http::routes);
        config.configure(cases::http::routes);
        config.configure(courses::http::routes);
        config.configure(matching::http::routes);
        config.configure(sessions::http::routes);
        config.configure(calendars::http::routes);
        config.configure(followups::http::routes);
        config.configure(today::http::routes);
        config.configure(reports::http::routes);
    }));
}

/// The contract, generated from the code: what `api-spec/openapi.yaml` holds.
pub fn openapi() -> OpenApi {
    let (_, mut api) = App::new().into_utoipa_app().openapi(Contract::openapi()).configure(routes).split_for_parts();
    http::describe(&mut api);
    examples::add(&mut api);
    api
}
