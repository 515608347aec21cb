//! Serving: the lab's services with health and reflection, on sockets or on a pipe in memory.
//! Binds and stops; knows nothing of what the services do.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as BlockingUnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proto::v1::exploration_service_server::ExplorationServiceServer;
use proto::v1::lab_service_server::LabServiceServer;
use proto::v1::sweep_service_server::SweepServiceServer;
use tokio::net::{TcpListener, UnixListener};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::{Router, TcpIncoming};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::config::{DRAIN_TIMEOUT, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, MESSAGE_BYTES_MAX};
use crate::lab::Lab;
use crate::service::Services;

/// How long connections have at least to end after the lab's work has.
const GOODBYE: Duration = Duration::from_millis(300);
/// A socket's directory is its user's alone; so is the socket.
const DIRECTORY_MODE: u32 = 0o700;
const SOCKET_MODE: u32 = 0o600;

/// Why the server cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody listens there already.
    #[error("{address} is in use: another daemon answers there; stop it or choose another address")]
    InUse {
        /// The socket or address.
        address: String,
    },
    /// The socket, its directory or the port cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The socket or address.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Open to other machines, and there is no protection yet.
    #[error(
        "listen: {0} is beyond loopback, which needs TLS and a token; \
         listen on 127.0.0.1 or [::1] instead"
    )]
    BeyondLoopback(SocketAddr),
    /// The transport failed while it served.
    #[error("the server stopped: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Sockets that are bound and not yet served.
#[derive(Debug)]
pub struct Bound {
    unix: UnixListener,
    path: PathBuf,
    /// Whether the socket's file goes with the server: one that was handed over is its opener's.
    file: SocketFile,
    tcp: Option<TcpListener>,
    drain: Duration,
}

/// Whose the file of the Unix socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SocketFile {
    Ours,
    Theirs,
}

/// Sockets that somebody else opened, and that are served instead of those that would be bound.
#[derive(Debug, Default)]
pub struct Inherited {
    /// In place of the Unix socket.
    pub unix: Option<std::os::unix::net::UnixListener>,
    /// In place of the address.
    pub tcp: Option<std::net::TcpListener>,
}

impl Bound {
    /// Binds the Unix socket, and a loopback port if one is asked for.
    pub async fn bind(path: &Path, listen: Option<SocketAddr>) -> Result<Self, ServeError> {
        Self::bind_beside(Inherited::default(), path, listen).await
    }

    /// The same, where what was handed over comes first.
    pub async fn bind_beside(
        inherited: Inherited,
        path: &Path,
        listen: Option<SocketAddr>,
    ) -> Result<Self, ServeError> {
        let tcp = match (inherited.tcp, listen) {
            (Some(tcp), _) => Some(adopt_tcp(tcp)?),
            (None, None) => None,
            (None, Some(address)) if !address.ip().is_loopback() => {
                return Err(ServeError::BeyondLoopback(address));
            }
            (None, Some(address)) => Some(
                TcpListener::bind(address)
                    .await
                    .map_err(|e| bind_error(&address.to_string(), e))?,
            ),
        };
        let (unix, path, file) = match inherited.unix {
            Some(unix) => {
                let (unix, path) = adopt_unix(unix, path)?;
                (unix, path, SocketFile::Theirs)
            }
            None => (bind_unix(path)?, path.to_owned(), SocketFile::Ours),
        };
        Ok(Self { unix, path, file, tcp, drain: DRAIN_TIMEOUT })
    }

    /// Gives what runs and open connections so long to end, instead of [`DRAIN_TIMEOUT`].
    #[must_use]
    pub fn with_drain_timeout(self, drain: Duration) -> Self {
        Self { drain, ..self }
    }

    /// Where Unix clients connect.
    pub fn unix_path(&self) -> &Path {
        &self.path
    }

    /// Where TCP clients connect, if anywhere; tells a port that was chosen by the system.
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().and_then(|tcp| tcp.local_addr().ok())
    }

    /// Serves `lab` until `stop` resolves; then refuses new work, ends what runs, and
    /// gives open connections the drain time-out to end.
    pub async fn serve(self, lab: Lab, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { unix, path, file, tcp, drain: patience } = self;
        let stopping = CancellationToken::new();
        let reporter = reporter().await;
        let (router, second) = (router(&lab, &reporter), router(&lab, &reporter));
        let unix_server = router.serve_with_incoming_shutdown(
            UnixListenerStream::new(unix),
            stopping.clone().cancelled_owned(),
        );
        let tcp_stop = stopping.clone();
        let tcp_server = async move {
            let Some(tcp) = tcp else { return Ok(()) };
            let incoming = TcpIncoming::from(tcp).with_nodelay(Some(true));
            second.serve_with_incoming_shutdown(incoming, tcp_stop.cancelled_owned()).await
        };
        let servers = async { tokio::try_join!(unix_server, tcp_server) };
        let drained = async {
            stop.await;
            let deadline = tokio::time::Instant::now() + patience;
            drain(&lab, &reporter, patience).await;
            stopping.cancel();
            tokio::time::sleep_until(deadline.max(tokio::time::Instant::now() + GOODBYE)).await;
        };
        tokio::pin!(servers);
        let ended = tokio::select! {
            ended = &mut servers => ended.map(drop),
            () = drained => Ok(()),
        };
        if file == SocketFile::Ours {
            // Leaving a dead socket behind would only cost the next start a connect.
            let _ = std::fs::remove_file(&path);
        }
        ended.map_err(ServeError::from)
    }
}

/// Says that it no longer serves and ends the lab's work; followers see the last events meanwhile.
async fn drain(lab: &Lab, reporter: &HealthReporter, patience: Duration) {
    reporter.set_service_status("", ServingStatus::NotServing).await;
    reporter.set_not_serving::<SweepServiceServer<Services>>().await;
    reporter.set_not_serving::<LabServiceServer<Services>>().await;
    reporter.set_not_serving::<ExplorationServiceServer<Services>>().await;
    let lab = lab.clone();
    let stopped = tokio::task::spawn_blocking(move || lab.stop(patience)).await;
    if !matches!(stopped, Ok(true)) {
        tracing::warn!("what was running did not end in time and is left behind");
    }
}

/// Says of every service that it serves.
pub(crate) async fn reporter() -> HealthReporter {
    let reporter = HealthReporter::new();
    reporter.set_serving::<SweepServiceServer<Services>>().await;
    reporter.set_serving::<LabServiceServer<Services>>().await;
    reporter.set_serving::<ExplorationServiceServer<Services>>().await;
    reporter
}

/// Every service of `lab`, for one listener.
pub(crate) fn router(lab: &Lab, reporter: &HealthReporter) -> Router {
    let services = Services::new(lab.clone());
    let health = tonic_health::pb::health_server::HealthServer::new(
        tonic_health::server::HealthService::from_health_reporter(reporter.clone()),
    );
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .expect("the descriptors are checked in and tested");
    let lab_service =
        LabServiceServer::new(services.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let sweep_service =
        SweepServiceServer::new(services.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let exploration_service =
        ExplorationServiceServer::new(services).max_decoding_message_size(MESSAGE_BYTES_MAX);
    Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .add_service(health)
        .add_service(reflection)
        .add_service(lab_service)
        .add_service(sweep_service)
        .add_service(exploration_service)
}

/// Takes over a socket that somebody else opened and named.
fn adopt_unix(
    unix: std::os::unix::net::UnixListener,
    expected: &Path,
) -> Result<(UnixListener, PathBuf), ServeError> {
    let named = unix.local_addr().ok().and_then(|at| at.as_pathname().map(Path::to_owned));
    let path = named.unwrap_or_else(|| expected.to_owned());
    let adopted = unix.set_nonblocking(true).and_then(|()| UnixListener::from_std(unix));
    let adopted = adopted.map_err(|error| bind_error(&path.display().to_string(), error))?;
    Ok((adopted, path))
}

/// The same of a port, which must be as safe as one that is asked for.
fn adopt_tcp(tcp: std::net::TcpListener) -> Result<TcpListener, ServeError> {
    let failed = |error| bind_error("the TCP socket that was handed over", error);
    let address = tcp.local_addr().map_err(failed)?;
    if !address.ip().is_loopback() {
        return Err(ServeError::BeyondLoopback(address));
    }
    tcp.set_nonblocking(true).and_then(|()| TcpListener::from_std(tcp)).map_err(failed)
}

/// A socket that only its user can reach. A stale one is removed, once a connect has failed.
pub(crate) fn bind_unix(path: &Path) -> Result<UnixListener, ServeError> {
    let address = path.display().to_string();
    let failed = |source| bind_error(&address, source);
    if let Some(directory) = path.parent().filter(|directory| !directory.exists()) {
        std::fs::DirBuilder::new().mode(DIRECTORY_MODE).create(directory).map_err(failed)?;
    }
    if let Ok(found) = std::fs::symlink_metadata(path) {
        if !found.file_type().is_socket() {
            return Err(failed(io::Error::other("there is a file that is no socket")));
        }
        match BlockingUnixStream::connect(path) {
            Err(refused) if refused.kind() == io::ErrorKind::ConnectionRefused => {
                std::fs::remove_file(path).map_err(failed)?;
            }
            Ok(_) | Err(_) => return Err(ServeError::InUse { address }),
        }
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    let mode = std::fs::Permissions::from_mode(SOCKET_MODE);
    std::fs::set_permissions(path, mode).map_err(failed)?;
    Ok(listener)
}

pub(crate) fn bind_error(address: &str, source: io::Error) -> ServeError {
    let address = address.to_owned();
    if source.kind() == io::ErrorKind::AddrInUse {
        ServeError::InUse { address }
    } else {
        ServeError::Bind { address, source }
    }
}
