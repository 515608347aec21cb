//! HTTP/1.1 listener of `/metrics`: one request per connection, with limits on concurrency and time.
//! Knows no metric by name.

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
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::either::Either;
use tracing::warn;

use crate::lab::Lab;
use crate::limits::{SCRAPE_TIME_MAX, SCRAPES_MAX};
use crate::server::endpoint::SocketAccess;
use crate::server::error::ServeError;
use crate::server::metrics::address::MetricsAddress;
use crate::server::transport::unix_socket::{self, SocketFile};
use crate::web::metrics::page::MetricsPage;
use crate::web::metrics::snapshot::Snapshot;

/// The only path.
const PATH: &str = "/metrics";
/// Largest head of a request, in bytes; a scraper sends some hundred, and hyper accepts no smaller
/// limit.
const HEAD_BYTES_MAX: usize = 8 << 10;
/// Pause after a failed accept, e.g. without free descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound listener.
#[derive(Debug)]
pub struct Metrics {
    listener: MetricsListener,
}

#[derive(Debug)]
enum MetricsListener {
    Tcp(TcpListener),
    Unix(UnixListener, BoundFile),
}

/// Path and file of the socket, removed with its listener.
#[derive(Debug)]
struct BoundFile(PathBuf, SocketFile);

impl Drop for BoundFile {
    fn drop(&mut self) {
        self.1.remove(&self.0);
    }
}

impl Metrics {
    /// Binds the listener; a Unix socket is for the daemon's user only.
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
                MetricsListener::Unix(listener, BoundFile(path.clone(), file))
            }
        };
        Ok(Self { listener })
    }

    /// Its address; includes a port number chosen by the system.
    pub fn address(&self) -> Option<MetricsAddress> {
        match &self.listener {
            MetricsListener::Tcp(tcp) => tcp.local_addr().ok().map(MetricsAddress::Tcp),
            MetricsListener::Unix(_, BoundFile(path, _)) => {
                Some(MetricsAddress::Unix(path.clone()))
            }
        }
    }

    /// Answers scrapes while this future is polled.
    pub async fn serve(self, lab: Lab) {
        let page = MetricsPage::new(move || Snapshot::of(&lab));
        let slots = Arc::new(Semaphore::new(SCRAPES_MAX));
        loop {
            let slot = Arc::clone(&slots).acquire_owned().await;
            let accepted = match &self.listener {
                MetricsListener::Tcp(tcp) => {
                    tcp.accept().await.map(|(stream, _)| Either::Left(stream))
                }
                MetricsListener::Unix(unix, _) => {
                    unix.accept().await.map(|(stream, _)| Either::Right(stream))
                }
            };
            match accepted {
                Ok(stream) => {
                    let page = page.clone();
                    tokio::spawn(async move {
                        answer(stream, page).await;
                        drop(slot);
                    });
                }
                Err(problem) => {
                    warn!(%problem, "a scrape cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

async fn answer(stream: Either<TcpStream, UnixStream>, page: MetricsPage) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (page, method, path) =
            (page.clone(), request.method().clone(), request.uri().path().to_owned());
        async move {
            // Some metrics come from the store, and a disk may block.
            let response = tokio::task::spawn_blocking(move || respond(&method, &path, &page));
            let failed = |_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be read");
            Ok::<_, Infallible>(response.await.unwrap_or_else(failed))
        }
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A slow or broken client affects only its own scrape.
    let _ = tokio::time::timeout(SCRAPE_TIME_MAX, served).await;
}

fn respond(method: &Method, path: &str, page: &MetricsPage) -> Response<String> {
    match (path, method) {
        (PATH, &Method::GET) => match page.text() {
            Ok(text) => {
                let mut response = Response::new(text);
                let format = HeaderValue::from_static(TEXT_FORMAT);
                response.headers_mut().insert(CONTENT_TYPE, format);
                response
            }
            Err(problem) => plain(StatusCode::INTERNAL_SERVER_ERROR, &problem),
        },
        (PATH, _) => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            response
        }
        _ => plain(StatusCode::NOT_FOUND, "only /metrics is served"),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<String> {
    let mut response = Response::new(format!("{text}\n"));
    *response.status_mut() = status;
    response
}
