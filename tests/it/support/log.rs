//! The log of this test process at its most talkative, kept to be searched.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::EnvFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Keep;

impl Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to keep the log, and says how much of it there is already.
pub fn begin() -> usize {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let filter = EnvFilter::new("warn,makker=trace");
        tracing_subscriber::fmt().with_ansi(false).with_writer(|| Keep).with_env_filter(filter).init();
    });
    LOG.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// What was said since; other tests of this process may have said it.
pub fn since(begin: usize) -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)[begin..]).into_owned()
}
