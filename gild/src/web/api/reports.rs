//! Pictures, reports and explanations of stored jobs, and comparisons of sweeps.

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::get;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use proto::v1;
use proto::v1::exploration_service_server::ExplorationService as _;
use proto::v1::sweep_service_server::SweepService as _;
use serde::Deserialize;
use tonic::Code;
use view::render::explore::explanation::Explanation;
use view::render::history::comparison::Comparison;
use view::render::report::content::{KINDS, Report, SweepSection};
use view::render::report::html;

use crate::lab::access::Caller;
use crate::web::api::pictures::{PictureFormat, PictureQuery};
use crate::web::api::{cell_history, pictures, sweeps};
use crate::web::guard::DRAWING_POLICY;
use crate::web::problem::Problem;
use crate::web::state::{Parameters, Web, call, document, sweep_name, typed};
use engine::sys::clock::unix_time_ns;

/// Media type of a report.
const HTML: &str = "text/html; charset=utf-8";

/// The sweeps of a comparison, by id, with commas between them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    sweeps: String,
    /// Compare though the sweeps differ in what they measured.
    #[serde(default)]
    force: bool,
}

/// The same for their picture, of which sweeps that differ have none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComparedPicture {
    sweeps: String,
    #[serde(default)]
    format: PictureFormat,
    /// Ignored: another number makes a browser ask again.
    #[expect(dead_code, reason = "it only has to be accepted")]
    at: Option<u64>,
}

/// The names of the sweeps of a list of ids.
fn names(sweeps: &str) -> Vec<String> {
    let ids = sweeps.split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.map(sweep_name).collect()
}

/// The cell of an explanation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainedCell {
    cell: Option<u32>,
}

/// The routes of reports.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sweeps/{id}/picture", get(pictures::of_sweep))
        .route("/explorations/{id}/picture", get(pictures::of_exploration))
        .route("/sweeps/{id}/report", get(report))
        .route("/sweeps/{id}/explanation", get(explanation))
        .route("/comparison", get(comparison))
        .route("/comparison/picture", get(comparison_picture))
        .route("/history", get(cell_history::history))
}

async fn comparison(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Parameters(compared): Parameters<Compared>,
) -> Result<Response, Problem> {
    let request = v1::CompareSweepsRequest {
        names: names(&compared.sweeps),
        force: compared.force,
        by: Vec::new(),
    };
    let answer = web.services.compare_sweeps(call(&caller, request)).await?.into_inner();
    Ok(document(&Comparison { answer, now_ns: unix_time_ns() }))
}

async fn comparison_picture(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Parameters(compared): Parameters<ComparedPicture>,
) -> Result<Response, Problem> {
    let query = PictureQuery::of_format(compared.format);
    pictures::of_names(&web, &caller, names(&compared.sweeps), &query).await
}

async fn explanation(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Parameters(ExplainedCell { cell }): Parameters<ExplainedCell>,
) -> Result<Response, Problem> {
    let name = sweep_name(&id);
    let request = v1::ExplainSweepRequest { name: name.clone(), cell };
    let answer = web.services.explain_sweep(call(&caller, request)).await?.into_inner();
    Ok(document(&Explanation { name, answer }))
}

/// The page that `gilctl report` writes, to be kept.
async fn report(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let view = sweeps::stored(&web, &caller, &id).await?;
    let mut drawn = Vec::new();
    for kind in KINDS {
        match pictures::fetch(&web, &caller, vec![sweep_name(&id)], kind, None).await {
            Ok(picture) => drawn.push(picture),
            // The sweep cannot give this kind.
            Err(problem) if problem.is(Code::InvalidArgument) => {}
            Err(problem) => return Err(problem),
        }
    }
    let page = html::page(&Report::new(None, vec![SweepSection::new(&view, drawn)]));
    let mut response = typed(HTML, page);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DRAWING_POLICY));
    let file = format!("attachment; filename=\"gild-{}.html\"", view::ids::short(&id));
    headers.extend(HeaderValue::from_str(&file).ok().map(|file| (CONTENT_DISPOSITION, file)));
    Ok(response)
}
