//! The guard between the doors and the services: finds out whose request it is, whether they may
//! ask now, and writes the audit log. Reads no message, and knows no service but that of health.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tokio::sync::OwnedSemaphorePermit;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use tower::{Layer, Service};

use crate::limits::{REQUESTS_BURST, REQUESTS_PER_S};
use crate::server::auth::audit;
use crate::server::auth::audit::Audit;
use crate::server::auth::credentials::Credentials;
use crate::server::auth::peer::{Peer, PeerInfo};
use crate::server::auth::rate_limit::{RateLimitKey, RateLimited, RateLimiter, turn};
use engine::jobs::owner::Owner;

/// Whoever looks after the daemon may ask how it is without a token; a stream would be kept open for
/// somebody whom nobody knows.
const OPEN_TO_ALL: &str = "/grpc.health.v1.Health/Check";
/// How a token is presented (RFC 6750, section 2.1).
const SCHEME: &str = "Bearer ";

/// What the guard knows; clones are the same guard.
#[derive(Debug, Clone)]
pub(crate) struct AuthLayer(Arc<AuthState>);

#[derive(Debug)]
struct AuthState {
    credentials: Credentials,
    accounts: RateLimiter,
    audit: Arc<Audit>,
}

impl AuthLayer {
    /// A guard who lets in whoever `credentials` let in.
    pub(crate) fn new(credentials: Credentials, audit: Arc<Audit>) -> Self {
        Self(Arc::new(AuthState { credentials, accounts: RateLimiter::default(), audit }))
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService { inner, post: Arc::clone(&self.0) }
    }
}

/// Services behind a guard.
#[derive(Debug, Clone)]
pub(crate) struct AuthService<S> {
    inner: S,
    post: Arc<AuthState>,
}

impl<S> Service<Request<Body>> for AuthService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that is ready is called, and its clone waits for the next request.
        let next = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, next);
        let post = Arc::clone(&self.post);
        Box::pin(async move { post.attend(request, ready).await })
    }
}

impl AuthState {
    async fn attend<S>(
        &self,
        mut request: Request<Body>,
        services: S,
    ) -> Result<Response<Body>, Infallible>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
    {
        let Some(visitor) = request.extensions().get::<PeerInfo>().cloned() else {
            return Ok(Status::internal("a request that came through no door").into_http());
        };
        let (peer, path) = (visitor.peer(), request.uri().path().to_owned());
        let owner = match self.owner(&visitor, request.headers(), &path) {
            Ok(owner) => owner,
            Err(status) => {
                // Guessing is no faster than asking.
                let payer = RateLimitKey::Stranger(peer.origin());
                let too_fast = self.accounts.charge(payer, Instant::now()).err();
                return Ok(self.refuse(peer, &too_fast.map_or(status, slow_down)));
            }
        };
        let payer = match &owner {
            Owner::Anyone => RateLimitKey::Stranger(peer.origin()),
            owner => RateLimitKey::Owner(owner.clone()),
        };
        let calls = match self.accounts.charge(payer, Instant::now()) {
            Ok(calls) => calls,
            Err(too_fast) => return Ok(self.refuse(peer, &slow_down(too_fast))),
        };
        if visitor.is_new() {
            audit::came_in(&owner, peer, &path);
        }
        let turn = turn(calls).await;
        request.extensions_mut().insert(owner.clone());
        let done = tokio::spawn(see_through(request, services, (owner, peer, path), turn)).await;
        done.unwrap_or_else(|panic| Ok(Status::internal(panic.to_string()).into_http()))
    }

    /// Whose request it is.
    fn owner(&self, visitor: &PeerInfo, headers: &HeaderMap, path: &str) -> Result<Owner, Status> {
        if let Peer::Process { uid, pid: _ } = visitor.peer() {
            return Ok(Owner::User(uid));
        }
        let open = self.credentials.allows_anyone() || path == OPEN_TO_ALL;
        let tokens = self.credentials.tokens();
        match (headers.get(AUTHORIZATION), tokens, visitor.certificate()) {
            (Some(presented), Some(tokens), _) => {
                let token = presented.as_bytes().strip_prefix(SCHEME.as_bytes());
                let holder = token.and_then(|token| tokens.holder(token));
                holder.map(|name| Owner::Token(name.to_owned())).ok_or_else(|| self.unknown())
            }
            (_, _, Some(name)) => Ok(Owner::Certificate(name.to_owned())),
            (_, _, None) if open => Ok(Owner::Anyone),
            (_, _, None) => Err(self.unknown_without("nobody comes in without showing who it is")),
        }
    }

    fn unknown(&self) -> Status {
        self.unknown_without("the token is not known here")
    }

    fn unknown_without(&self, reason: &str) -> Status {
        Status::unauthenticated(format!("{reason}; {}", self.credentials.client_flags()))
    }

    fn refuse(&self, peer: Peer, status: &Status) -> Response<Body> {
        self.audit.refused(peer, &status.message());
        status.clone().into_http()
    }
}

/// Has a request answered, and writes down what changes something. A task of its own: a client that
/// takes back what has begun takes back neither its turn nor its line in the log.
async fn see_through<S>(
    request: Request<Body>,
    mut services: S,
    (owner, peer, path): (Owner, Peer, String),
    _turn: Option<OwnedSemaphorePermit>,
) -> Result<Response<Body>, Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let response = services.call(request).await?;
    if audit::is_changing(&path) {
        let failed = Status::from_header_map(response.headers());
        let code = failed.map_or(Code::Ok, |status| status.code());
        audit::asked(&owner, peer, &path, code);
    }
    Ok(response)
}

fn slow_down(RateLimited(delay): RateLimited) -> Status {
    let message = format!(
        "more than {REQUESTS_PER_S} requests per second, after {REQUESTS_BURST} at once; \
         ask less often"
    );
    let details = ErrorDetails::with_retry_info(Some(delay));
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::server::endpoint::ListenConfig;

    /// A client that takes a request back takes nothing back of what has begun.
    #[tokio::test]
    async fn cancelled_request_still_completes() {
        let (began, mut begins) = mpsc::channel::<()>(1);
        let (end, ends) = tokio::sync::watch::channel(false);
        let (done, mut is_done) = mpsc::channel::<()>(1);
        let service = tower::service_fn(move |_: Request<Body>| {
            let (began, mut ends, done) = (began.clone(), ends.clone(), done.clone());
            async move {
                began.send(()).await.expect("somebody waits");
                ends.wait_for(|end| *end).await.expect("it comes");
                done.send(()).await.expect("somebody waits");
                Ok::<_, Infallible>(Response::new(Body::empty()))
            }
        });
        let credentials = Credentials::load(&ListenConfig::default()).expect("there are none");
        let mut guarded = AuthLayer::new(credentials, Arc::default()).layer(service);
        let mut request = Request::new(Body::empty());
        let peer = Peer::Process { uid: 7, pid: None };
        request.extensions_mut().insert(PeerInfo::new(peer, None));
        let asked = tokio::spawn(guarded.call(request));
        begins.recv().await.expect("it begins");
        asked.abort();
        assert!(asked.await.expect_err("taken back").is_cancelled());
        end.send_replace(true);
        is_done.recv().await.expect("it is done all the same");
    }
}
