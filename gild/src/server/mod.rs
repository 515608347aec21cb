//! Serving: the doors are opened, whoever may come in meets the lab's services, and in the end all
//! is closed again. Knows nothing of what the services do.

pub mod auth;
pub mod embedded;
pub mod endpoint;
pub mod health;
pub mod metrics;
pub mod routes;
pub mod transport;

use crate::server::transport::unix_socket;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use strategies::machine::native::memory;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic_health::server::HealthReporter;

use crate::server::auth::credentials::Credentials;
use crate::server::auth::secret_file::CredentialError;
use crate::server::health::reporter;

use crate::lab::Lab;
use crate::limits::{DRAIN_TIMEOUT, OPEN_FILES_WANTED};
use crate::server::auth::audit::Audit;
use crate::server::auth::layer::AuthLayer;
use crate::server::endpoint::{ListenConfig, SocketAccess, TcpEndpoint};
use crate::server::transport::listener::{Listener, ListenerContext, receive};
use crate::server::transport::unix_socket::SocketFile;

/// How long connections have at least to end after the lab's work has.
const GOODBYE: Duration = Duration::from_millis(300);
/// Connections that have greeted and wait to be served; a moment's worth.
const LET_IN_BUFFER: usize = 64;

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
    /// A file of tokens, certificates or a key cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The system has no thread for the lab's health.
    #[error(
        "the system has no thread: {0}; end some other program, or raise the limit of processes"
    )]
    Thread(io::Error),
    /// The transport failed while it served.
    #[error("the server stopped: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Doors that are bound and not yet served.
#[derive(Debug)]
pub struct Bound {
    socket: UnixListener,
    path: PathBuf,
    /// The socket's file, which goes with the server; one that was handed over is its opener's.
    file: Option<SocketFile>,
    port: Option<TcpListener>,
    credentials: Credentials,
    drain: Duration,
}

/// Sockets that somebody else opened, and that are served instead of those that would be bound.
#[derive(Debug, Default)]
pub struct Inherited {
    /// In place of the Unix socket.
    pub unix: Option<std::os::unix::net::UnixListener>,
    /// In place of the address.
    pub tcp: Option<std::net::TcpListener>,
}

impl Inherited {
    /// Where a port that was handed over listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().and_then(|tcp| tcp.local_addr().ok())
    }
}

impl Bound {
    /// Reads what opens the doors, and binds the socket at `path`, and the port if there is one.
    pub async fn bind(path: &Path, doors: &ListenConfig) -> Result<Self, ServeError> {
        Self::bind_beside(Inherited::default(), path, doors).await
    }

    /// The same, where what was handed over comes first.
    pub async fn bind_beside(
        inherited: Inherited,
        path: &Path,
        doors: &ListenConfig,
    ) -> Result<Self, ServeError> {
        let credentials = Credentials::load(doors)?;
        let port = match (inherited.tcp, &doors.port) {
            (Some(tcp), _) => Some(adopt_tcp(tcp)?),
            (None, None) => None,
            (None, Some(TcpEndpoint { address, .. })) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|error| bind_error(&address.to_string(), error))?)
            }
        };
        let (socket, path, file) = if let Some(socket) = inherited.unix {
            let (socket, path) = adopt_unix(socket, path)?;
            (socket, path, None)
        } else {
            let (socket, file) = unix_socket::bind(path, &doors.socket)?;
            (socket, path.to_owned(), Some(file))
        };
        Ok(Self { socket, path, file, port, credentials, drain: DRAIN_TIMEOUT })
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
        self.port.as_ref().and_then(|port| port.local_addr().ok())
    }

    /// A handle to read tokens and certificates again while the doors are open.
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// Serves `lab` until `stop` resolves; then refuses new work, ends what runs, and
    /// gives open connections the drain time-out to end.
    pub async fn serve(self, lab: Lab, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { socket, path, file, port, credentials, drain: patience } = self;
        want_open_files();
        let stopping = CancellationToken::new();
        let reporter = reporter().await;
        health::follow(&lab, &reporter).map_err(ServeError::Thread)?;
        let audit = Arc::new(Audit::default());
        let (let_in, guests) = mpsc::channel(LET_IN_BUFFER);
        let guard = AuthLayer::new(credentials.clone(), Arc::clone(&audit));
        let household = ListenerContext { credentials, audit, let_in };
        let listeners = [Some(Listener::Socket(socket)), port.map(Listener::Port)];
        // Nobody is received any more once these are dropped.
        let mut entrances = JoinSet::new();
        for listener in listeners.into_iter().flatten() {
            let receiving = receive(listener, household.clone());
            entrances.spawn(stopping.clone().run_until_cancelled_owned(receiving));
        }
        drop(household);
        let mut limited = routes::server().layer(guard);
        let serving =
            limited.add_routes(routes::routes(&lab, &reporter)).serve_with_incoming_shutdown(
                ReceiverStream::new(guests),
                stopping.clone().cancelled_owned(),
            );
        // What starting took is not needed any more, and a daemon is idle most of its life.
        memory::give_back();
        let ended = tokio::select! {
            ended = serving => ended,
            () = drained(&lab, &reporter, stop, &stopping, patience) => Ok(()),
        };
        if let Some(file) = file {
            file.remove(&path);
        }
        ended.map_err(ServeError::from)
    }
}

/// Waits for `stop`, ends the lab's work and then the server; resolves when the time is over.
async fn drained(
    lab: &Lab,
    reporter: &HealthReporter,
    stop: impl Future<Output = ()>,
    stopping: &CancellationToken,
    patience: Duration,
) {
    stop.await;
    let deadline = tokio::time::Instant::now() + patience;
    // Whatever holds the lab up, a stalled disk too, the time-out stands.
    if tokio::time::timeout_at(deadline, drain(lab, reporter, patience)).await.is_err() {
        tracing::warn!("the lab did not end in time and is left behind");
    }
    stopping.cancel();
    tokio::time::sleep_until(deadline.max(tokio::time::Instant::now() + GOODBYE)).await;
}

/// Says that it no longer serves and ends the lab's work; followers see the last events meanwhile.
async fn drain(lab: &Lab, reporter: &HealthReporter, patience: Duration) {
    health::report_the_end(reporter).await;
    let lab = lab.clone();
    let stopped = tokio::task::spawn_blocking(move || lab.stop(patience)).await;
    if !matches!(stopped, Ok(true)) {
        tracing::warn!("what was running did not end in time and is left behind");
    }
}

/// Asks for as many open files as full doors take; with fewer the doors are full earlier.
fn want_open_files() {
    let Ok((allowed, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let wanted = OPEN_FILES_WANTED.min(most);
    if allowed < wanted
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, wanted, most)
    {
        tracing::warn!(%error, allowed, wanted, "the limit of open files stays as it is");
    }
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

/// The same of a port, whose safety the doors have judged.
fn adopt_tcp(tcp: std::net::TcpListener) -> Result<TcpListener, ServeError> {
    let failed = |error| bind_error("the TCP socket that was handed over", error);
    tcp.set_nonblocking(true).and_then(|()| TcpListener::from_std(tcp)).map_err(failed)
}

/// A socket of the user's own, for others who serve beside the doors.
pub(crate) fn bind_unix(path: &Path) -> Result<(UnixListener, SocketFile), ServeError> {
    unix_socket::bind(path, &SocketAccess::Alone)
}

pub(crate) fn bind_error(address: &str, source: io::Error) -> ServeError {
    let address = address.to_owned();
    if source.kind() == io::ErrorKind::AddrInUse {
        ServeError::InUse { address }
    } else {
        ServeError::Bind { address, source }
    }
}
