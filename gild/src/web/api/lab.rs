//! The lab itself: its state, its machine, its strategies, the caller, schemas and the description of
//! this API.

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::get;
use clap::ValueEnum as _;
use http::StatusCode;
use proto::v1;
use proto::v1::lab_service_server::LabService as _;
use view::render::format::json::document_of;
use view::render::lab::status::Status;
use view::render::schema;
use view::render::schema::SchemaName;

use crate::lab::access::{Access, Caller};
use crate::web::problem::Problem;
use crate::web::state::{Web, call, document, json};
use engine::sys::clock::unix_time_ns;

/// The description of every path (`OpenAPI` 3.1).
const OPENAPI: &str = include_str!("openapi.json");

/// The routes of the lab.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/session", get(session))
        .route("/status", get(status))
        .route("/doctor", get(doctor))
        .route("/strategies", get(strategies))
        .route("/schema/{name}", get(schema_text))
        .route("/openapi.json", get(|| async { json(StatusCode::OK, OPENAPI) }))
}

/// Who asks.
async fn session(Extension(caller): Extension<Caller>) -> Response {
    let changes_all = caller.limit(Access::Change).is_none();
    let fields = vec![
        ("owner", Some(caller.owner.to_string().into())),
        ("changes_all", Some(changes_all.into())),
    ];
    json(StatusCode::OK, document_of(fields))
}

async fn status(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let answer = web.services.get_lab(call(&caller, v1::GetLabRequest {})).await?.into_inner();
    let lab = answer.lab.ok_or_else(|| Problem::internal("the lab sent no description"))?;
    Ok(document(&Status { lab, now_ns: unix_time_ns() }))
}

async fn doctor(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let request = v1::ExamineMachineRequest {};
    Ok(document(&web.services.examine_machine(call(&caller, request)).await?.into_inner()))
}

async fn strategies(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let request = v1::ListStrategiesRequest {};
    Ok(document(&web.services.list_strategies(call(&caller, request)).await?.into_inner()))
}

async fn schema_text(Path(name): Path<String>) -> Result<Response, Problem> {
    let found = SchemaName::from_str(name.trim_end_matches(".json"), false);
    let found = found.map_err(|_| {
        let detail = format!("no schema is named {name:?}; `gilctl schema --help` lists them");
        Problem::new(StatusCode::NOT_FOUND, detail)
    })?;
    Ok(json(StatusCode::OK, schema::text(found)))
}
