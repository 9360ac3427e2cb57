//! A client that costs little beside the server it measures: one connection kept open, one request at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A request: method, path with query, token, body.
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub token: Arc<str>,
    pub body: String,
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends a request and gives the status and the body.
    pub async fn send(&mut self, request: &Request) -> (u16, &[u8]) {
        let Request { method, path, token, body } = request;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await.expect("the server reads");
        self.buffer.clear();
        let begin = loop {
            self.fill().await;
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..begin]).to_ascii_lowercase();
        let status = head.get(9..12).and_then(|code| code.parse().ok()).expect("a status");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).map_or(0, |n| n.trim().parse().expect("a length"));
        while self.buffer.len() < begin + length {
            self.fill().await;
        }
        (status, &self.buffer[begin..])
    }

    async fn fill(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the server answers");
        assert!(read > 0, "the server hung up");
    }
}

/// How many requests were answered in how long, and how long each took.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub seconds: f64,
    pub waits: Vec<Duration>,
}

impl Run {
    pub fn per_second(&self) -> f64 {
        self.waits.len() as f64 / self.seconds
    }

    /// The wait that this share of the requests did not exceed.
    pub fn wait(&self, share: f64) -> Duration {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        waits[((waits.len() - 1) as f64 * share) as usize]
    }
}

/// What a client sends next: its own number, and how many it has sent.
pub type Next = Arc<dyn Fn(usize, usize) -> Request + Send + Sync>;

/// Lets so many clients, on one thread, send one request after the other for so long. Every answer must be a 2xx.
pub fn run(address: SocketAddr, clients: usize, span: Duration, next: &Next) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let begin = Instant::now();
        let mut all = JoinSet::new();
        for client in 0..clients {
            let next = Arc::clone(next);
            all.spawn(async move {
                let mut connection = Client::connect(address).await;
                let mut waits = Vec::new();
                while begin.elapsed() < span {
                    let request = next(client, waits.len());
                    let asked = Instant::now();
                    let (status, answer) = connection.send(&request).await;
                    let Request { method, path, .. } = &request;
                    assert!((200..300).contains(&status), "{method} {path}: {status} {}", String::from_utf8_lossy(answer));
                    waits.push(asked.elapsed());
                }
                waits
            });
        }
        let waits = all.join_all().await.concat();
        Run { seconds: begin.elapsed().as_secs_f64(), waits }
    })
}
