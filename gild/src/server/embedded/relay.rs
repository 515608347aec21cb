//! Relay of the page's requests to a daemon on a Unix socket, which knows this process by its user. Signs
//! browsers in itself: their cookies stay here.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::header::{AUTHORIZATION, CONNECTION, COOKIE, HOST, ORIGIN};
use http::{HeaderValue, Request, StatusCode, Version};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use crate::sessions::Sessions;
use crate::web;
use crate::web::problem::Problem;

/// Host of the requests; a Unix socket has none.
const AUTHORITY: HeaderValue = HeaderValue::from_static("localhost");

/// A daemon, and the sessions of the browsers whose requests go there.
#[derive(Debug, Clone)]
pub(crate) struct Relay {
    socket: Arc<Path>,
    pub(crate) sessions: Arc<Sessions>,
}

impl axum::extract::FromRef<Relay> for Arc<Sessions> {
    fn from_ref(relay: &Relay) -> Self {
        Self::clone(&relay.sessions)
    }
}

/// The sign-in, and every other path as the daemon answers it.
pub(crate) fn router(socket: &Path, sessions: Arc<Sessions>) -> Router {
    let relay = Relay { socket: socket.into(), sessions };
    web::sign_in().fallback(forward).with_state(relay)
}

async fn forward(State(relay): State<Relay>, request: Request<Body>) -> Result<Response, Problem> {
    ask(&relay.socket, request).await.map_err(|error| {
        let socket = relay.socket.display();
        let detail = format!("the daemon at {socket} does not answer ({error}); see that it runs");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })
}

/// Sends a request over a connection of its own, and hands on the answer as it comes.
async fn ask(
    socket: &Path,
    mut request: Request<Body>,
) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    *request.uri_mut() = path.parse()?;
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    for own in [COOKIE, AUTHORIZATION, CONNECTION, ORIGIN] {
        headers.remove(own);
    }
    headers.insert(HOST, AUTHORITY);
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends with the body of the answer, or when the browser leaves.
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?.map(Body::new))
}
