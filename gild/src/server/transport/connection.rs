//! Connection after its handshake: a byte stream that ends at its maximal age. Knows no protocol.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::server::auth::peer::PeerInfo;
use crate::server::transport::connection_limit::ConnectionPermit;
use crate::server::transport::malformed_request::ResetScanner;

/// A byte stream in both directions.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl ByteStream for UnixStream {}
impl ByteStream for TcpStream {}
impl ByteStream for TlsStream<TcpStream> {}

/// The first bytes of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The preface of HTTP/2.
    Http2(&'static [u8]),
    /// The head of a request of HTTP/1.1, and what was read with it.
    Http1(Vec<u8>),
}

/// A connection after its handshake.
pub(crate) struct Connection {
    stream: Box<dyn ByteStream>,
    /// Bytes that the handshake has read and the server has not.
    read_ahead: Bytes,
    /// Whether these are of HTTP/2, whose malformed requests leave no other trace than a frame.
    is_http2: bool,
    peer: PeerInfo,
    end: Pin<Box<Sleep>>,
    _permit: ConnectionPermit,
    /// Until the first request reaches the services, or the first malformed one is reported.
    first_request: Option<FirstRequest>,
}

/// Scanner of the frames written before the first request, and the report of a malformed request.
struct FirstRequest {
    scanner: ResetScanner,
    on_malformed: Box<dyn FnOnce() + Send>,
}

impl Connection {
    /// A connection whose `opening` was read; reads fail after `age_max`.
    pub(crate) fn new(
        stream: Box<dyn ByteStream>,
        opening: Opening,
        peer: PeerInfo,
        permit: ConnectionPermit,
        age_max: Duration,
    ) -> Self {
        let end = Box::pin(sleep(age_max));
        let (read_ahead, is_http2) = match opening {
            Opening::Http2(preface) => (Bytes::from_static(preface), true),
            Opening::Http1(head) => (Bytes::from(head), false),
        };
        Self { stream, read_ahead, is_http2, peer, end, _permit: permit, first_request: None }
    }

    /// Calls `report` once if a malformed request is reset before any other reaches the services.
    #[must_use]
    pub(crate) fn on_malformed_request(self, report: impl FnOnce() + Send + 'static) -> Self {
        if !self.is_http2 {
            return self;
        }
        let on_malformed = Box::new(report);
        let first_request = FirstRequest { scanner: ResetScanner::default(), on_malformed };
        Self { first_request: Some(first_request), ..self }
    }

    /// Scans written bytes for a reset.
    fn inspect(&mut self, written: &[u8]) {
        let Some(first) = &mut self.first_request else { return };
        if self.peer.has_sent_request() {
            self.first_request = None;
        } else if first.scanner.scan(written)
            && let Some(FirstRequest { on_malformed, .. }) = self.first_request.take()
        {
            on_malformed();
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = PeerInfo;

    fn connect_info(&self) -> PeerInfo {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.read_ahead.is_empty() {
            let most = self.read_ahead.len().min(buffer.remaining());
            let now = self.read_ahead.split_to(most);
            buffer.put_slice(&now);
            return Poll::Ready(Ok(()));
        }
        // The server always polls for the next bytes, so the age is checked here.
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.inspect(&bytes[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?;
        let mut left = written;
        for slice in slices {
            let (now, _) = slice.split_at(left.min(slice.len()));
            self.inspect(now);
            left -= now.len();
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::server::auth::peer::Peer;
    use crate::server::transport::connection_limit::ConnectionLimiter;

    fn connection(age_max: Duration) -> (Connection, UnixStream) {
        let (near, far) = UnixStream::pair().expect("a pair");
        let peer = Peer::Process { uid: 1, pid: None };
        let permit = ConnectionLimiter::default().admit(peer.origin()).expect("a permit");
        let info = PeerInfo::new(peer, None);
        (Connection::new(Box::new(near), Opening::Http2(b"opening "), info, permit, age_max), far)
    }

    #[tokio::test]
    async fn preface_is_read_before_the_stream() {
        let (mut connection, mut far) = connection(Duration::from_mins(1));
        far.write_all(b"and more").await.expect("it is open");
        let mut bytes = [0; 16];
        connection.read_exact(&mut bytes[..3]).await.expect("a beginning");
        connection.read_exact(&mut bytes[3..]).await.expect("the rest");
        assert_eq!(&bytes, b"opening and more");
    }

    #[tokio::test]
    async fn aged_connection_times_out_while_idle() {
        let (mut connection, _far) = connection(Duration::from_millis(10));
        let error = connection.read_to_end(&mut Vec::new()).await.expect_err("its time is over");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
