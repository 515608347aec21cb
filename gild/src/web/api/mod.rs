//! Paths below `/api/v1`: each handler converts the request, calls a service, and answers with a document
//! of gilctl.

pub(crate) mod cell_history;
pub(crate) mod event_lines;
pub(crate) mod events;
pub(crate) mod explorations;
pub(crate) mod jobs;
pub(crate) mod lab;
pub(crate) mod pictures;
pub(crate) mod reports;
pub(crate) mod sweep_form;
pub(crate) mod sweeps;

use axum::Router;

use crate::web::state::Web;

/// All of them.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .merge(jobs::routes())
        .merge(sweeps::routes())
        .merge(explorations::routes())
        .merge(events::routes())
        .merge(reports::routes())
        .merge(lab::routes())
}
