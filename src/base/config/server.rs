//! Where the server listens, by which address it is known, and how it stops.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::settings::settings;
use super::source::Complaints;

settings! {
    /// Where the server listens, by which address it is known, and how it stops.
    pub struct Server {
        /// Address and port of the API. Speaks plain HTTP: beyond this machine, put a proxy with TLS in front of it.
        listen: SocketAddr = loopback(8080);
        /// The address people reach it by, without a path; a host of other letters than a to z as browsers write it, xn--... May hold none
        /// of programme.forbidden_words. "" is this machine, at the port of listen: nobody else reaches that, so that a channel may be
        /// live only where link_address says where links are.
        public_address: String = String::new();
        /// The address that links and calendar feeds begin with, without a path, where they are on a host of their own: there nothing
        /// else is found, as far as the proxy passes on the Host that was asked for. Another port alone is no host of their own. May
        /// hold none of programme.forbidden_words. "" is public_address.
        link_address: String = String::new();
        /// The path below it at which links begin: one short neutral word. May hold none of programme.forbidden_words.
        link_path: String = "/a".into();
        /// How often one source (an IPv4 address, an IPv6 network of 64 bits) may ask for links in a minute; counted by each process.
        link_requests_a_min: u32 = 120, in 1..=100_000;
        /// Address and port of /metrics, for the monitoring alone. "" is off.
        metrics_listen: Option<SocketAddr> = None;
        /// Proxies whose X-Forwarded-For is believed when tries to sign in are counted by source.
        trusted_proxies: Vec<IpAddr> = Vec::new();
        /// Threads that answer. 0 is one for each core.
        workers: u16 = 0, in 0..=64;
        /// Seconds that running requests and the tick get to finish when the process is asked to stop.
        shutdown_grace_s: u32 = 20, in 0..=600;
    }
}

/// What stands at the beginning of other paths.
const TAKEN: [&str; 7] = ["v1", "docs", "problems", "livez", "readyz", "calendar", "demo"];

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

impl Server {
    /// The address people reach it by.
    fn address(&self) -> String {
        if self.public_address.is_empty() { format!("http://{}", loopback(self.listen.port())) } else { self.public_address.clone() }
    }

    /// The address that links and feeds begin with.
    pub fn address_in_links(&self) -> String {
        if self.link_address.is_empty() { self.address() } else { self.link_address.clone() }
    }

    /// The host on which nothing but links and feeds is found; `None` where one host serves everything.
    pub fn link_host(&self) -> Option<String> {
        let (links, all) = (self.address_in_links(), self.address());
        (!has_same_host(&links, &all)).then(|| bare_host(authority(&links)).to_owned())
    }

    /// What stands before the token in every link.
    pub fn link_base(&self) -> String {
        format!("{}{}/", self.address_in_links(), self.link_path)
    }

    /// The setting that says which address people are given.
    pub fn names_links(&self) -> &'static str {
        if self.link_address.is_empty() { "server.public_address" } else { "server.link_address" }
    }

    /// Whether the address that people are given is this machine.
    pub fn is_known_here_alone(&self) -> bool {
        is_loopback(authority(&self.address_in_links()))
    }

    /// Any free port of loopback, known as the usual one, and no waiting at the end.
    pub fn for_testing() -> Self {
        Self { listen: loopback(0), public_address: "http://127.0.0.1:8080".into(), workers: 2, shutdown_grace_s: 5, ..Self::default() }
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        for (setting, address) in [("server.public_address", &self.public_address), ("server.link_address", &self.link_address)] {
            match address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) {
                None if address.is_empty() => {}
                None => complaints.add(setting, "must begin with https:// (or http:// on this machine)"),
                Some(host) if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) => {
                    complaints.add(setting, "must be scheme and host alone, without a path, as in https://aftale.example.org");
                }
                // Browsers ask for it by another name, and what is compared with that would not be guarded.
                Some(host) if !host.is_ascii() => {
                    complaints.add(setting, "must be written as browsers ask for it, in ASCII: xn--... for a host of other letters");
                }
                Some(host) if address.starts_with("http://") && !is_loopback(host) => {
                    complaints.add(setting, "must begin with https:// for any host but this machine");
                }
                Some(_) => {}
            }
        }
        let (links, all) = (self.address_in_links(), self.address());
        if links != all && has_same_host(&links, &all) {
            complaints.add(
                "server.link_address",
                "must be another host than that of server.public_address (another port is none), the same, or \"\"",
            );
        }
        let word = self.link_path.strip_prefix('/').unwrap_or_default();
        let is_short = (1..=12).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !is_short || TAKEN.contains(&word) {
            complaints
                .add("server.link_path", "must be / and one word of at most 12 small letters and digits that nothing else is served at");
        }
        if let Some(metrics) = self.metrics_listen
            && metrics.port() == self.listen.port()
            && metrics.port() != 0
            && (metrics.ip() == self.listen.ip() || metrics.ip().is_unspecified() || self.listen.ip().is_unspecified())
        {
            complaints.add("server.metrics_listen", "must not be the address of server.listen: the figures are not for the public");
        }
    }
}

/// What follows the scheme of an address.
fn authority(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, authority)| authority)
}

/// Whether two addresses are of one host, by whichever port.
fn has_same_host(one: &str, other: &str) -> bool {
    bare_host(authority(one)).eq_ignore_ascii_case(bare_host(authority(other)))
}

/// A host without its port, and without the dot that a whole name may end with.
pub fn bare_host(authority: &str) -> &str {
    let host = match authority.rsplit_once(':') {
        // Inside the brackets of an IPv6 address a colon begins no port.
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    host.strip_suffix('.').unwrap_or(host)
}

/// Whether a host, with or without a port, is this machine.
pub fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.is_loopback();
    }
    host.split(':').next() == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions() {
        let none: &[&str] = &[];
        let path = &["server.public_address: must be scheme and host alone, without a path, as in https://aftale.example.org"][..];
        let https = &["server.public_address: must begin with https:// for any host but this machine"][..];
        let scheme = &["server.public_address: must begin with https:// (or http:// on this machine)"][..];
        let ascii = &["server.public_address: must be written as browsers ask for it, in ASCII: xn--... for a host of other letters"][..];
        let metrics = &["server.metrics_listen: must not be the address of server.listen: the figures are not for the public"][..];
        #[rustfmt::skip]
        let cases = [
            ("https://aftale.example.org", "127.0.0.1:8080", "", none),
            ("http://localhost:8080", "127.0.0.1:8080", "", none),
            ("http://[::1]:8080", "127.0.0.1:8080", "", none),
            ("http://::1", "127.0.0.1:8080", "", none),
            ("http://aftale.example.org", "127.0.0.1:8080", "", https),
            ("http://localhost.example.org", "127.0.0.1:8080", "", https),
            ("aftale.example.org", "127.0.0.1:8080", "", scheme),
            ("https://aftale.example.org/", "127.0.0.1:8080", "", path),
            ("https://user@aftale.example.org", "127.0.0.1:8080", "", path),
            ("https://", "127.0.0.1:8080", "", path),
            ("https://møde.example.dk", "127.0.0.1:8080", "", ascii),
            ("https://xn--mde-0na.example.dk", "127.0.0.1:8080", "", none),
            ("https://a.example", "127.0.0.1:8080", "127.0.0.1:9090", none),
            ("https://a.example", "127.0.0.1:8080", "10.0.0.1:8080", none),
            ("https://a.example", "127.0.0.1:8080", "127.0.0.1:8080", metrics),
            ("https://a.example", "0.0.0.0:8080", "127.0.0.1:8080", metrics),
            ("https://a.example", "127.0.0.1:8080", "0.0.0.0:8080", metrics),
        ];
        for (public_address, listen, metrics, sentences) in cases {
            let server = Server {
                listen: listen.parse().unwrap(),
                public_address: public_address.into(),
                metrics_listen: metrics.parse().ok(),
                ..Server::default()
            };
            let mut complaints = Complaints::default();
            server.check(&mut complaints);
            assert_eq!(complaints.sentences(), sentences, "{public_address} {listen} {metrics}");
        }
        let mut complaints = Complaints::default();
        Server { link_address: "https://aftale.example.org/a".into(), ..Server::default() }.check(&mut complaints);
        assert_eq!(
            complaints.sentences(),
            ["server.link_address: must be scheme and host alone, without a path, as in https://aftale.example.org"]
        );
    }

    #[test]
    fn links_begin_at_one_short_word_of_their_own() {
        for (link_path, is_sound) in
            [("/a", true), ("/aftale", true), ("/v1", false), ("/docs", false), ("a", false), ("/", false), ("/a/b", false), ("/Å", false)]
        {
            let mut complaints = Complaints::default();
            Server { link_path: link_path.into(), ..Server::default() }.check(&mut complaints);
            assert_eq!(complaints.sentences().is_empty(), is_sound, "{link_path}");
        }
        assert_eq!(Server::default().link_base(), "http://127.0.0.1:8080/a/");
        let elsewhere = Server { listen: "0.0.0.0:9000".parse().unwrap(), ..Server::default() };
        assert_eq!(elsewhere.link_base(), "http://127.0.0.1:9000/a/");
        for (address, alone) in
            [("", true), ("http://localhost:8080", true), ("https://[::1]", true), ("https://aftale.example.org", false)]
        {
            assert_eq!(Server { public_address: address.into(), ..Server::default() }.is_known_here_alone(), alone, "{address}");
        }
    }

    #[test]
    fn links_may_have_a_host_of_their_own() {
        let (app, links) = ("https://app.example.org", "https://aftale.example.org");
        for (public_address, link_address, complaint) in [
            (app, "", None),
            (app, app, None),
            (app, links, None),
            (app, "https://møde.example.dk", Some("must be written as browsers")),
            (app, "https://APP.example.org", Some("must be another host")),
            (app, "https://app.example.org.", Some("must be another host")),
            (app, "https://app.example.org:8443", Some("must be another host")),
            ("", "http://127.0.0.1:9000", Some("must be another host")),
            ("", "http://127.0.0.1:8080", None),
        ] {
            let mut complaints = Complaints::default();
            Server { public_address: public_address.into(), link_address: link_address.into(), ..Server::default() }.check(&mut complaints);
            let expected: Vec<_> = complaint.map(|words| format!("server.link_address: {words}")).into_iter().collect();
            assert_eq!(complaints.sentences().len(), expected.len(), "{link_address}");
            assert!(complaints.sentences().iter().zip(&expected).all(|(said, expected)| said.starts_with(expected)), "{link_address}");
        }
        #[rustfmt::skip]
        let cases = [
            // public address, link address, what links begin with, the host that is theirs alone, known here alone
            (app, "", "https://app.example.org/a/", None, false),
            (app, links, "https://aftale.example.org/a/", Some("aftale.example.org"), false),
            ("", links, "https://aftale.example.org/a/", Some("aftale.example.org"), false),
            (app, "http://localhost:9000", "http://localhost:9000/a/", Some("localhost"), true),
            // Another port is no other host.
            (app, "https://APP.example.org:8443", "https://APP.example.org:8443/a/", None, false),
            ("http://[::1]:8080", "http://[::1]:9000", "http://[::1]:9000/a/", None, true),
        ];
        for (public_address, link_address, base, host, here) in cases {
            let server = Server { public_address: public_address.into(), link_address: link_address.into(), ..Server::default() };
            let found = (server.link_base(), server.link_host(), server.is_known_here_alone());
            assert_eq!(found, (base.to_owned(), host.map(str::to_owned), here), "{public_address} {link_address}");
        }
    }
}
