//! Explorations and witnesses: start, show, cancel, delete.

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use proto::v1;
use proto::v1::exploration_service_server::ExplorationService as _;
use serde::Deserialize;
use uuid::Uuid;
use view::follow::exploration_log::ExplorationView;

use crate::lab::access::Caller;
use crate::web::problem::Problem;
use crate::web::state::{Web, call, document, exploration_name, nothing, read_json};

/// The body of a request for an exploration: the flags of `gilctl explore` and `witness`, without their
/// dashes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ExplorationForm {
    strategy: String,
    #[serde(default)]
    era: String,
    switch_ticks: Option<u32>,
    workers: Option<u32>,
    increments: Option<u32>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    steps: String,
    #[serde(default)]
    scheduler: String,
    #[serde(default)]
    q: String,
    k: Option<u32>,
    phase: Option<u32>,
    #[serde(default)]
    exact: bool,
    /// The value to which a schedule is searched; without it every outcome is.
    value: Option<u32>,
    /// Estimate only.
    #[serde(default, alias = "dry_run")]
    dry_run: bool,
}

impl From<ExplorationForm> for v1::ExplorationSpec {
    fn from(form: ExplorationForm) -> Self {
        let ExplorationForm {
            strategy,
            era,
            switch_ticks,
            workers,
            increments,
            body,
            steps,
            scheduler,
            q,
            k,
            phase,
            exact,
            value,
            dry_run: _,
        } = form;
        Self {
            strategy,
            era,
            switch_ticks,
            workers,
            increments,
            body,
            steps,
            scheduler,
            q,
            k,
            phase,
            exact,
            value,
        }
    }
}

/// The routes of explorations.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/explorations", post(create))
        .route("/explorations/{id}", get(show).delete(delete))
        .route("/explorations/{id}/cancel", post(cancel))
}

/// An exploration as far as it is stored.
pub(crate) async fn stored(
    web: &Web,
    caller: &Caller,
    id: &str,
) -> Result<v1::Exploration, Problem> {
    let request = v1::GetExplorationRequest { name: exploration_name(id) };
    let answer = web.services.get_exploration(call(caller, request)).await?.into_inner();
    answer.exploration.ok_or_else(|| Problem::internal("the lab sent no exploration"))
}

async fn create(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form: ExplorationForm = read_json(&headers, body).await?;
    let dry_run = form.dry_run;
    let request = v1::CreateExplorationRequest {
        spec: Some(form.into()),
        request_id: Uuid::now_v7().to_string(),
        validate_only: dry_run,
    };
    let created = web.services.create_exploration(call(&caller, request)).await?.into_inner();
    let created =
        created.exploration.ok_or_else(|| Problem::internal("the lab sent no exploration"))?;
    let mut response = document(&ExplorationView::new(created));
    if !dry_run {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

async fn show(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(document(&ExplorationView::new(stored(&web, &caller, &id).await?)))
}

async fn cancel(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let request = v1::CancelExplorationRequest { name: exploration_name(&id) };
    web.services.cancel_exploration(call(&caller, request)).await?;
    show(State(web), Extension(caller), Path(id)).await
}

async fn delete(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let request = v1::DeleteExplorationRequest { name: exploration_name(&id) };
    web.services.delete_exploration(call(&caller, request)).await?;
    Ok(nothing())
}
