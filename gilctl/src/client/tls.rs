//! TLS to a daemon: shakes hands, and remembers what the other side said of us. With TLS 1.3 a
//! daemon refuses a certificate only after our side of the handshake is over, and HTTP/2 may lose
//! its words.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tonic::transport::{Channel, Endpoint, Error, Uri};

use crate::client::tls_errors;
use crate::error::Failure;

/// The only protocol that is spoken inside.
const HTTP2: &[u8] = b"h2";

/// A way to shake hands; clones remember together.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    witness: TlsErrorSlot,
}

/// Why the last connection failed, if TLS was the reason.
#[derive(Debug, Clone, Default)]
pub struct TlsErrorSlot(Arc<Mutex<Option<Failure>>>);

/// PEM texts to trust and to show.
#[derive(Debug)]
pub struct TlsFiles {
    /// The authorities of the daemon.
    pub authorities: Vec<u8>,
    /// Our certificate and its key.
    pub own: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tls {
    /// Reads the papers.
    ///
    /// # Errors
    ///
    /// Says which of them cannot be used, and why.
    pub fn new(papers: &TlsFiles) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for authority in certificates(&papers.authorities, "--ca")? {
            roots.add(authority).map_err(|error| format!("--ca: {error}"))?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        let mut config = match &papers.own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key)
                    .map_err(|_| "--key: holds no private key".to_owned())?;
                let chain = certificates(certificate, "--cert")?;
                let config = builder.with_client_auth_cert(chain, key);
                config.map_err(|error| format!("--key: does not fit --cert: {error}"))?
            }
        };
        config.alpn_protocols = vec![HTTP2.to_vec()];
        Ok(Self { config: Arc::new(config), witness: TlsErrorSlot::default() })
    }

    /// A channel to `endpoint`, which names host and port.
    pub async fn connect(&self, endpoint: &Endpoint) -> Result<Channel, Error> {
        let tls = self.clone();
        let connector = tower::service_fn(move |place: Uri| {
            let tls = tls.clone();
            async move { tls.shake_hands(&place).await.map(TokioIo::new) }
        });
        endpoint.connect_with_connector(connector).await
    }

    /// Remembers why connections fail.
    pub fn witness(&self) -> TlsErrorSlot {
        self.witness.clone()
    }

    async fn shake_hands(&self, place: &Uri) -> io::Result<ErrorCapture> {
        let host = place.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(io::Error::other)?;
        let stream = TcpStream::connect((bare, place.port_u16().unwrap_or_default())).await?;
        stream.set_nodelay(true)?;
        let stream = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await?;
        Ok(ErrorCapture { stream, witness: self.witness() })
    }
}

impl TlsErrorSlot {
    /// Why the last connection failed.
    pub fn failure(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hear(&self, error: &io::Error) {
        if let Some(failure) = tls_errors::failure(error) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        }
    }
}

fn certificates(pem: &[u8], flag: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|it| !it.is_empty()).ok_or_else(|| format!("{flag}: holds no certificate"))
}

/// A connection whose errors are heard by a witness.
struct ErrorCapture {
    stream: TlsStream<TcpStream>,
    witness: TlsErrorSlot,
}

impl AsyncRead for ErrorCapture {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Poll::Ready(Err(error)) = &polled {
            self.witness.hear(error);
        }
        polled
    }
}

impl AsyncWrite for ErrorCapture {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
