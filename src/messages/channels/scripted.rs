//! Servers for the tests of the channels: tiny, real, on loopback, and as badly behaved as a test wants.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// A running server: where it is, and what it was told (SMTP: command lines and texts; HTTP: see [`Request`]).
pub struct Served<T> {
    pub addr: SocketAddr,
    seen: Arc<Mutex<Vec<T>>>,
}

impl<T: Clone> Served<T> {
    pub fn seen(&self) -> Vec<T> {
        self.seen.lock().unwrap().clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }
}

/// Listens on a free port and gives each connection to `serve`, with the list of what was seen.
async fn listen<T, F>(serve: impl Fn(TcpStream, Arc<Mutex<Vec<T>>>) -> F + Send + 'static) -> Served<T>
where
    T: Send + 'static,
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = Served { addr: listener.local_addr().unwrap(), seen: Arc::default() };
    let seen = served.seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, seen.clone()));
        }
    });
    served
}

/// An address at which nobody listens.
pub async fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// What a mail server sees once nobody listens to its endless answer any more.
pub const GONE: &str = "nobody listens";

/// What the mail server does now.
#[derive(Clone, Copy)]
pub enum Say {
    /// Answers with this line (or these, parted by CRLF).
    Line(&'static str),
    /// Begins an answer with this and never ends it, until the connection is closed; then [`GONE`] is seen.
    Endless(&'static str),
    /// Answers nothing and keeps the connection.
    Hang,
    /// Closes the connection.
    Close,
    /// Stops talking but goes on listening.
    HalfClose,
}

/// What a well-behaved mail server says. Steps are the commands' first words, and `GREETING` and `TEXT` (the end of the text).
pub fn friendly(step: &str) -> Say {
    Say::Line(match step {
        "GREETING" => "220 mail ready",
        "EHLO" => "250-mail\r\n250 8BITMIME",
        "AUTH" => "235 2.7.0 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        "TEXT" => "250 2.0.0 queued as 4711",
        _ => "250 2.1.0 ok",
    })
}

/// A mail server that answers each step as told.
pub async fn smtp(say: impl Fn(&str) -> Say + Send + Sync + 'static) -> Served<String> {
    let say = Arc::new(say);
    listen(move |stream, seen| {
        let say = say.clone();
        async move {
            let mut stream = BufStream::new(stream);
            let mut step = "GREETING".to_owned();
            loop {
                let said = say(&step);
                match said {
                    Say::Line(line) => stream.write_all(format!("{line}\r\n").as_bytes()).await?,
                    Say::Endless(begins) => {
                        stream.write_all(begins.as_bytes()).await?;
                        while stream.write_all(&[b'a'; 4096]).await.is_ok() {}
                        seen.lock().unwrap().push(GONE.to_owned());
                        return Ok(());
                    }
                    Say::Hang => std::future::pending().await,
                    Say::Close => return Ok(()),
                    Say::HalfClose => {
                        stream.shutdown().await?;
                        std::future::pending().await
                    }
                }
                stream.flush().await?;
                let in_text = step == "DATA" && matches!(said, Say::Line(line) if line.starts_with('3'));
                let told = if in_text { read_text(&mut stream).await? } else { read_line(&mut stream).await? };
                step = if in_text { "TEXT".into() } else { told.split(' ').next().unwrap_or_default().to_owned() };
                if told.is_empty() {
                    return Ok(());
                }
                seen.lock().unwrap().push(told);
            }
        }
    })
    .await
}

async fn read_line(stream: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}

async fn read_text(stream: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<String> {
    let mut text = String::new();
    while stream.read_line(&mut text).await? > 0 && !text.ends_with("\r\n.\r\n") {}
    Ok(text)
}

/// A request as the server read it; header names in lower case.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What the HTTP server does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Answers.
    Answer { status: u16, headers: Vec<(&'static str, &'static str)>, body: String },
    /// Answers nothing and keeps the connection.
    Hang,
    /// Promises more of a body than it sends, and keeps the connection.
    HangInside,
    /// Closes the connection.
    Close,
    /// Promises more of a body than it sends, and closes.
    Cut,
    /// Sends without end.
    Flood,
    /// Sends something that is not HTTP.
    Garbage,
}

impl Reply {
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }
}

/// An HTTP server that answers each request as told.
pub async fn http(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Served<Request> {
    let reply = Arc::new(reply);
    listen(move |stream, seen| {
        let reply = reply.clone();
        async move {
            let mut stream = BufStream::new(stream);
            while let Some(request) = read_request(&mut stream).await? {
                seen.lock().unwrap().push(request.clone());
                match reply(&request) {
                    Reply::Answer { status, headers, body } => {
                        let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
                        head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
                        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
                        stream.flush().await?;
                    }
                    Reply::Hang => std::future::pending().await,
                    Reply::HangInside | Reply::Cut => {
                        stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 99\r\n\r\n{\"name\":").await?;
                        stream.flush().await?;
                        if matches!(reply(&request), Reply::Cut) {
                            return Ok(());
                        }
                        std::future::pending().await
                    }
                    Reply::Close => return Ok(()),
                    Reply::Flood => {
                        stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 99999999\r\n\r\n").await?;
                        loop {
                            stream.write_all(&[b' '; 4096]).await?;
                        }
                    }
                    Reply::Garbage => {
                        stream.write_all(b"SSH-2.0-surprise\r\n\r\n").await?;
                        return stream.flush().await;
                    }
                }
            }
            Ok(())
        }
    })
    .await
}

async fn read_request(stream: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Request>> {
    let first = read_line(stream).await?;
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let mut headers = BTreeMap::new();
    loop {
        let line = read_line(stream).await?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request { method: method.into(), path: path.into(), headers, body: String::from_utf8(body).unwrap() }))
}
