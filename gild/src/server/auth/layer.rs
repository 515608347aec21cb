//! Authentication layer between the listeners and the services: refuses what a browser sends for another
//! site, finds the owner of each request, applies the rate limit and writes the audit log. Reads no
//! message, and knows no service but health.

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

use crate::lab::access::Caller;
use crate::limits::{REQUESTS_BURST, REQUESTS_PER_S};
use crate::server::auth::audit;
use crate::server::auth::audit::Audit;
use crate::server::auth::credentials::Credentials;
use crate::server::auth::peer::{Peer, PeerInfo};
use crate::server::auth::rate_limit::{RateLimitKey, RateLimited, RateLimiter, acquire};
use crate::server::auth::tokens::digest_of;
use crate::sessions::{PresentedToken, Sessions, SignedIn, TokenDigest};
use crate::web::guard::is_grpc;
use crate::web::session;
use crate::web::session::{TokenCheck, Transport, secret};
use crate::web::{guard, is_public, refusal};
use engine::jobs::owner::Owner;

/// Monitoring may check the health without a token; `Watch` needs one, because it keeps a stream
/// open.
const UNAUTHENTICATED: &str = "/grpc.health.v1.Health/Check";
/// Scheme of a token in the header (RFC 6750, section 2.1).
const SCHEME: &str = "Bearer ";

/// Protocol of a request, in whose terms it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Grpc,
    Http,
}

impl Protocol {
    fn of(request: &Request<Body>) -> Self {
        if is_grpc(request.headers()) { Self::Grpc } else { Self::Http }
    }
}

/// Layer that authenticates requests; clones share their state.
#[derive(Debug, Clone)]
pub(crate) struct AuthLayer(Arc<AuthState>);

#[derive(Debug)]
struct AuthState {
    credentials: Credentials,
    limiter: RateLimiter,
    audit: Arc<Audit>,
    sessions: Arc<Sessions>,
}

impl AuthLayer {
    /// A layer that accepts the clients that `credentials` accept.
    pub(crate) fn new(
        credentials: Credentials,
        audit: Arc<Audit>,
        sessions: Arc<Sessions>,
    ) -> Self {
        let limiter = RateLimiter::default();
        Self(Arc::new(AuthState { credentials, limiter, audit, sessions }))
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService { inner, state: Arc::clone(&self.0) }
    }
}

/// Services behind the layer.
#[derive(Debug, Clone)]
pub(crate) struct AuthService<S> {
    inner: S,
    state: Arc<AuthState>,
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
        // The service that is ready is called; its clone serves the next request.
        let next = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, next);
        let state = Arc::clone(&self.state);
        Box::pin(async move { state.authorize(request, ready).await })
    }
}

impl AuthState {
    async fn authorize<S>(
        &self,
        mut request: Request<Body>,
        services: S,
    ) -> Result<Response<Body>, Infallible>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
    {
        let Some(client) = request.extensions().get::<PeerInfo>().cloned() else {
            return Ok(Status::internal("the request has no peer information").into_http());
        };
        let (peer, path) = (client.peer(), request.uri().path().to_owned());
        let protocol = Protocol::of(&request);
        if let Peer::Address(_) = peer
            && let Err(foreign) = guard::check(&request, &self.credentials.host_names())
        {
            let status = Status::permission_denied(foreign.to_string());
            return Ok(self.refuse(peer, protocol, &status));
        }
        let SignedIn { caller, token } = match self.caller(&client, request.headers(), &path) {
            Ok(known) => known,
            Err(status) => {
                // Guessed tokens count against the rate limit too.
                let key = RateLimitKey::Unauthenticated(peer.origin());
                let too_fast = self.limiter.charge(key, Instant::now()).err();
                return Ok(self.refuse(peer, protocol, &too_fast.map_or(status, slow_down)));
            }
        };
        let key = match &caller.owner {
            Owner::Anyone => RateLimitKey::Unauthenticated(peer.origin()),
            owner => RateLimitKey::Owner(owner.clone()),
        };
        let slots = match self.limiter.charge(key, Instant::now()) {
            Ok(slots) => slots,
            Err(too_fast) => return Ok(self.refuse(peer, protocol, &slow_down(too_fast))),
        };
        if client.is_first_request() {
            audit::log_first_request(&caller.owner, peer, &path);
        }
        let permit = acquire(slots).await;
        request.extensions_mut().insert(caller.clone());
        if let Some(token) = token {
            request.extensions_mut().insert(PresentedToken(token));
        }
        if path == session::PATH {
            self.attach_sign_in(&mut request);
        }
        let run = run_to_completion(request, services, (caller, peer, path), permit);
        let done = tokio::spawn(run).await;
        done.unwrap_or_else(|panic| Ok(Status::internal(panic.to_string()).into_http()))
    }

    /// Attaches what a sign-in needs to know of the port.
    fn attach_sign_in(&self, request: &mut Request<Body>) {
        let credentials = self.credentials.clone();
        let check = move |token: &str| holder(&credentials, digest_of(token.as_bytes()));
        let transport = match self.credentials.acceptor() {
            Some(_) => Transport::Encrypted,
            None => Transport::Plain,
        };
        request.extensions_mut().insert(TokenCheck(Arc::new(check)));
        request.extensions_mut().insert(transport);
    }

    /// The caller of a session, unless the token that it began with is no longer known.
    fn session(&self, headers: &HeaderMap) -> Option<SignedIn> {
        let who = self.sessions.caller(secret(headers)?)?;
        match who.token {
            Some(token) => holder(&self.credentials, token),
            None => Some(who),
        }
    }

    /// The owner of a request, its role, and the token that says so, if it is one.
    fn caller(
        &self,
        client: &PeerInfo,
        headers: &HeaderMap,
        path: &str,
    ) -> Result<SignedIn, Status> {
        let without_token =
            |owner: Owner| SignedIn { caller: self.credentials.caller(owner), token: None };
        if let Peer::Process { uid, pid: _ } = client.peer() {
            return Ok(without_token(Owner::User(uid)));
        }
        let is_open = path == UNAUTHENTICATED || is_public(path);
        let allowed = self.credentials.allows_anyone() || is_open;
        let tokens = self.credentials.tokens();
        match (headers.get(AUTHORIZATION), tokens, client.certificate()) {
            (Some(presented), Some(_), _) => {
                let token = presented.as_bytes().strip_prefix(SCHEME.as_bytes());
                let known = token.and_then(|token| holder(&self.credentials, digest_of(token)));
                known.ok_or_else(|| self.unauthenticated("the token is not known here"))
            }
            (_, _, Some(name)) => Ok(without_token(Owner::Certificate(name.to_owned()))),
            (_, _, None) => match self.session(headers) {
                Some(known) => Ok(known),
                None if allowed => Ok(without_token(Owner::Anyone)),
                None => Err(self.unauthenticated("the request is not authenticated")),
            },
        }
    }

    fn unauthenticated(&self, reason: &str) -> Status {
        Status::unauthenticated(format!("{reason}; {}", self.credentials.client_flags()))
    }

    fn refuse(&self, peer: Peer, protocol: Protocol, status: &Status) -> Response<Body> {
        self.audit.refused(peer, &status.message());
        match protocol {
            Protocol::Grpc => status.clone().into_http(),
            Protocol::Http => refusal(status.clone()).map(Body::new),
        }
    }
}

/// Runs a request and logs it if it changes something. The request runs to completion, keeps its
/// slot and is audited even if the client cancels, because it is a task of its own.
async fn run_to_completion<S>(
    request: Request<Body>,
    mut services: S,
    (caller, peer, path): (Caller, Peer, String),
    _permit: Option<OwnedSemaphorePermit>,
) -> Result<Response<Body>, Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let is_http = Protocol::of(&request) == Protocol::Http;
    let is_changing = audit::is_changing(&path) || (is_http && !request.method().is_safe());
    let asked = if is_http { format!("{} {path}", request.method()) } else { path };
    let response = services.call(request).await?;
    if is_changing {
        let failed = Status::from_header_map(response.headers());
        let is_refused = is_http && !response.status().is_success();
        let code = failed
            .map_or(if is_refused { Code::Unknown } else { Code::Ok }, |status| status.code());
        audit::log_change(&caller, peer, &asked, code);
    }
    Ok(response)
}

/// The holder of a token, while it is known.
fn holder(credentials: &Credentials, token: TokenDigest) -> Option<SignedIn> {
    Some(SignedIn { caller: credentials.holder(&token)?, token: Some(token) })
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

    #[tokio::test]
    async fn cancelled_request_still_completes() {
        let (began, mut begins) = mpsc::channel::<()>(1);
        let (end, ends) = tokio::sync::watch::channel(false);
        let (done, mut is_done) = mpsc::channel::<()>(1);
        let service = tower::service_fn(move |_: Request<Body>| {
            let (began, mut ends, done) = (began.clone(), ends.clone(), done.clone());
            async move {
                began.send(()).await.expect("the test waits");
                ends.wait_for(|end| *end).await.expect("it comes");
                done.send(()).await.expect("the test waits");
                Ok::<_, Infallible>(Response::new(Body::empty()))
            }
        });
        let credentials = Credentials::load(&ListenConfig::default()).expect("there are none");
        let mut guarded =
            AuthLayer::new(credentials, Arc::default(), Arc::default()).layer(service);
        let mut request = Request::new(Body::empty());
        let peer = Peer::Process { uid: 7, pid: None };
        request.extensions_mut().insert(PeerInfo::new(peer, None));
        let asked = tokio::spawn(guarded.call(request));
        begins.recv().await.expect("it begins");
        asked.abort();
        assert!(asked.await.expect_err("aborted").is_cancelled());
        end.send_replace(true);
        is_done.recv().await.expect("it completes all the same");
    }
}
