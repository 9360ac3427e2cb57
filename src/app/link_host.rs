//! The host of links and feeds, where it is one of its own: whoever looks around there learns nothing of what it is for (domain section 7).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web;

use crate::base::config::{self, bare_host};
use crate::sessions::answers;

/// Where feeds are found there, which are looked at alone.
const FEEDS: &str = "/calendar/";
/// What else is looked at there: what crawlers are told, and the probes of whoever watches the proxy.
const BESIDE: [&str; 3] = ["/robots.txt", "/livez", "/readyz"];

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

    /// Whether it is the host that is asked for.
    fn is(&self, host: &str) -> bool {
        bare_host(host).eq_ignore_ascii_case(&self.host)
    }

    /// Whether a request may be answered there. A link answers to every method by a page of its own.
    fn has(&self, is_look: bool, path: &str) -> bool {
        path.starts_with(&self.links) || is_look && (path.starts_with(FEEDS) || BESIDE.contains(&path))
    }
}

/// Answers what is not to be found on the links' host as a link that leads nowhere. Wrap it below the conventions, with a
/// `web::Data<Option<LinkHost>>` in the app's data.
pub async fn links_alone(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let has = req.app_data::<web::Data<Option<LinkHost>>>().and_then(|link_host| link_host.as_ref().as_ref()).and_then(|link_host| {
        let named = req.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let is_asked = req.uri().host().or(named).is_some_and(|host| link_host.is(host));
        // The conventions made a HEAD a GET.
        is_asked.then(|| link_host.has(req.method() == Method::GET, req.path()))
    });
    let is_feed = req.path().starts_with(FEEDS);
    if has == Some(false) {
        return Ok(req.into_response(answers::http::nowhere().await));
    }
    let answered = next.call(req).await?.map_into_boxed_body();
    // What is no feed says nothing of what it might have been.
    if has.is_some() && is_feed && answered.status() == StatusCode::NOT_FOUND {
        let (request, _) = answered.into_parts();
        return Ok(ServiceResponse::new(request, answers::http::nowhere().await));
    }
    Ok(answered)
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
        for path in ["/a/x", "/calendar/x.ics", "/robots.txt", "/livez", "/readyz"] {
            assert_eq!((link_host.has(true, path), link_host.has(false, path)), (true, path == "/a/x"), "{path}");
        }
        for path in ["/", "/a", "/ab/x", "/v1/meta", "/docs/", "/openapi.json", "/problems/not_found", "/livez/x", "//a/x", "/A/x"] {
            assert_eq!((link_host.has(true, path), link_host.has(false, path)), (false, false), "{path}");
        }
        for host in ["aftale.example.org", "AFTALE.example.org:443", "aftale.example.org."] {
            assert!(link_host.is(host), "{host}");
        }
        for host in ["app.example.org", "127.0.0.1:8080", "[::1]:8080", "aftale.example.org.evil.example", ""] {
            assert!(!link_host.is(host), "{host}");
        }
    }
}
