//! Handshake of an accepted connection: its peer, TLS if the port uses it, and the HTTP/2 preface or the
//! head of the first request of HTTP/1.1, within a time limit.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::limits::{CONNECTION_AGE_MAX, CONNECTION_GRACE, HANDSHAKE_TIMEOUT, HEADER_BYTES_MAX};
use crate::server::auth::credentials::Credentials;
use crate::server::auth::peer::{Peer, PeerInfo};
use crate::server::auth::tls::name_of;
use crate::server::transport::connection::{ByteStream, Connection, Opening};
use crate::server::transport::connection_limit::{ConnectionLimiter, TooManyConnections};

/// The preface that each HTTP/2 client sends first (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// End of the head of a request of HTTP/1.1 (RFC 9112, section 2.1).
const HEAD_END: &[u8] = b"\r\n\r\n";
/// Longest method of a request: longer than any registered one that is in use.
const METHOD_LETTERS_MAX: usize = 16;
/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Longest wait for a client to close its connection after a failed TLS handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Error of a handshake; its text is logged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("no HTTP/2 preface and no request within {} s", HANDSHAKE_TIMEOUT.as_secs())]
    TimedOut,
    #[error("the client disconnected during the handshake")]
    Disconnected,
    #[error("the client uses TLS and this port does not; use http:// instead of https://")]
    UnexpectedTls,
    #[error("the client does not use HTTP")]
    NotHttp,
    #[error("the head of the first request has more than {HEADER_BYTES_MAX} bytes")]
    LongHead,
    #[error("TLS: {0}")]
    Tls(io::Error),
    #[error(transparent)]
    TooManyConnections(#[from] TooManyConnections),
    #[error("the system does not identify the peer: {0}")]
    NoPeer(io::Error),
}

/// A connection as the system returned it.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// From the Unix socket.
    Unix(UnixStream),
    /// From the TCP port.
    Tcp(TcpStream),
}

impl Accepted {
    /// Its peer.
    pub(crate) fn peer(&self) -> io::Result<Peer> {
        match self {
            Self::Unix(stream) => {
                let peer = stream.peer_cred()?;
                Ok(Peer::Process { uid: peer.uid(), pid: peer.pid() })
            }
            Self::Tcp(stream) => stream.peer_addr().map(Peer::Address),
        }
    }

    /// Completes the handshake, and counts the connection.
    pub(crate) async fn handshake(
        self,
        peer: Peer,
        credentials: &Credentials,
        limiter: &ConnectionLimiter,
    ) -> Result<Connection, HandshakeError> {
        let done = timeout(HANDSHAKE_TIMEOUT, async {
            let (mut stream, certificate) = self.secure(credentials).await?;
            let opening = read_opening(&mut stream).await?;
            Ok::<_, HandshakeError>((stream, certificate, opening))
        });
        let (stream, certificate, opening) = done.await.map_err(|_| HandshakeError::TimedOut)??;
        let permit = limiter.admit(peer.origin())?;
        let info = PeerInfo::new(peer, certificate);
        let age_max = CONNECTION_AGE_MAX + CONNECTION_GRACE;
        Ok(Connection::new(stream, opening, info, permit, age_max))
    }

    /// Its byte stream, and the name of the client's certificate.
    async fn secure(
        self,
        credentials: &Credentials,
    ) -> Result<(Box<dyn ByteStream>, Option<String>), HandshakeError> {
        let stream = match self {
            Self::Unix(stream) => return Ok((Box::new(stream), None)),
            Self::Tcp(stream) => stream,
        };
        // Events are small, and Nagle's algorithm would delay each until the next one.
        stream.set_nodelay(true).map_err(HandshakeError::NoPeer)?;
        let Some(acceptor) = credentials.acceptor() else { return Ok((Box::new(stream), None)) };
        let stream = match acceptor.accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, stream)) => return Err(reject(error, stream).await),
        };
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let name = certificate.map(name_of);
        Ok((Box::new(stream), name))
    }
}

/// Closes a connection whose TLS handshake failed. Reads until the client closes its side: closing
/// with unread bytes would reset the connection, and the client would not receive the TLS alert.
async fn reject(error: io::Error, mut stream: TcpStream) -> HandshakeError {
    if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) {
        return HandshakeError::Disconnected;
    }
    let closing = async {
        stream.shutdown().await?;
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    // The handshake has failed, however closing ends.
    let _ = timeout(CLOSE_TIMEOUT, closing).await;
    HandshakeError::Tls(error)
}

/// Reads the preface, or the head of a request of HTTP/1.1; stops at the first byte of neither.
async fn read_opening(stream: &mut Box<dyn ByteStream>) -> Result<Opening, HandshakeError> {
    let mut received = Vec::with_capacity(PREFACE.len());
    loop {
        let before = received.len();
        let is_preface = PREFACE.starts_with(&received);
        let most = if is_preface { PREFACE.len() } else { HEADER_BYTES_MAX as usize };
        match stream.take((most - before) as u64).read_buf(&mut received).await {
            Ok(0) => return Err(HandshakeError::Disconnected),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(HandshakeError::Tls(error));
            }
            Err(_) => return Err(HandshakeError::Disconnected),
        }
        if received == PREFACE {
            return Ok(Opening::Http2(PREFACE));
        }
        if PREFACE.starts_with(&received) {
            continue;
        }
        check_start(&received)?;
        let seen = before.saturating_sub(HEAD_END.len());
        if received[seen..].windows(HEAD_END.len()).any(|bytes| bytes == HEAD_END) {
            return Ok(Opening::Http1(received));
        }
        if received.len() >= HEADER_BYTES_MAX as usize {
            return Err(HandshakeError::LongHead);
        }
    }
}

/// Refuses bytes that begin no request of HTTP/1.1: a method is of capital letters, and a space follows.
fn check_start(received: &[u8]) -> Result<(), HandshakeError> {
    if received[0] == TLS_HANDSHAKE {
        return Err(HandshakeError::UnexpectedTls);
    }
    let method = received.split(|byte| *byte == b' ').next().unwrap_or_default();
    let is_method = (1..=METHOD_LETTERS_MAX).contains(&method.len())
        && method.iter().all(u8::is_ascii_uppercase)
        && method != b"PRI";
    if is_method { Ok(()) } else { Err(HandshakeError::NotHttp) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::endpoint::ListenConfig;

    async fn handshake(sent: &[u8]) -> Result<Connection, HandshakeError> {
        let (near, mut far) = UnixStream::pair().expect("a pair");
        far.write_all(sent).await.expect("it is open");
        drop(far);
        let accepted = Accepted::Unix(near);
        let peer = accepted.peer().expect("this process");
        let credentials = Credentials::load(&ListenConfig::default()).expect("no file");
        accepted.handshake(peer, &credentials, &ConnectionLimiter::default()).await
    }

    #[tokio::test]
    async fn completed_handshake_has_uid_and_pid() {
        let mut connection =
            handshake(&[PREFACE.as_slice(), b"!"].concat()).await.expect("accepted");
        let mut received = Vec::new();
        connection.read_to_end(&mut received).await.expect("it ended in order");
        assert_eq!(received, [PREFACE.as_slice(), b"!"].concat(), "nothing is lost");
        let info = tonic::transport::server::Connected::connect_info(&connection);
        let uid = nix::unistd::getuid().as_raw();
        let pid = i32::try_from(std::process::id()).ok();
        assert_eq!(info.peer(), Peer::Process { uid, pid });
    }

    #[tokio::test]
    async fn request_of_http1_is_accepted_and_nothing_of_it_is_lost() {
        let sent = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nbody";
        let mut connection = handshake(sent).await.expect("accepted");
        let mut received = Vec::new();
        connection.read_to_end(&mut received).await.expect("it ended in order");
        assert_eq!(received, sent);
    }

    #[tokio::test]
    async fn other_protocols_are_distinguished() {
        let error = async |sent| handshake(sent).await.err().expect("refused");
        assert!(matches!(error(b"").await, HandshakeError::Disconnected));
        assert!(matches!(error(&PREFACE[..23]).await, HandshakeError::Disconnected));
        assert!(matches!(error(b"GET / HTTP/1.1\r\n").await, HandshakeError::Disconnected));
        assert!(matches!(error(b"PRI * HTTP/1").await, HandshakeError::NotHttp));
        assert!(matches!(error(b"get / HTTP/1.1\r\n\r\n").await, HandshakeError::NotHttp));
        assert!(matches!(error(b"SSH-2.0-x\r\n").await, HandshakeError::NotHttp));
        let endless = [b"GET /".as_slice(), &[b'a'; HEADER_BYTES_MAX as usize]].concat();
        assert!(matches!(error(&endless).await, HandshakeError::LongHead));
        assert!(matches!(error(&[22, 3, 1]).await, HandshakeError::UnexpectedTls));
    }
}
