//! The line to a mail server: on it no more is heard than a conversation needs.
//!
//! The mail library limits an answer, but reads each of its lines to the end first, and one need not have any.

#![expect(deprecated, reason = "nothing else of the mail library gives TLS from the first byte to a line of our own")]

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_io::{AsyncRead as LineRead, AsyncWrite as LineWrite};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::client::{AsyncNetworkStream, AsyncTokioStream, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that a server may say in one conversation: more than twice the one answer that the library would take.
const HEARD_MAX: usize = 256 * 1024;

/// How many bytes a server said in a conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<AtomicUsize>);

impl Heard {
    /// Another conversation begins.
    pub(super) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A line to a server.
#[derive(Debug)]
pub(super) struct Line {
    stream: AsyncNetworkStream,
    heard: Heard,
}

impl Line {
    /// Connects to the first of the addresses that answers in time, with TLS from the first byte where that is given.
    pub(super) async fn to(addresses: &[SocketAddr], within: Duration, tls: Option<TlsParameters>) -> Result<(Self, Heard), SmtpError> {
        let stream = AsyncNetworkStream::connect_tokio1(addresses, Some(within), tls, None).await?;
        let heard = Heard::default();
        Ok((Self { stream, heard: heard.clone() }, heard))
    }
}

impl AsyncTokioStream for Line {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let heard = self.heard.0.load(Ordering::Relaxed);
        if heard >= HEARD_MAX {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let more = ready!(LineRead::poll_read(Pin::new(&mut self.stream), context, into.initialize_unfilled()))?;
        into.advance(more);
        self.heard.0.store(heard.saturating_add(more), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        LineWrite::poll_write(Pin::new(&mut self.stream), context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        LineWrite::poll_flush(Pin::new(&mut self.stream), context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        LineWrite::poll_close(Pin::new(&mut self.stream), context)
    }
}

/// Whether it says that a server said more than it may.
pub(super) fn is_too_much(error: &(dyn Error + 'static)) -> bool {
    let is_ours = error.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::FileTooLarge);
    is_ours || error.source().is_some_and(is_too_much)
}
