//! `/metrics` on the port of the page, for scrapers that authenticate as every client does.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use prometheus::TEXT_FORMAT;

use crate::web::problem::Problem;
use crate::web::state::{Web, typed};

/// The route.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(web): State<Web>) -> Result<Response, Problem> {
    // Some metrics come from the store, and a disk may block.
    match tokio::task::spawn_blocking(move || web.metrics.text()).await {
        Ok(Ok(text)) => Ok(typed(TEXT_FORMAT, text)),
        Ok(Err(problem)) => Err(Problem::internal(format!("the metrics: {problem}"))),
        Err(_) => Err(Problem::internal("the metrics cannot be read; try again")),
    }
}
