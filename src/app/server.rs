//! The HTTP server over a door.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::api;
use super::link_host::{LinkHost, links_alone};
use super::readiness::Readiness;
use crate::access::Door;
use crate::base::config;
use crate::base::error::{Error, Result};
use crate::base::http::{self, Answer, Call, Constant, Registry, Routes, Throttle, conventions, unmatched};
use crate::base::parallel::apart;
use crate::sessions::answers;

/// How long a connection may rest between two requests: longer than a usual proxy keeps its own (60 seconds), so that it is the one to close it
/// and none of its requests is lost. Who stops the server need not wait: those that rest are closed at once.
const RESTS: Duration = Duration::from_secs(75);

/// Where the contract is.
const CONTRACT: &str = "/openapi.json";

async fn show_contract(call: Call) -> Answer {
    static RENDERED: Constant = Constant::new();
    // The first time takes long.
    let rendered = apart("contract", || RENDERED.render(api::openapi)).await??;
    Ok(call.answer_rendered(rendered))
}

/// What crawlers are told: nothing here is for them.
async fn show_robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Stops it: `stop(true)` lets running requests finish.
    pub handle: ServerHandle,
    running: actix_web::dev::Server,
}

impl Server {
    /// Binds and starts to answer.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn start(settings: &config::Server, door: Door) -> Result<Self> {
        Self::start_with(settings, door, |_| {})
    }

    /// As [`Server::start`], with services beside the contract's, which is not told of them.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_with(
        settings: &config::Server,
        door: Door,
        beside: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    ) -> Result<Self> {
        let mut known = Routes::default();
        api::routes(&mut Registry::known(&mut known));
        let known = web::Data::new(known);
        let house = door.house();
        let conventions_settings = web::Data::new(http::Settings {
            clock: house.clock.clone(),
            ids: house.ids.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            link_address: settings.address_in_links(),
            patience: http::Patience::default(),
            lines: http::Lines::default(),
        });
        let door = web::Data::new(door);
        let readiness = web::Data::new(Readiness::default());
        let gate = web::Data::new(Throttle::new(settings.link_requests_a_min));
        let (link_path, link_host) = (settings.link_path.clone(), web::Data::new(LinkHost::of(settings)));
        let factory = move || {
            App::new()
                .configure(|config: &mut web::ServiceConfig| api::routes(&mut Registry::server(config)))
                .app_data(web::Data::clone(&door))
                .app_data(web::Data::clone(&conventions_settings))
                .app_data(web::Data::clone(&known))
                .app_data(web::Data::clone(&readiness))
                .app_data(web::Data::clone(&gate))
                .app_data(web::Data::clone(&link_host))
                .configure(|config: &mut web::ServiceConfig| answers::http::pages(config, &link_path))
                .configure(beside.clone())
                // What people type.
                .service(web::redirect("/docs", "/docs/"))
                .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from(CONTRACT)))
                .service(web::resource(CONTRACT).get(show_contract))
                .service(web::resource("/robots.txt").get(show_robots))
                .default_service(web::to(unmatched))
                .wrap(Compress::default())
                .wrap(from_fn(links_alone))
                .wrap(from_fn(conventions))
        };
        let grace = u64::from(settings.shutdown_grace_s);
        let mut server = HttpServer::new(factory).disable_signals().keep_alive(RESTS).shutdown_timeout(grace);
        if settings.workers > 0 {
            server = server.workers(usize::from(settings.workers));
        }
        let server =
            server.bind(settings.listen).map_err(|error| Error::internal(format_args!("server.listen: {}: {error}", settings.listen)))?;
        let address = server.addrs().first().copied().ok_or_else(|| Error::internal("the server has no address"))?;
        let running = server.run();
        Ok(Self { address, handle: running.handle(), running })
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// When the server breaks down.
    pub async fn run(self) -> Result<()> {
        self.running.await.map_err(Error::internal)
    }
}
