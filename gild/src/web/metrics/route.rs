//! `/metrics` on the port of the page, for scrapers that authenticate as every client does.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use prometheus::TEXT_FORMAT;

use crate::web::metrics::families::page;
use crate::web::metrics::snapshot::Snapshot;
use crate::web::problem::Problem;
use crate::web::state::{Web, typed};

/// The route.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(web): State<Web>) -> Result<Response, Problem> {
    let lab = web.services.lab.clone();
    // Some metrics come from the store, and a disk may block.
    let page = tokio::task::spawn_blocking(move || page(&Snapshot::of(&lab))).await;
    match page {
        Ok(Ok(page)) => Ok(typed(TEXT_FORMAT, page)),
        Ok(Err(_)) | Err(_) => Err(Problem::internal("the metrics cannot be read; try again")),
    }
}
