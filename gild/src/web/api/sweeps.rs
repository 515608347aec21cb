//! Sweeps: start, show, label, cancel, resume, delete, and the command that asks for one.

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use proto::v1;
use proto::v1::sweep_service_server::SweepService as _;
use serde::Deserialize;
use uuid::Uuid;
use view::follow::sweep_view::SweepView;
use view::render::format::document::{Document as _, OneLine, Record};
use view::render::sweep::{command_line, json};

use crate::lab::access::Caller;
use crate::web::api::sweep_form::SweepForm;
use crate::web::problem::Problem;
use crate::web::state;
use crate::web::state::{Web, call, nothing, read_json, sweep_name};

/// Header by which a repeated request for a sweep finds the sweep of the first.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The routes of sweeps.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sweeps", post(create))
        .route("/sweeps/{id}", get(show).patch(label).delete(delete))
        .route("/sweeps/{id}/cancel", post(cancel))
        .route("/sweeps/{id}/resume", post(resume))
        .route("/sweeps/{id}/command", get(command))
}

/// A sweep as far as it is stored.
pub(crate) async fn stored(web: &Web, caller: &Caller, id: &str) -> Result<SweepView, Problem> {
    let request = v1::GetSweepRequest { name: sweep_name(id) };
    let answer = web.services.get_sweep(call(caller, request)).await?.into_inner();
    SweepView::from_answer(answer).ok_or_else(|| Problem::internal("the lab sent no sweep"))
}

async fn create(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form: SweepForm = read_json(&headers, body).await?;
    let key = headers.get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
    let request = v1::CreateSweepRequest {
        spec: Some(form.spec()?),
        request_id: key.unwrap_or_else(|| Uuid::now_v7().to_string()),
        validate_only: form.dry_run,
    };
    let created = web.services.create_sweep(call(&caller, request)).await?.into_inner();
    let view = created.sweep.map(SweepView::new);
    let view = view.ok_or_else(|| Problem::internal("the lab sent no sweep"))?;
    let status = if form.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let command = command_line::command(&view.sweep.spec.clone().unwrap_or_default());
    Ok(state::json(status, json::document_with_command(&view, command)))
}

async fn show(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let view = stored(&web, &caller, &id).await?;
    Ok(state::json(StatusCode::OK, json::document(&view)))
}

/// The labels that a sweep has from then on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelForm {
    labels: Vec<String>,
}

async fn label(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let LabelForm { labels } = read_json(&headers, body).await?;
    let request = v1::LabelSweepRequest { name: sweep_name(&id), labels };
    web.services.label_sweep(call(&caller, request)).await?;
    show(State(web), Extension(caller), Path(id)).await
}

async fn cancel(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let request = v1::CancelSweepRequest { name: sweep_name(&id) };
    web.services.cancel_sweep(call(&caller, request)).await?;
    show(State(web), Extension(caller), Path(id)).await
}

async fn resume(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let request = v1::ResumeSweepRequest { name: sweep_name(&id) };
    web.services.resume_sweep(call(&caller, request)).await?;
    show(State(web), Extension(caller), Path(id)).await
}

async fn delete(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let request = v1::DeleteSweepRequest { name: sweep_name(&id) };
    web.services.delete_sweep(call(&caller, request)).await?;
    Ok(nothing())
}

/// The command that asks for the same sweep, also where the lab drew its seed.
async fn command(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let sweep = stored(&web, &caller, &id).await?.sweep;
    let mut spec = sweep.spec.unwrap_or_default();
    spec.seed.get_or_insert(sweep.seed);
    let text = command_line::command(&spec);
    let record = Record::new("command", vec![("command", Some(text.clone().into()))]);
    Ok(state::json(StatusCode::OK, OneLine { text, record }.json()))
}
