//! The state that all handlers share, and what they have in common: calls of the services in a caller's
//! name, and documents as responses.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRef, FromRequestParts, Query};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tonic::Request;
use view::render::format::document::Document;

use crate::lab::access::Caller;
use crate::limits::{EVENT_STREAM_CELLS_MAX, EVENT_STREAMS_MAX};
use crate::rpc::services::Services;
use crate::sessions::Sessions;
use crate::web::metrics::page::MetricsPage;
use crate::web::metrics::snapshot::Snapshot;
use crate::web::problem::Problem;

/// Most bytes of a request's body: the longest form takes some thousand.
pub(crate) const BODY_BYTES_MAX: usize = 64 << 10;
/// Media type of a document.
const JSON: &str = "application/json";

/// The state of the page.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    pub(crate) services: Services,
    pub(crate) sessions: Arc<Sessions>,
    /// Permits of streams of events, and of the cells of their sweeps.
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) stream_cells: Arc<Semaphore>,
    /// Metrics of the lab.
    pub(crate) metrics: MetricsPage,
}

impl Web {
    /// The page over these services.
    pub(crate) fn new(services: Services, sessions: Arc<Sessions>) -> Self {
        let lab = services.lab.clone();
        let metrics = MetricsPage::new(move || Snapshot::of(&lab));
        let streams = Arc::new(Semaphore::new(EVENT_STREAMS_MAX));
        let stream_cells = Arc::new(Semaphore::new(EVENT_STREAM_CELLS_MAX));
        Self { services, sessions, streams, stream_cells, metrics }
    }
}

impl FromRef<Web> for Arc<Sessions> {
    fn from_ref(web: &Web) -> Self {
        Self::clone(&web.sessions)
    }
}

/// The parameters of a path's query; what cannot be read is refused as a problem.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(refused) => {
                let said = refused.body_text();
                let said = said.rsplit_once("string: ").map_or(said.as_str(), |(_, said)| said);
                let way_out = "GET /api/v1/openapi.json lists the parameters";
                Err(Problem::invalid(format!("the query: {said}; {way_out}")))
            }
        }
    }
}

/// The resource name of a sweep.
pub(crate) fn sweep_name(id: &str) -> String {
    format!("sweeps/{id}")
}

/// The resource name of an exploration.
pub(crate) fn exploration_name(id: &str) -> String {
    format!("explorations/{id}")
}

/// A call in the name of a caller.
pub(crate) fn call<T>(caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller.clone());
    request
}

/// A document as a response.
pub(crate) fn document(document: &impl Document) -> Response {
    json(StatusCode::OK, document.json())
}

/// JSON as a response.
pub(crate) fn json(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = typed(JSON, text);
    *response.status_mut() = status;
    response
}

/// A body of that media type as a response.
pub(crate) fn typed(media: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// A response without content.
pub(crate) fn nothing() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The body of a request as JSON of that shape.
///
/// # Errors
///
/// Refuses a body that is too long, that is not declared as JSON or that has another shape. A form of
/// another site's page cannot declare it.
pub(crate) async fn read_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Problem> {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case(JSON) {
        let detail = format!("the body is {media:?}; send {JSON}");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let bytes: Bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        let detail =
            format!("the body has more than {BODY_BYTES_MAX} bytes, or was cut; send less");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Problem::invalid(format!("the body: {error}; docs/http.md shows what is expected"))
    })
}
