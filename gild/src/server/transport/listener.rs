//! An entrance: accepts whoever comes, greets many at a time and hands on whoever has greeted. Goes
//! on when the system refuses it a connection. Serves nothing.

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
use crate::server::transport::handshake::{Accepted, Refusal};
use crate::server::transport::malformed_request::MalformedRequest;

/// How long the same trouble is not told again.
const COMPLAINT_PAUSE: Duration = Duration::from_mins(1);

/// Where somebody can come in.
#[derive(Debug)]
pub(crate) enum Listener {
    /// The socket.
    Unix(UnixListener),
    /// The port.
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

/// Connections on their way to the services.
pub(crate) type AcceptedSender = mpsc::Sender<io::Result<Connection>>;

/// What every entrance needs.
#[derive(Debug, Clone)]
pub(crate) struct ListenerContext {
    pub(crate) credentials: Credentials,
    pub(crate) audit: Arc<Audit>,
    pub(crate) accepted_tx: AcceptedSender,
}

/// Receives whoever comes; ends only by being dropped, and then nobody is greeted any more.
pub(crate) async fn accept_all(listener: Listener, household: ListenerContext) {
    let mut lobby = PendingHandshakes::new(household);
    let mut complained: Option<Instant> = None;
    loop {
        match listener.accept().await {
            Ok(guest) => lobby.admit(guest),
            // It changed its mind before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                // Most likely there are no more files. It passes, and it is told once.
                if complained.is_none_or(|at| at.elapsed() > COMPLAINT_PAUSE) {
                    complained = Some(Instant::now());
                    let connections = lobby.census.count();
                    warn!(%error, connections, "a connection cannot be accepted; going on");
                }
                lobby.cut_the_most_silent();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Those who have not greeted yet.
struct PendingHandshakes {
    household: ListenerContext,
    census: ConnectionLimiter,
    greetings: JoinSet<()>,
    /// The same, in the order in which they came.
    waiting: VecDeque<AbortHandle>,
}

impl PendingHandshakes {
    fn new(household: ListenerContext) -> Self {
        Self {
            household,
            census: ConnectionLimiter::default(),
            greetings: JoinSet::new(),
            waiting: VecDeque::new(),
        }
    }

    fn admit(&mut self, guest: Accepted) {
        while self.greetings.try_join_next().is_some() {}
        self.waiting.retain(|greeting| !greeting.is_finished());
        if self.waiting.len() >= PENDING_HANDSHAKES_MAX {
            self.cut_the_most_silent();
        }
        let greeting = greet(guest, self.household.clone(), self.census.clone());
        self.waiting.push_back(self.greetings.spawn(greeting));
    }

    fn cut_the_most_silent(&mut self) {
        if let Some(greeting) = self.waiting.pop_front() {
            greeting.abort();
        }
    }
}

async fn greet(guest: Accepted, household: ListenerContext, census: ConnectionLimiter) {
    let ListenerContext { credentials, audit, accepted_tx } = household;
    // Who has left already cannot be asked who it was.
    let Ok(peer) = guest.peer() else { return };
    match guest.greet(peer, &credentials, &census).await {
        // Without a receiver the daemon stops, and the connection ends here.
        Ok(connection) => {
            let report = move || audit.refused(peer, &MalformedRequest(peer));
            drop(accepted_tx.send(Ok(connection.on_malformed_request(report))).await);
        }
        // A look whether somebody listens is no visit.
        Err(Refusal::Left) => {}
        Err(refusal) => audit.refused(peer, &refusal),
    }
}
