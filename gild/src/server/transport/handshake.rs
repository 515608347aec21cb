//! The first moments of a connection: who it is, TLS if the port speaks it, and the first words of
//! HTTP/2, all within a time limit. Serves nothing yet.

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

/// What every client of HTTP/2 says first (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// How long whoever failed the handshake may go on before the connection is closed.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a visitor is not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("it did not greet within {} s", HANDSHAKE_TIMEOUT.as_secs())]
    Silent,
    #[error("it left before it greeted")]
    Left,
    #[error("it speaks TLS, and this port does not: http:// instead of https://")]
    SpeaksTls,
    #[error("it does not speak HTTP/2")]
    SpeaksOther,
    #[error("TLS: {0}")]
    Tls(io::Error),
    #[error(transparent)]
    TooManyConnections(#[from] TooManyConnections),
    #[error("the system does not say who it is: {0}")]
    Unknown(io::Error),
}

/// A connection as the system hands it over.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// Through the socket.
    Unix(UnixStream),
    /// Through the port.
    Tcp(TcpStream),
}

impl Accepted {
    /// Where it comes from.
    pub(crate) fn peer(&self) -> io::Result<Peer> {
        match self {
            Self::Unix(stream) => {
                let peer = stream.peer_cred()?;
                Ok(Peer::Process { uid: peer.uid(), pid: peer.pid() })
            }
            Self::Tcp(stream) => stream.peer_addr().map(Peer::Address),
        }
    }

    /// Greets it, and gives it a place.
    pub(crate) async fn greet(
        self,
        peer: Peer,
        credentials: &Credentials,
        census: &ConnectionLimiter,
    ) -> Result<Connection, Refusal> {
        let greeted = timeout(HANDSHAKE_TIMEOUT, async {
            let (mut line, certificate) = self.line(credentials).await?;
            hear_preface(&mut line).await?;
            Ok::<_, Refusal>((line, certificate))
        });
        let (line, certificate) = greeted.await.map_err(|_| Refusal::Silent)??;
        let place = census.admit(peer.origin())?;
        let visitor = PeerInfo::new(peer, certificate);
        let age_max = CONNECTION_AGE_MAX + CONNECTION_GRACE;
        Ok(Connection::new(line, PREFACE, visitor, place, age_max))
    }

    /// A line to it, and the name of the certificate that it showed.
    async fn line(
        self,
        credentials: &Credentials,
    ) -> Result<(Box<dyn ByteStream>, Option<String>), Refusal> {
        let stream = match self {
            Self::Unix(stream) => return Ok((Box::new(stream), None)),
            Self::Tcp(stream) => stream,
        };
        // Events are small, and whoever watches should not wait for the next one.
        stream.set_nodelay(true).map_err(Refusal::Unknown)?;
        let Some(acceptor) = credentials.acceptor() else { return Ok((Box::new(stream), None)) };
        let stream = match acceptor.accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, stream)) => return Err(part(error, stream).await),
        };
        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let name = shown.map(name_of);
        Ok((Box::new(stream), name))
    }
}

/// Why the handshake failed. The other side should hear of it: closed with its words unread, the
/// connection would be reset, and ours lost.
async fn part(error: io::Error, mut stream: TcpStream) -> Refusal {
    if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) {
        return Refusal::Left;
    }
    let listening = async {
        stream.shutdown().await?;
        let mut unheard = [0; 1024];
        while stream.read(&mut unheard).await? > 0 {}
        io::Result::Ok(())
    };
    // However that ends, there is nothing more to say.
    let _ = timeout(FAREWELL, listening).await;
    Refusal::Tls(error)
}

/// Reads the first words, and stops at the first wrong one.
async fn hear_preface(line: &mut Box<dyn ByteStream>) -> Result<(), Refusal> {
    let mut heard = [0; PREFACE.len()];
    let mut length = 0;
    while length < heard.len() {
        length += match line.read(&mut heard[length..]).await {
            Ok(0) => return Err(Refusal::Left),
            Ok(more) => more,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(Refusal::Tls(error));
            }
            Err(_) => return Err(Refusal::Left),
        };
        if heard[..length] != PREFACE[..length] {
            let spoke_tls = heard[0] == TLS_HANDSHAKE;
            return Err(if spoke_tls { Refusal::SpeaksTls } else { Refusal::SpeaksOther });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::endpoint::ListenConfig;

    async fn greet(said: &[u8]) -> Result<Connection, Refusal> {
        let (near, mut far) = UnixStream::pair().expect("a pair");
        far.write_all(said).await.expect("it is open");
        drop(far);
        let guest = Accepted::Unix(near);
        let peer = guest.peer().expect("this process");
        let credentials = Credentials::load(&ListenConfig::default()).expect("no file");
        guest.greet(peer, &credentials, &ConnectionLimiter::default()).await
    }

    #[tokio::test]
    async fn completed_handshake_has_uid_and_pid() {
        let mut connection = greet(&[PREFACE.as_slice(), b"!"].concat()).await.expect("let in");
        let mut heard = Vec::new();
        connection.read_to_end(&mut heard).await.expect("it ended in order");
        assert_eq!(heard, [PREFACE.as_slice(), b"!"].concat(), "nothing is lost");
        let visitor = tonic::transport::server::Connected::connect_info(&connection);
        let uid = nix::unistd::getuid().as_raw();
        let pid = i32::try_from(std::process::id()).ok();
        assert_eq!(visitor.peer(), Peer::Process { uid, pid });
    }

    #[tokio::test]
    async fn other_protocols_are_distinguished() {
        let refusal = async |said| greet(said).await.err().expect("refused");
        assert!(matches!(refusal(b"").await, Refusal::Left));
        assert!(matches!(refusal(&PREFACE[..23]).await, Refusal::Left));
        assert!(matches!(refusal(b"GET / HTTP/1.1\r\n").await, Refusal::SpeaksOther));
        assert!(matches!(refusal(b"PRI * HTTP/1").await, Refusal::SpeaksOther));
        assert!(matches!(refusal(&[22, 3, 1]).await, Refusal::SpeaksTls));
    }
}
