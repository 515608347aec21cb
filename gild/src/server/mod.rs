//! Serving: the doors are opened, whoever may come in meets the lab's services, and in the end all
//! is closed again. Knows nothing of what the services do.

mod accounts;
mod audit;
mod bucket;
mod census;
pub mod certs;
mod connection;
mod credentials;
mod entrance;
mod greeting;
mod guard;
mod private;
mod routes;
mod tls;
mod tokens;
mod unix;
mod visitor;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic_health::server::HealthReporter;

pub use self::credentials::Credentials;
pub use self::private::CredentialError;
pub(crate) use self::routes::{reporter, router};

use self::audit::Audit;
use self::entrance::{Household, Listener, receive};
use self::guard::Guard;
use crate::config::{DRAIN_TIMEOUT, OPEN_FILES_WANTED};
use crate::doors::{Doors, Port};
use crate::lab::Lab;

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
    /// The transport failed while it served.
    #[error("the server stopped: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Doors that are bound and not yet served.
#[derive(Debug)]
pub struct Bound {
    socket: UnixListener,
    path: PathBuf,
    port: Option<TcpListener>,
    credentials: Credentials,
}

impl Bound {
    /// Reads what opens the doors, and binds the socket at `path`, and the port if there is one.
    pub async fn bind(path: &Path, doors: &Doors) -> Result<Self, ServeError> {
        let credentials = Credentials::load(doors)?;
        let port = match &doors.port {
            None => None,
            Some(Port { address, .. }) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|error| bind_error(&address.to_string(), error))?)
            }
        };
        let socket = unix::bind(path, &doors.socket)?;
        Ok(Self { socket, path: path.to_owned(), port, credentials })
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
    /// gives open connections [`DRAIN_TIMEOUT`] to end.
    pub async fn serve(self, lab: Lab, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { socket, path, port, credentials } = self;
        want_open_files();
        let stopping = CancellationToken::new();
        let reporter = reporter().await;
        let audit = Arc::new(Audit::default());
        let (let_in, guests) = mpsc::channel(LET_IN_BUFFER);
        let guard = Guard::new(credentials.clone(), Arc::clone(&audit));
        let household = Household { credentials, audit, let_in };
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
        let ended = tokio::select! {
            ended = serving => ended,
            () = drained(&lab, &reporter, stop, &stopping) => Ok(()),
        };
        // Leaving a dead socket behind would only cost the next start a connect.
        let _ = std::fs::remove_file(&path);
        ended.map_err(ServeError::from)
    }
}

/// Waits for `stop`, ends the lab's work and then the server; resolves when the time is over.
async fn drained(
    lab: &Lab,
    reporter: &HealthReporter,
    stop: impl Future<Output = ()>,
    stopping: &CancellationToken,
) {
    stop.await;
    let deadline = tokio::time::Instant::now() + DRAIN_TIMEOUT;
    drain(lab, reporter).await;
    stopping.cancel();
    tokio::time::sleep_until(deadline.max(tokio::time::Instant::now() + GOODBYE)).await;
}

/// Says that it no longer serves and ends the lab's work; followers see the last events meanwhile.
async fn drain(lab: &Lab, reporter: &HealthReporter) {
    routes::report_the_end(reporter).await;
    let lab = lab.clone();
    let stopped = tokio::task::spawn_blocking(move || lab.stop(DRAIN_TIMEOUT)).await;
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

fn bind_error(address: &str, source: io::Error) -> ServeError {
    let address = address.to_owned();
    if source.kind() == io::ErrorKind::AddrInUse {
        ServeError::InUse { address }
    } else {
        ServeError::Bind { address, source }
    }
}
