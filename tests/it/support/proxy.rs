//! A way to the PostgreSQL of a test that can be barred, and that can fall silent, as a proxy, a network or a machine that is gone does.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use makker::base::db::DatabaseUrl;

/// A listener on loopback before a server; what it let through ends when this is dropped.
pub struct Proxy {
    /// The address of the same database, by this way.
    pub url: DatabaseUrl,
    state: Arc<State>,
}

struct State {
    server: Address,
    most: AtomicUsize,
    /// Who is told of those that are muted, and how many are to be.
    mute: Mutex<Option<(usize, mpsc::Sender<()>)>>,
    open: Mutex<Vec<Arc<Passage>>>,
}

/// One connection that was let through.
struct Passage {
    client: TcpStream,
    server: Box<dyn Stream>,
    is_silent: AtomicBool,
    /// Falls silent as soon as the client is signed in, and tells it.
    muted: Option<mpsc::Sender<()>>,
    is_over: AtomicBool,
}

#[derive(Clone)]
enum Address {
    Socket(String),
    Port(String),
}

trait Stream: Read + Write + Send + Sync {
    fn again(&self) -> Box<dyn Stream>;
    fn shut(&self);
}

impl Stream for TcpStream {
    fn again(&self) -> Box<dyn Stream> {
        Box::new(self.try_clone().unwrap())
    }
    fn shut(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl Stream for UnixStream {
    fn again(&self) -> Box<dyn Stream> {
        Box::new(self.try_clone().unwrap())
    }
    fn shut(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl Address {
    /// Where an address of a database leads, who signs in there, and to what: the name with the other parameters.
    fn of(url: &str) -> (Self, String, String) {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let rest = address.split_once("://").unwrap().1;
        let (authority, name) = rest.split_once('/').unwrap();
        let (user, place) = authority.rsplit_once('@').map_or((String::new(), authority), |(user, place)| (format!("{user}@"), place));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, ""));
        let pairs = || parameters.split('&').filter(|pair| !pair.is_empty());
        let given = |name: &str| pairs().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let host = given("host").unwrap_or(host);
        let port = given("port").or(Some(port).filter(|port| !port.is_empty())).unwrap_or("5432");
        let server =
            if host.starts_with('/') { Self::Socket(format!("{host}/.s.PGSQL.{port}")) } else { Self::Port(format!("{host}:{port}")) };
        let others: Vec<_> = pairs().filter(|pair| !pair.starts_with("host=") && !pair.starts_with("port=")).collect();
        (server, user, if others.is_empty() { name.to_owned() } else { format!("{name}?{}", others.join("&")) })
    }

    fn connect(&self) -> Box<dyn Stream> {
        match self {
            Self::Socket(path) => Box::new(UnixStream::connect(path).unwrap()),
            Self::Port(at) => Box::new(TcpStream::connect(at).unwrap()),
        }
    }
}

impl Proxy {
    /// Before the server of that database.
    pub fn before(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Postgres(url) = url else { panic!("only a server has a way to it") };
        let (server, user, name) = Address::of(url);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State { server, most: AtomicUsize::new(usize::MAX), mute: Mutex::default(), open: Mutex::default() });
        let same = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                same.let_through(client);
            }
        });
        Self { url: DatabaseUrl::Postgres(format!("postgres://{user}127.0.0.1:{port}/{name}")), state }
    }

    /// Lets so many through at a time, and closes on others.
    pub fn allow(&self, most: usize) {
        self.state.most.store(most, Ordering::SeqCst);
    }

    /// What is open now stays open and says nothing any more; what comes later is let through.
    pub fn fall_silent(&self) {
        self.state.open.lock().unwrap().iter().for_each(|passage| passage.is_silent.store(true, Ordering::SeqCst));
    }

    /// So many of those that come next fall silent as soon as they are signed in; each is told.
    pub fn mute(&self, most: usize) -> mpsc::Receiver<()> {
        let (tell, told) = mpsc::channel();
        *self.state.mute.lock().unwrap() = Some((most, tell));
        told
    }

    /// Ends what is open.
    pub fn cut(&self) {
        self.state.open.lock().unwrap().drain(..).for_each(|passage| passage.end());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.allow(0);
        self.cut();
    }
}

impl State {
    fn let_through(&self, client: TcpStream) {
        let mut open = self.open.lock().unwrap();
        open.retain(|passage| !passage.is_over.load(Ordering::SeqCst));
        if open.len() >= self.most.load(Ordering::SeqCst) {
            return;
        }
        let server = self.server.connect();
        let (from_client, from_server) = (client.again(), server.again());
        let muted = match &mut *self.mute.lock().unwrap() {
            Some((most @ 1.., tell)) => {
                *most -= 1;
                Some(tell.clone())
            }
            _ => None,
        };
        let (is_silent, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        let passage = Arc::new(Passage { client, server, is_silent, muted, is_over });
        open.push(Arc::clone(&passage));
        for (from, to, is_answer) in [(from_client, passage.server.again(), false), (from_server, passage.client.again(), true)] {
            let passage = Arc::clone(&passage);
            std::thread::spawn(move || passage.carry(from, to, is_answer));
        }
    }
}

impl Passage {
    fn carry(&self, mut from: Box<dyn Stream>, mut to: Box<dyn Stream>, is_answer: bool) {
        let mut bytes = [0; 8192];
        let mut heard = Vec::new();
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if let (true, Some(muted)) = (is_answer, &self.muted) {
                heard.extend_from_slice(&bytes[..count]);
                // `ReadyForQuery`: what stands before it is the last that the client hears.
                if !self.is_silent.load(Ordering::SeqCst) && heard.ends_with(b"Z\0\0\0\x05I") {
                    let _ = to.write_all(&bytes[..count]);
                    self.is_silent.store(true, Ordering::SeqCst);
                    let _ = muted.send(());
                }
            }
            if !self.is_silent.load(Ordering::SeqCst) && to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        // The other side of a silent one is not told.
        if !self.is_silent.load(Ordering::SeqCst) {
            self.end();
        }
    }

    fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.client.shut();
        self.server.shut();
    }
}
