//! A connection that was let in: bytes to and from its visitor until it is too old. Knows nothing
//! of what they mean.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::server::auth::peer::PeerInfo;
use crate::server::transport::connection_limit::ConnectionPermit;

/// Bytes in both directions.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl ByteStream for UnixStream {}
impl ByteStream for TcpStream {}
impl ByteStream for TlsStream<TcpStream> {}

/// A connection that was let in.
pub(crate) struct Connection {
    line: Box<dyn ByteStream>,
    /// What was read of the line already and is still to be handed on.
    opening: &'static [u8],
    visitor: PeerInfo,
    end: Pin<Box<Sleep>>,
    _place: ConnectionPermit,
}

impl Connection {
    /// A line whose first words, `opening`, were read; it is cut after `age_max`.
    pub(crate) fn new(
        line: Box<dyn ByteStream>,
        opening: &'static [u8],
        visitor: PeerInfo,
        place: ConnectionPermit,
        age_max: Duration,
    ) -> Self {
        Self { line, opening, visitor, end: Box::pin(sleep(age_max)), _place: place }
    }
}

impl Connected for Connection {
    type ConnectInfo = PeerInfo;

    fn connect_info(&self) -> PeerInfo {
        self.visitor.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.opening.is_empty() {
            let (now, later) = self.opening.split_at(self.opening.len().min(buffer.remaining()));
            buffer.put_slice(now);
            self.opening = later;
            return Poll::Ready(Ok(()));
        }
        // Somebody always waits for the next bytes, so the end is noticed here.
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.line).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.line).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.line).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
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
        let place = ConnectionLimiter::default().admit(peer.origin()).expect("a place");
        let visitor = PeerInfo::new(peer, None);
        (Connection::new(Box::new(near), b"opening ", visitor, place, age_max), far)
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
