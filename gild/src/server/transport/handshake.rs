//! Handshake of an accepted connection: its peer, TLS if the port uses it, and the HTTP/2 preface,
//! within a time limit.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::limits::{CONNECTION_AGE_MAX, CONNECTION_GRACE, HANDSHAKE_TIMEOUT};
use crate::server::auth::credentials::Credentials;
use crate::server::auth::peer::{Peer, PeerInfo};
use crate::server::auth::tls::name_of;
use crate::server::transport::connection::{ByteStream, Connection};
use crate::server::transport::connection_limit::{ConnectionLimiter, TooManyConnections};

/// The preface that each HTTP/2 client sends first (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Longest wait for a client to close its connection after a failed TLS handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Error of a handshake; its text is logged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("no HTTP/2 preface within {} s", HANDSHAKE_TIMEOUT.as_secs())]
    TimedOut,
    #[error("the client disconnected during the handshake")]
    Disconnected,
    #[error("the client uses TLS and this port does not; use http:// instead of https://")]
    UnexpectedTls,
    #[error("the client does not use HTTP/2")]
    NotHttp2,
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
            read_preface(&mut stream).await?;
            Ok::<_, HandshakeError>((stream, certificate))
        });
        let (stream, certificate) = done.await.map_err(|_| HandshakeError::TimedOut)??;
        let permit = limiter.admit(peer.origin())?;
        let info = PeerInfo::new(peer, certificate);
        let age_max = CONNECTION_AGE_MAX + CONNECTION_GRACE;
        Ok(Connection::new(stream, PREFACE, info, permit, age_max))
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

/// Reads the preface, and stops at the first wrong byte.
async fn read_preface(stream: &mut Box<dyn ByteStream>) -> Result<(), HandshakeError> {
    let mut received = [0; PREFACE.len()];
    let mut length = 0;
    while length < received.len() {
        length += match stream.read(&mut received[length..]).await {
            Ok(0) => return Err(HandshakeError::Disconnected),
            Ok(more) => more,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(HandshakeError::Tls(error));
            }
            Err(_) => return Err(HandshakeError::Disconnected),
        };
        if received[..length] != PREFACE[..length] {
            let is_tls = received[0] == TLS_HANDSHAKE;
            return Err(if is_tls {
                HandshakeError::UnexpectedTls
            } else {
                HandshakeError::NotHttp2
            });
        }
    }
    Ok(())
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
    async fn other_protocols_are_distinguished() {
        let error = async |sent| handshake(sent).await.err().expect("refused");
        assert!(matches!(error(b"").await, HandshakeError::Disconnected));
        assert!(matches!(error(&PREFACE[..23]).await, HandshakeError::Disconnected));
        assert!(matches!(error(b"GET / HTTP/1.1\r\n").await, HandshakeError::NotHttp2));
        assert!(matches!(error(b"PRI * HTTP/1").await, HandshakeError::NotHttp2));
        assert!(matches!(error(&[22, 3, 1]).await, HandshakeError::UnexpectedTls));
    }
}
