//! HTTP as the tests speak it: plain requests over a socket, so that a test can also send what no client library would.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Method and path, for complaints.
    pub to: String,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let request = self.header("Content-Type", "application/json");
        request.body(body.to_string())
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it on a connection of its own.
    pub fn send(&self, to: SocketAddr) -> Answer {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() || !["GET", "HEAD", "DELETE"].contains(&self.method.as_str()) {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        let mut answer = send_bytes(to, &[head.as_bytes(), b"\r\n", &self.body].concat());
        answer.to = format!("{} {}", self.method, self.path);
        answer
    }
}

/// Sends bytes as they are and reads what comes back until the server hangs up.
pub fn send_bytes(to: SocketAddr, bytes: &[u8]) -> Answer {
    let mut socket = TcpStream::connect(to).unwrap();
    // The server may refuse, and hang up, before it has read everything.
    let _ = socket.write_all(bytes);
    let mut read = Vec::new();
    let ended = socket.read_to_end(&mut read);
    assert!(!read.is_empty(), "the server hung up without an answer ({ended:?})");
    parse(&read)
}

fn parse(read: &[u8]) -> Answer {
    let split = read.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head");
    let head = std::str::from_utf8(&read[..split]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> =
        lines.map(|line| line.split_once(':').unwrap()).map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if is_chunked { unchunk(&read[split + 4..]) } else { read[split + 4..].to_vec() };
    Answer { status, headers, body, to: "bytes".to_owned() }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap().trim(), 16).unwrap();
        if length == 0 {
            break;
        }
        body.extend(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
    body
}

impl Answer {
    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The entity tag, for `If-Match`.
    pub fn tag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{self} has no ETag")).to_owned()
    }

    /// The body as JSON; null when it is empty.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self} is not JSON"))
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "expected a success: {self}");
        self.json()
    }

    /// The `id` in the body of a success.
    #[track_caller]
    pub fn id(&self) -> String {
        self.ok()["id"].as_str().unwrap_or_else(|| panic!("{self} has no id")).to_owned()
    }

    /// The problem of a refusal with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let is_problem = self.header("content-type") == Some("application/problem+json");
        assert!(self.status == status && is_problem, "expected {status} {code}: {self}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{self}");
        problem
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} -> {} {}", self.to, self.status, String::from_utf8_lossy(&self.body))
    }
}

#[test]
fn answers_are_read_whole_and_in_chunks() {
    let whole = parse(b"HTTP/1.1 404 Not Found\r\nContent-Type: a/b\r\n\r\n{}");
    assert_eq!((whole.status, whole.header("content-type"), whole.body.as_slice()), (404, Some("a/b"), &b"{}"[..]));
    let chunks = parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
    assert_eq!(chunks.body, b"abcd");
}
