//! The listener of `/metrics`: HTTP/1.1, one request a connection, few at once, none for long.
//! Knows no figure by name.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use prometheus::TEXT_FORMAT;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tracing::warn;

use crate::lab::Lab;
use crate::limits::{SCRAPE_TIME_MAX, SCRAPES_MAX};
use crate::server::endpoint::SocketAccess;
use crate::server::error::ServeError;
use crate::server::metrics::address::MetricsAddress;
use crate::server::metrics::families::page;
use crate::server::metrics::snapshot::Snapshot;
use crate::server::transport::unix_socket::{self, SocketFile};

/// The one page there is.
const PATH: &str = "/metrics";
/// Largest head of a request, in bytes; a scraper's has some hundred, and hyper takes no less.
const HEAD_BYTES_MAX: usize = 8 << 10;
/// How long to wait where no connection can be accepted, e.g. for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound listener.
#[derive(Debug)]
pub struct Metrics {
    listener: MetricsListener,
}

#[derive(Debug)]
enum MetricsListener {
    Tcp(TcpListener),
    Unix(UnixListener, ScrapeSlot),
}

/// Where the socket is; its file goes with its listener.
#[derive(Debug)]
struct ScrapeSlot(PathBuf, SocketFile);

impl Drop for ScrapeSlot {
    fn drop(&mut self) {
        self.1.remove(&self.0);
    }
}

impl Metrics {
    /// Binds; a Unix socket is its user's alone.
    pub async fn bind(address: &MetricsAddress) -> Result<Self, ServeError> {
        let listener = match address {
            MetricsAddress::Tcp(tcp) => {
                let bound = TcpListener::bind(tcp).await;
                MetricsListener::Tcp(
                    bound.map_err(|error| ServeError::bind(&address.to_string(), error))?,
                )
            }
            MetricsAddress::Unix(path) => {
                let (listener, file) = unix_socket::bind(path, &SocketAccess::OwnerOnly)?;
                MetricsListener::Unix(listener, ScrapeSlot(path.clone(), file))
            }
        };
        Ok(Self { listener })
    }

    /// Where it listens; tells a port that was chosen by the system.
    pub fn address(&self) -> Option<MetricsAddress> {
        match &self.listener {
            MetricsListener::Tcp(tcp) => tcp.local_addr().ok().map(MetricsAddress::Tcp),
            MetricsListener::Unix(_, ScrapeSlot(path, _)) => {
                Some(MetricsAddress::Unix(path.clone()))
            }
        }
    }

    /// Answers scrapes for as long as this is polled.
    pub async fn serve(self, lab: Lab) {
        let places = Arc::new(Semaphore::new(SCRAPES_MAX));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let accepted = match &self.listener {
                MetricsListener::Tcp(tcp) => {
                    tcp.accept().await.map(|(stream, _)| Stream::boxed(stream))
                }
                MetricsListener::Unix(unix, _) => {
                    unix.accept().await.map(|(stream, _)| Stream::boxed(stream))
                }
            };
            match accepted {
                Ok(stream) => {
                    let lab = lab.clone();
                    tokio::spawn(async move {
                        answer(stream, lab).await;
                        drop(place);
                    });
                }
                Err(problem) => {
                    warn!(%problem, "no scrape can be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Either kind of connection.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    fn boxed(stream: Self) -> Box<dyn Stream>
    where
        Self: Sized + 'static,
    {
        Box::new(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn answer(stream: Box<dyn Stream>, lab: Lab) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (lab, method, path) =
            (lab.clone(), request.method().clone(), request.uri().path().to_owned());
        async move {
            // Some figures are asked of the history, and a disk may take its time.
            let response = tokio::task::spawn_blocking(move || respond(&method, &path, &lab));
            let failed = |_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the figures cannot be read");
            Ok::<_, Infallible>(response.await.unwrap_or_else(failed))
        }
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A client that is slow or breaks off harms itself alone.
    let _ = tokio::time::timeout(SCRAPE_TIME_MAX, served).await;
}

fn respond(method: &Method, path: &str, lab: &Lab) -> Response<String> {
    match (path, method) {
        (PATH, &Method::GET) => match page(&Snapshot::of(lab)) {
            Ok(page) => {
                let mut response = Response::new(page);
                let format = HeaderValue::from_static(TEXT_FORMAT);
                response.headers_mut().insert(CONTENT_TYPE, format);
                response
            }
            Err(problem) => plain(StatusCode::INTERNAL_SERVER_ERROR, &problem.to_string()),
        },
        (PATH, _) => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            response
        }
        _ => plain(StatusCode::NOT_FOUND, "there is /metrics, and nothing else"),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<String> {
    let mut response = Response::new(format!("{text}\n"));
    *response.status_mut() = status;
    response
}
