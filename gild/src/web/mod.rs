//! The page and its HTTP API, on the port of gRPC: the documents of gilctl as JSON, events as server-sent
//! events, pictures as SVG. Converts, calls the services, converts; decides nothing.
//!
//! `docs/http.md` describes it, `api/openapi.json` lists every path.

pub(crate) mod api;
pub(crate) mod assets;
pub(crate) mod guard;
pub(crate) mod metrics;
pub(crate) mod problem;
pub(crate) mod scrape;
pub(crate) mod session;
pub(crate) mod state;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use tonic::Status;

use crate::sessions::Sessions;
use crate::web::guard::{confine, is_grpc};
use crate::web::problem::Problem;
use crate::web::state::Web;

/// The routes of the page and of its API.
pub(crate) fn router(web: Web) -> Router {
    Router::new()
        .merge(assets::routes())
        .merge(session::routes())
        .nest("/api/v1", api::routes())
        .merge(scrape::routes())
        .method_not_allowed_fallback(wrong_method)
        .with_state(web)
        .layer(axum::middleware::map_response(confined))
}

/// The route of the sign-in alone, for a page whose other paths are answered elsewhere.
pub(crate) fn sign_in<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Sessions>: FromRef<S>,
{
    session::routes().layer(axum::middleware::map_response(confined))
}

async fn confined(mut response: Response) -> Response {
    confine(response.headers_mut());
    response
}

/// Answer to a path that nothing serves: in the terms of gRPC to its clients, a problem to all others.
pub(crate) async fn unknown_path(headers: HeaderMap, uri: Uri) -> Response {
    if is_grpc(&headers) {
        return Status::unimplemented(String::new()).into_http::<axum::body::Body>();
    }
    let detail =
        format!("nothing is served at {}; GET /api/v1/openapi.json lists what is", uri.path());
    confined(Problem::new(StatusCode::NOT_FOUND, detail).into_response()).await
}

/// Answer to a method that a path does not serve; axum adds the header with those that it does.
async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!(
        "{method} is not served at {}; the header Allow lists the methods that are",
        uri.path()
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// A refusal as a problem, confined as every response.
pub(crate) fn refusal(status: Status) -> Response {
    let mut response = Problem::from(status).into_response();
    confine(response.headers_mut());
    response
}

/// Whether a path is served to clients that have not signed in: the page's own files, which hold nothing
/// of the lab, and the sign-in.
pub(crate) fn is_public(path: &str) -> bool {
    path == "/" || path == session::PATH || path.starts_with(assets::PREFIX)
}
