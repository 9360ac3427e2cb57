//! What the process says of itself, its log and its figures; and how it hears that it should stop.
//!
//! Neither log nor figures hold a name, text, token, path or body: only routes' patterns, codes, ids and counts.

use std::io::IsTerminal;
use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::config::{Log, LogFormat};
use super::error::{Error, Result};

/// Answers, by `method`, `route` and `status`.
pub const HTTP_REQUESTS: &str = "http_requests_total";
/// Seconds until an answer left, by `method` and `route`.
pub const HTTP_SECONDS: &str = "http_request_seconds";
/// Looks for what is due, by `outcome` (`done`, `failed`) and `part` (`plans`, or a channel).
pub const TICKS: &str = "ticks_total";
/// Seconds a look for what is due took, by `part`.
pub const TICK_SECONDS: &str = "tick_seconds";
/// Messages sent, put back or given up, by `channel`, `outcome` and `reason` (a code, empty where there is none).
pub const MESSAGES: &str = "messages_total";
/// Messages that are due and not yet sent, by `channel`.
pub const MESSAGES_DUE: &str = "messages_due";
/// Messages that should have gone and still wait, by `channel`: for the morning, or for a provider that answers.
pub const MESSAGES_LATE: &str = "messages_late";
/// Duties that are late and not done.
pub const DUTIES_LATE: &str = "duties_late";
/// Megabytes free on the disk of what is a file here, by `of` (`database`, `keys`).
pub const DISK_FREE: &str = "disk_free_megabytes";

/// Edges of the histograms in seconds: from a read out of memory to a request that waited for a lock.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Starts the log on standard error; a second call changes nothing. A panic is logged by its place, without its message, which may
/// hold what a client sent.
///
/// # Errors
/// A filter that cannot be read.
pub fn start_log(settings: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(Error::internal)?.and(filter_fn(may_be_said));
    let is_terminal = std::io::stderr().is_terminal();
    let is_text = settings.format == LogFormat::Text || (settings.format == LogFormat::Auto && is_terminal);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_terminal);
    let lines = if is_text { lines.boxed() } else { lines.json().flatten_event(true).with_span_list(false).boxed() };
    let started = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a thread panicked");
        }));
    }
    Ok(())
}

/// Ours at every level; of libraries only what went wrong, since their chatter holds addresses, headers and bodies.
fn may_be_said(event: &Metadata<'_>) -> bool {
    event.target().starts_with("makker") || *event.level() <= Level::WARN
}

/// The figures of this process, for `/metrics`.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Starts counting. Once a process: what is counted before, or without it, is lost, and that is all.
    ///
    /// # Errors
    /// When something else counts in this process already.
    pub fn start() -> Result<Self> {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS).map_err(Error::internal)?;
        let handle = builder.install_recorder().map_err(Error::internal)?;
        metrics::describe_counter!(HTTP_REQUESTS, "answers by method, route and status");
        metrics::describe_histogram!(HTTP_SECONDS, "seconds until the answer left, by method and route");
        metrics::describe_counter!(TICKS, "looks for what is due, by outcome");
        metrics::describe_histogram!(TICK_SECONDS, "seconds a look for what is due took");
        metrics::describe_counter!(MESSAGES, "messages sent, put back or given up, by channel, outcome and reason");
        metrics::describe_gauge!(MESSAGES_DUE, "messages that are due and not yet sent, by channel");
        metrics::describe_gauge!(MESSAGES_LATE, "messages that should have gone and still wait, by channel");
        metrics::describe_gauge!(DUTIES_LATE, "duties that are late and not done");
        metrics::describe_gauge!(DISK_FREE, "megabytes free on the disk of what is a file here, database or keys");
        Ok(Self(handle))
    }

    /// As Prometheus reads them.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Gathers what was counted; to be called now and then where nobody reads the figures, or the raw values pile up.
    pub fn gather(&self) {
        self.0.run_upkeep();
    }

    /// Serves `/metrics`, and nothing else, on an address of its own. Await what it gives; its handle stops it.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn serve(self, listen: SocketAddr) -> Result<Server> {
        let figures = web::Data::new(self);
        let render =
            |figures: web::Data<Self>| async move { HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(figures.render()) };
        let server = HttpServer::new(move || App::new().app_data(web::Data::clone(&figures)).route("/metrics", web::get().to(render)));
        let server = server
            .workers(1)
            .disable_signals()
            .bind(listen)
            .map_err(|error| Error::internal(format_args!("server.metrics_listen: {listen}: {error}")))?;
        Ok(server.run())
    }
}

/// Measures how long something takes.
#[derive(Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Notes the seconds since the start under a name of this file's, for a part of what bears it.
    pub fn note(&self, name: &'static str, part: &'static str) {
        metrics::histogram!(name, "part" => part).record(self.0.elapsed());
    }

    /// Whether it has run this long.
    pub fn has_run(&self, span: std::time::Duration) -> bool {
        self.0.elapsed() >= span
    }
}

/// Listens for SIGTERM and SIGINT from now on; what it gives is done when the first has come, with its name.
///
/// # Errors
/// When the system gives no signals to listen for.
pub fn stop_signal() -> Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn figures_are_served_by_pattern_and_described() {
        let figures = Figures::start().unwrap();
        metrics::counter!(HTTP_REQUESTS, "method" => "GET", "route" => "/v1/cases/{id}", "status" => "200").increment(2);
        metrics::histogram!(HTTP_SECONDS, "method" => "GET", "route" => "/v1/cases/{id}").record(0.003);
        figures.gather();
        let page = figures.render();
        for line in [
            "# HELP http_requests_total answers by method, route and status",
            "http_requests_total{method=\"GET\",route=\"/v1/cases/{id}\",status=\"200\"} 2",
            "http_request_seconds_bucket{method=\"GET\",route=\"/v1/cases/{id}\",le=\"0.005\"} 1",
        ] {
            assert!(page.lines().any(|l| l == line), "{line}\nis not in\n{page}");
        }
        assert!(Figures::start().is_err(), "once a process");
    }

    /// Notes the targets of what passes.
    struct Heard(std::sync::Arc<std::sync::Mutex<Vec<String>>>);
    impl<S: tracing::Subscriber> Layer<S> for Heard {
        fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.lock().unwrap().push(event.metadata().target().to_owned());
        }
    }

    #[test]
    fn libraries_do_not_chatter() {
        let heard = std::sync::Arc::default();
        let filter = EnvFilter::new("trace").and(filter_fn(may_be_said));
        // With two subscribers alive no other test's thread silences a call site that it meets first.
        let _another = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::registry().with(Heard(std::sync::Arc::clone(&heard)).with_filter(filter));
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "makker::http", "ours");
            tracing::info!(target: "hyper::client", "Authorization: Bearer x");
            tracing::warn!(target: "hyper::client", "connection lost");
        });
        assert_eq!(*heard.lock().unwrap(), ["makker::http", "hyper::client"]);
    }
}
