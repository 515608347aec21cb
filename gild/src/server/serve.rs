//! Serving a lab: binds the listeners, serves every service on them, and drains when the daemon
//! stops.

use std::future::Future;
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

use crate::lab::Lab;
use crate::limits::{DRAIN_TIMEOUT, OPEN_FILES_WANTED};
use crate::rpc::services::Services;
use crate::server::auth::audit::Audit;
use crate::server::auth::credentials::Credentials;
use crate::server::auth::layer::AuthLayer;
use crate::server::endpoint::{ListenConfig, TcpEndpoint};
use crate::server::error::ServeError;
use crate::server::health;
use crate::server::routes;
use crate::server::transport::listener::{Listener, ListenerContext, accept_all};
use crate::server::transport::unix_socket::{self, SocketFile};
use crate::sessions::Sessions;

/// Least time for connections to end after the lab's work has.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(300);
/// Time after which the start is over: the history has been checked and its log written back.
const START_OVER: Duration = Duration::from_millis(500);
/// Connections that completed their handshake and are not yet served; a moment's worth.
const ACCEPTED_BUFFER: usize = 64;

/// Listeners that are bound and not yet served.
#[derive(Debug)]
pub struct Bound {
    socket: UnixListener,
    path: PathBuf,
    /// The socket's file, removed at the end; an inherited socket's file belongs to its opener.
    file: Option<SocketFile>,
    port: Option<TcpListener>,
    credentials: Credentials,
    drain: Duration,
}

/// Sockets opened by a service manager, served instead of sockets that the daemon would bind.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Replaces the Unix socket.
    pub unix: Option<std::os::unix::net::UnixListener>,
    /// Replaces the TCP address.
    pub tcp: Option<std::net::TcpListener>,
}

impl Inherited {
    /// Address of the inherited TCP socket.
    pub fn address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().and_then(|tcp| tcp.local_addr().ok())
    }
}

impl Bound {
    /// Reads the credentials, and binds the socket at `path`, and the port if there is one.
    pub async fn bind(path: &Path, config: &ListenConfig) -> Result<Self, ServeError> {
        let credentials = Credentials::load(config)?;
        Self::bind_or_inherit(Inherited::default(), path, config, credentials).await
    }

    /// As [`Self::bind`], with credentials that are already read; an inherited socket takes precedence
    /// over binding one.
    pub async fn bind_or_inherit(
        inherited: Inherited,
        path: &Path,
        config: &ListenConfig,
        credentials: Credentials,
    ) -> Result<Self, ServeError> {
        let port = match (inherited.tcp, &config.port) {
            (Some(tcp), _) => Some(adopt_tcp(tcp)?),
            (None, None) => None,
            (None, Some(TcpEndpoint { address, .. })) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|error| ServeError::bind(&address.to_string(), error))?)
            }
        };
        let (socket, path, file) = if let Some(socket) = inherited.unix {
            let (socket, path) = adopt_unix(socket, path)?;
            (socket, path, None)
        } else {
            let (socket, file) = unix_socket::bind(path, &config.socket)?;
            (socket, path.to_owned(), Some(file))
        };
        Ok(Self { socket, path, file, port, credentials, drain: DRAIN_TIMEOUT })
    }

    /// Replaces the time for running work and open connections to end, [`DRAIN_TIMEOUT`] by default.
    #[must_use]
    pub fn with_drain_timeout(self, drain: Duration) -> Self {
        Self { drain, ..self }
    }

    /// Path of the Unix socket.
    pub fn unix_path(&self) -> &Path {
        &self.path
    }

    /// Address of the TCP port, if there is one; includes a port number chosen by the system.
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.port.as_ref().and_then(|port| port.local_addr().ok())
    }

    /// A handle to reload tokens and certificates while serving.
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// Serves `lab` until `stop` resolves; then rejects new work, ends what runs, and gives open
    /// connections the drain time-out to end.
    pub async fn serve(self, lab: Lab, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { socket, path, file, port, credentials, drain: patience } = self;
        raise_open_files();
        let stopping = CancellationToken::new();
        let reporter = health::reporter().await;
        health::follow(&lab, &reporter).map_err(ServeError::Thread)?;
        let audit = Arc::new(Audit::default());
        let (accepted_tx, accepted) = mpsc::channel(ACCEPTED_BUFFER);
        let page_port = port.as_ref().and_then(|port| port.local_addr().ok());
        let page_port = page_port.map(|address| credentials.page_port(address));
        let sessions = Arc::new(Sessions::new(page_port));
        let auth = AuthLayer::new(credentials.clone(), Arc::clone(&audit), Arc::clone(&sessions));
        let open = lab.counters().connections.clone();
        let context = ListenerContext { credentials, audit, accepted_tx, open };
        // Accepting ends when the set is dropped.
        let mut accepting = JoinSet::new();
        for listener in
            [Some(Listener::Unix(socket)), port.map(Listener::Tcp)].into_iter().flatten()
        {
            let loop_ = accept_all(listener, context.clone());
            accepting.spawn(stopping.clone().run_until_cancelled_owned(loop_));
        }
        drop(context);
        let routes = {
            let services = Services::new(lab.clone()).with_sessions(Arc::clone(&sessions));
            routes::routes_with_page(services, sessions, &reporter)
        };
        let mut server = routes::server().layer(auth);
        let serving = server.add_routes(routes).serve_with_incoming_shutdown(
            ReceiverStream::new(accepted),
            stopping.clone().cancelled_owned(),
        );
        // With the set it ends too.
        accepting.spawn(stopping.clone().run_until_cancelled_owned(give_back(lab.clone())));
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

/// Gives back what only the start needed, once it is over and nothing is measured: a daemon is idle
/// most of its life.
async fn give_back(lab: Lab) {
    loop {
        tokio::time::sleep(START_OVER).await;
        if lab.running().is_none() {
            memory::give_back();
            memory::give_back_code();
            return;
        }
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
    // The time-out holds whatever delays the lab, a stalled disk included.
    if tokio::time::timeout_at(deadline, drain(lab, reporter, patience)).await.is_err() {
        tracing::warn!("the lab did not end in time and is left behind");
    }
    stopping.cancel();
    tokio::time::sleep_until(deadline.max(tokio::time::Instant::now() + SHUTDOWN_GRACE)).await;
}

/// Reports that the daemon no longer serves and ends the lab's work; watchers receive the last
/// events meanwhile.
async fn drain(lab: &Lab, reporter: &HealthReporter, patience: Duration) {
    health::report_shutdown(reporter).await;
    let lab = lab.clone();
    let stopped = tokio::task::spawn_blocking(move || lab.stop(patience)).await;
    if !matches!(stopped, Ok(true)) {
        tracing::warn!("running work did not end in time and is left behind");
    }
}

/// Raises the limit of open files to what full listeners take; with a lower limit they are full
/// earlier.
fn raise_open_files() {
    let Ok((allowed, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let wanted = OPEN_FILES_WANTED.min(most);
    if allowed < wanted
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, wanted, most)
    {
        tracing::warn!(%error, allowed, wanted, "the limit of open files cannot be raised");
    }
}

/// Takes over a Unix socket that a service manager opened and named.
fn adopt_unix(
    unix: std::os::unix::net::UnixListener,
    expected: &Path,
) -> Result<(UnixListener, PathBuf), ServeError> {
    let named = unix.local_addr().ok().and_then(|at| at.as_pathname().map(Path::to_owned));
    let path = named.unwrap_or_else(|| expected.to_owned());
    let adopted = unix.set_nonblocking(true).and_then(|()| UnixListener::from_std(unix));
    let adopted = adopted.map_err(|error| ServeError::bind(&path.display().to_string(), error))?;
    Ok((adopted, path))
}

/// Takes over a TCP socket, whose safety [`ListenConfig`] has checked.
fn adopt_tcp(tcp: std::net::TcpListener) -> Result<TcpListener, ServeError> {
    let failed = |error| ServeError::bind("the inherited TCP socket", error);
    tcp.set_nonblocking(true).and_then(|()| TcpListener::from_std(tcp)).map_err(failed)
}
