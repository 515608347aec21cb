//! One cell over the stored sweeps: what the same strategy, workload and rule came to each time.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use proto::v1;
use proto::v1::sweep_service_server::SweepService as _;
use serde::Deserialize;
use view::follow::sweep_view::SweepView;
use view::ids;
use view::render::format::json::{document_of, object};
use view::render::format::value::Value;
use view::render::sweep::record::fields;

use crate::lab::access::Caller;
use crate::web::api::sweeps;
use crate::web::problem::Problem;
use crate::web::state::{Parameters, Web, call, json};

/// Most sweeps in which the cell is looked for, the newest first.
const SWEEPS_MAX: u32 = 200;

/// The cell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SoughtCell {
    sweep: String,
    cell: u32,
}

/// The cell in each of the newest sweeps that have it, oldest first.
pub(crate) async fn history(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Parameters(sought): Parameters<SoughtCell>,
) -> Result<Response, Problem> {
    let asked = sweeps::stored(&web, &caller, &sought.sweep).await?;
    let row = asked.rows.iter().find(|row| row.cell.cell == sought.cell).ok_or_else(|| {
        let cells = asked.rows.len();
        Problem::invalid(format!(
            "cell: {} is not in a sweep of {cells}; choose another",
            sought.cell
        ))
    })?;
    let key = key(&row.cell);
    let (filter, page_token) = (String::new(), String::new());
    let request = v1::ListSweepsRequest { page_size: SWEEPS_MAX, page_token, filter };
    let listed = web.services.list_sweeps(call(&caller, request)).await?.into_inner();
    let mut points = Vec::new();
    for sweep in listed.sweeps.iter().rev().filter(|sweep| may_have(sweep, &key.strategy)) {
        let view = sweeps::stored(&web, &caller, ids::id(&sweep.name)).await?;
        points.extend(point(&view, &key));
    }
    let more = !listed.next_page_token.is_empty();
    let text = document_of(vec![
        ("cell", Some(object(fields(&asked, row)))),
        ("points", Some(points.into_iter().collect())),
        ("older_sweeps_left_out", Some(more.into())),
    ]);
    Ok(json(StatusCode::OK, text))
}

/// What makes two cells the same: all but their place and how often they are attempted.
fn key(cell: &v1::Cell) -> v1::Cell {
    v1::Cell { cell: 0, attempts_requested: 0, ..cell.clone() }
}

/// Whether a sweep may have a cell of that strategy, without its cells being read.
fn may_have(sweep: &v1::Sweep, strategy: &str) -> bool {
    let asked = sweep.spec.as_ref().map(|spec| spec.strategies.as_slice()).unwrap_or_default();
    asked.iter().any(|named| named == strategy || named == "all")
}

fn point(view: &SweepView, sought: &v1::Cell) -> Option<Value> {
    let row = view.rows.iter().find(|row| key(&row.cell) == *sought)?;
    row.figures()?;
    Some(object([
        ("sweep", view.id().map(Value::from)),
        ("create_time_ns", Some(Value::digits(view.sweep.create_time_ns))),
        ("cell", Some(object(fields(view, row)))),
    ]))
}
