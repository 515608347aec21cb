//! The page of a lab that has no port: on a free port of loopback, for browsers that sign in by a code. Every
//! account of the machine reaches the port, and only who has a code gets in.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::Routes;

use crate::lab::Lab;
use crate::lab::access::Caller;
use crate::rpc::services::Services;
use crate::server::auth::audit::Audit;
use crate::server::auth::credentials::Credentials;
use crate::server::auth::layer::AuthLayer;
use crate::server::embedded::relay;
use crate::server::endpoint::{ClientAuth, Encryption, ListenConfig, TcpEndpoint};
use crate::server::error::ServeError;
use crate::server::health::reporter;
use crate::server::routes;
use crate::server::transport::listener::{Listener, ListenerContext, accept_all};
use crate::sessions::{Sessions, SignedIn};
use engine::jobs::counters::OpenCount;

/// Connections that are accepted and not yet served; a browser opens some at a time.
const ACCEPTED_BUFFER: usize = 8;

/// A page that is served until this is dropped.
#[derive(Debug)]
pub struct Page {
    address: SocketAddr,
    sessions: Arc<Sessions>,
    server: JoinHandle<()>,
}

impl Page {
    /// The page of a lab in this process.
    ///
    /// # Errors
    ///
    /// Says why no port can be opened.
    pub async fn of_lab(lab: &Lab) -> Result<Self, ServeError> {
        let (services, reporter) = (Services::new(lab.clone()), reporter().await);
        Self::open(|sessions| routes::routes_with_page(services, sessions, &reporter)).await
    }

    /// The page of a daemon that listens on this Unix socket, whose requests are those of this process.
    ///
    /// # Errors
    ///
    /// Says why no port can be opened.
    pub async fn of_daemon(socket: &Path) -> Result<Self, ServeError> {
        Self::open(|sessions| Routes::from(relay::router(socket, sessions))).await
    }

    async fn open(make: impl FnOnce(Arc<Sessions>) -> Routes) -> Result<Self, ServeError> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |error| ServeError::bind(&anywhere.to_string(), error);
        let listener = TcpListener::bind(anywhere).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (encryption, client_auth) = (Encryption::Plain, ClientAuth::Code);
        let port = Some(TcpEndpoint { address, encryption, client_auth });
        let credentials = Credentials::load(&ListenConfig { port, ..ListenConfig::default() })?;
        let sessions = Arc::new(Sessions::new(Some(credentials.page_port(address))));
        let audit = Arc::new(Audit::default());
        let auth = AuthLayer::new(credentials.clone(), Arc::clone(&audit), Arc::clone(&sessions));
        let (accepted_tx, accepted) = mpsc::channel(ACCEPTED_BUFFER);
        let context =
            ListenerContext { credentials, audit, accepted_tx, open: OpenCount::default() };
        let mut server = routes::server().layer(auth);
        let router = server.add_routes(make(Arc::clone(&sessions)));
        let serving = router.serve_with_incoming(ReceiverStream::new(accepted));
        let server = tokio::spawn(async move {
            tokio::select! {
                () = accept_all(Listener::Tcp(listener), context) => {}
                _ = serving => {}
            }
        });
        Ok(Self { address, sessions, server })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A code with which one browser signs in, as the user of this process.
    pub fn code(&self) -> String {
        self.sessions.create_code(SignedIn { caller: Caller::default(), token: None })
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.server.abort();
    }
}
