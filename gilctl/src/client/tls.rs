//! TLS connector that records why a connection failed. With TLS 1.3 a daemon refuses a client
//! certificate only after the client's side of the handshake, and HTTP/2 may drop the alert.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
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
use crate::client::tls_errors::TlsError;

/// The only protocol negotiated inside TLS.
const HTTP2: &[u8] = b"h2";

/// TLS configuration; clones share one error slot.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    error: TlsErrorSlot,
}

/// The TLS error of the last failed connection, if there was one.
#[derive(Debug, Clone, Default)]
pub struct TlsErrorSlot(Arc<Mutex<Option<TlsError>>>);

/// PEM texts: the authorities to trust and the certificate to present.
#[derive(Debug)]
pub struct TlsFiles {
    /// The authorities that may sign the daemon's certificate.
    pub authorities: Vec<u8>,
    /// The client certificate and its key.
    pub own: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tls {
    /// Parses the PEM texts.
    ///
    /// # Errors
    ///
    /// Names the flag whose file cannot be used, and why.
    pub fn new(files: &TlsFiles) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for authority in certificates(&files.authorities, "--ca")? {
            roots.add(authority).map_err(|error| format!("--ca: {error}"))?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        let mut config = match &files.own {
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
        Ok(Self { config: Arc::new(config), error: TlsErrorSlot::default() })
    }

    /// Connects to `endpoint`, which names host and port.
    pub async fn connect(&self, endpoint: &Endpoint) -> Result<Channel, Error> {
        let tls = self.clone();
        let connector = tower::service_fn(move |uri: Uri| {
            let tls = tls.clone();
            async move { tls.handshake(&uri).await.map(TokioIo::new) }
        });
        endpoint.connect_with_connector(connector).await
    }

    /// The slot in which connections record their TLS errors.
    pub fn error_slot(&self) -> TlsErrorSlot {
        self.error.clone()
    }

    async fn handshake(&self, uri: &Uri) -> io::Result<ErrorCapture> {
        let host = uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(io::Error::other)?;
        let stream = TcpStream::connect((bare, uri.port_u16().unwrap_or_default())).await?;
        stream.set_nodelay(true)?;
        let stream = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await?;
        Ok(ErrorCapture { stream, error: self.error_slot() })
    }
}

impl TlsErrorSlot {
    /// The TLS error of the last failed connection.
    pub fn get(&self) -> Option<TlsError> {
        self.0.lock().clone()
    }

    fn record(&self, error: &io::Error) {
        if let Some(error) = tls_errors::find(error) {
            *self.0.lock() = Some(error);
        }
    }
}

fn certificates(pem: &[u8], flag: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|it| !it.is_empty()).ok_or_else(|| format!("{flag}: holds no certificate"))
}

/// A TLS stream that records its read errors.
struct ErrorCapture {
    stream: TlsStream<TcpStream>,
    error: TlsErrorSlot,
}

impl AsyncRead for ErrorCapture {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Poll::Ready(Err(error)) = &polled {
            self.error.record(error);
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
