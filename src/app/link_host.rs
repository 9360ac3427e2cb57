//! The host of links and feeds, where it is one of its own: whoever looks around there learns nothing of what it is for (domain section 7).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web;

use crate::base::config::{self, bare_host};
use crate::sessions::answers;

/// What is found there beside the links: feeds, what crawlers are told, and the probes of whoever watches the proxy.
const BESIDE: [&str; 4] = ["/calendar/", "/robots.txt", "/livez", "/readyz"];

/// Which host that is.
pub struct LinkHost {
    host: String,
    /// What the paths of links begin with.
    links: String,
}

impl LinkHost {
    /// As the settings name it; `None` where one host serves everything.
    pub fn of(settings: &config::Server) -> Option<Self> {
        settings.link_host().map(|host| Self { host, links: format!("{}/", settings.link_path) })
    }

    /// Whether a path is not to be found on the host that is asked for.
    fn hides(&self, host: &str, path: &str) -> bool {
        let is_found = || {
            let beside = |found: &&str| if found.ends_with('/') { path.starts_with(*found) } else { path == *found };
            path.starts_with(&self.links) || BESIDE.iter().any(beside)
        };
        bare_host(host).eq_ignore_ascii_case(&self.host) && !is_found()
    }
}

/// Answers what is not to be found on the links' host as a link that leads nowhere. Wrap it below the conventions, with a
/// `web::Data<Option<LinkHost>>` in the app's data.
pub async fn links_alone(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_hidden =
        req.app_data::<web::Data<Option<LinkHost>>>().and_then(|link_host| link_host.as_ref().as_ref()).is_some_and(|link_host| {
            let named = req.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            req.uri().host().or(named).is_some_and(|host| link_host.hides(host, req.path()))
        });
    if is_hidden {
        return Ok(req.into_response(answers::http::nowhere().await));
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_and_feeds_are_found_there() {
        let settings = config::Server {
            public_address: "https://app.example.org".into(),
            link_address: "https://aftale.example.org".into(),
            ..config::Server::default()
        };
        let link_host = LinkHost::of(&settings).unwrap();
        let found = ["/a/x", "/calendar/x.ics", "/robots.txt", "/livez", "/readyz"];
        let hidden = ["/", "/a", "/ab/x", "/v1/meta", "/docs/", "/openapi.json", "/problems/not_found", "/livez/x", "//a/x", "/A/x"];
        for host in ["aftale.example.org", "AFTALE.example.org:443", "aftale.example.org."] {
            assert_eq!(found.map(|path| link_host.hides(host, path)), [false; 5], "{host}");
            assert_eq!(hidden.map(|path| link_host.hides(host, path)), [true; 10], "{host}");
        }
        for host in ["app.example.org", "127.0.0.1:8080", "[::1]:8080", "aftale.example.org.evil.example", ""] {
            assert!(!link_host.hides(host, "/v1/meta"), "{host}");
        }
    }
}
