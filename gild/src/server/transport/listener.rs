//! Accept loop of a listener: accepts connections, performs many handshakes at a time and hands
//! completed connections to the server. Continues when the system refuses a connection.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tracing::warn;

use crate::limits::{ACCEPT_PAUSE, PENDING_HANDSHAKES_MAX};
use crate::server::auth::audit::Audit;
use crate::server::auth::credentials::Credentials;
use crate::server::transport::connection::Connection;
use crate::server::transport::connection_limit::ConnectionLimiter;
use crate::server::transport::handshake::{Accepted, HandshakeError};
use crate::server::transport::malformed_request::MalformedRequest;
use engine::jobs::counters::OpenCount;

/// Least time between two log lines about failing accepts.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// A listening socket.
#[derive(Debug)]
pub(crate) enum Listener {
    /// The Unix socket.
    Unix(UnixListener),
    /// The TCP port.
    Tcp(TcpListener),
}

impl Listener {
    async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Unix(listener) => Ok(Accepted::Unix(listener.accept().await?.0)),
            Self::Tcp(listener) => Ok(Accepted::Tcp(listener.accept().await?.0)),
        }
    }
}

/// Sender of completed connections to the server.
pub(crate) type AcceptedSender = mpsc::Sender<io::Result<Connection>>;

/// Shared state of all listeners.
#[derive(Debug, Clone)]
pub(crate) struct ListenerContext {
    pub(crate) credentials: Credentials,
    pub(crate) audit: Arc<Audit>,
    pub(crate) accepted_tx: AcceptedSender,
    /// Open connections of all of them.
    pub(crate) open: OpenCount,
}

/// Accepts connections until it is dropped, which aborts pending handshakes too.
pub(crate) async fn accept_all(listener: Listener, context: ListenerContext) {
    let mut pending = PendingHandshakes::new(context);
    let mut logged: Option<Instant> = None;
    loop {
        match listener.accept().await {
            Ok(accepted) => pending.add(accepted),
            // The client closed the connection before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                // Most likely the limit of open files is reached, which passes.
                if logged.is_none_or(|at| at.elapsed() > LOG_INTERVAL) {
                    logged = Some(Instant::now());
                    let connections = pending.limiter.count();
                    warn!(%error, connections, "a connection cannot be accepted; going on");
                }
                pending.drop_oldest();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Connections that have not completed their handshake.
struct PendingHandshakes {
    context: ListenerContext,
    limiter: ConnectionLimiter,
    tasks: JoinSet<()>,
    /// Handles of the tasks, oldest first.
    handles: VecDeque<AbortHandle>,
}

impl PendingHandshakes {
    fn new(context: ListenerContext) -> Self {
        Self {
            limiter: ConnectionLimiter::new(context.open.clone()),
            context,
            tasks: JoinSet::new(),
            handles: VecDeque::new(),
        }
    }

    fn add(&mut self, accepted: Accepted) {
        while self.tasks.try_join_next().is_some() {}
        self.handles.retain(|handle| !handle.is_finished());
        if self.handles.len() >= PENDING_HANDSHAKES_MAX {
            self.drop_oldest();
        }
        let task = complete(accepted, self.context.clone(), self.limiter.clone());
        self.handles.push_back(self.tasks.spawn(task));
    }

    fn drop_oldest(&mut self) {
        if let Some(handle) = self.handles.pop_front() {
            handle.abort();
        }
    }
}

async fn complete(accepted: Accepted, context: ListenerContext, limiter: ConnectionLimiter) {
    let ListenerContext { credentials, audit, accepted_tx, open: _ } = context;
    // A client that disconnected already has no peer address.
    let Ok(peer) = accepted.peer() else { return };
    match accepted.handshake(peer, &credentials, &limiter).await {
        // Without a receiver the daemon is stopping, and the connection ends here.
        Ok(connection) => {
            let report = move || audit.refused(peer, &MalformedRequest(peer));
            drop(accepted_tx.send(Ok(connection.on_malformed_request(report))).await);
        }
        // Port scans and health probes that send nothing are not logged.
        Err(HandshakeError::Disconnected) => {}
        Err(error) => audit.refused(peer, &error),
    }
}
