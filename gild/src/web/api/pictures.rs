//! Pictures: drawings, the data behind them, and specifications of Vega-Lite.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};
use proto::v1;
use proto::v1::PictureKind;
use proto::v1::lab_service_server::LabService as _;
use serde::Deserialize;
use view::follow::exploration_log::ExplorationView;
use view::render::explore::{header, svg as diagram};
use view::render::picture::document::{PictureDocument, kind as kind_name};
use view::render::picture::text::page::Charset;
use view::render::picture::{svg, vega};

use crate::lab::access::Caller;
use crate::web::api::explorations;
use crate::web::guard::DRAWING_POLICY;
use crate::web::problem::Problem;
use crate::web::state::{
    Parameters, Web, call, document, exploration_name, json, sweep_name, typed,
};

/// Media type of a drawing.
const SVG: &str = "image/svg+xml";

/// What a picture is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PictureFormat {
    /// A drawing.
    #[default]
    Svg,
    /// The document of `gilctl plot --output json`.
    Json,
    /// A specification of Vega-Lite.
    Vega,
}

/// The picture that was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PictureQuery {
    #[serde(default)]
    format: PictureFormat,
    /// As `gilctl plot --picture` names it; without it the one that fits.
    kind: Option<String>,
    cell: Option<String>,
    /// Ignored: another number makes a browser ask again.
    #[expect(dead_code, reason = "it only has to be accepted")]
    at: Option<u64>,
}

impl PictureQuery {
    /// The picture that fits, in this format.
    pub(crate) fn of_format(format: PictureFormat) -> Self {
        Self { format, ..Self::default() }
    }

    fn wire_kind(&self) -> Result<PictureKind, Problem> {
        let Some(typed) = &self.kind else { return Ok(PictureKind::Unspecified) };
        let all = || (1..).map_while(|number| PictureKind::try_from(number).ok());
        all().find(|known| kind_name(*known) == typed).ok_or_else(|| {
            let known: Vec<&str> = all().map(kind_name).collect();
            Problem::invalid(format!("kind: {typed:?} is not known; one of {}", known.join(", ")))
        })
    }
}

/// A picture of one sweep.
pub(crate) async fn of_sweep(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Parameters(query): Parameters<PictureQuery>,
) -> Result<Response, Problem> {
    of_names(&web, &caller, vec![sweep_name(&id)], &query).await
}

/// A picture of an exploration; of one that found a schedule its diagram, as `gilctl witness --svg` draws.
pub(crate) async fn of_exploration(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Parameters(query): Parameters<PictureQuery>,
) -> Result<Response, Problem> {
    if query.format == PictureFormat::Svg && query.kind.is_none() {
        let view = ExplorationView::new(explorations::stored(&web, &caller, &id).await?);
        if let Some(trace) = &view.exploration.trace {
            return Ok(drawing(diagram::diagram(&header::title(&view), trace)));
        }
    }
    of_names(&web, &caller, vec![exploration_name(&id)], &query).await
}

/// A picture of these jobs.
pub(crate) async fn of_names(
    web: &Web,
    caller: &Caller,
    names: Vec<String>,
    query: &PictureQuery,
) -> Result<Response, Problem> {
    let kind = query.wire_kind()?;
    let picture = fetch(web, caller, names.clone(), kind, query.cell.clone()).await?;
    Ok(match query.format {
        PictureFormat::Svg => drawing(svg::drawing(&picture)),
        PictureFormat::Vega => json(StatusCode::OK, vega::specification(&picture)),
        PictureFormat::Json => {
            document(&PictureDocument { names, picture, charset: Charset::Unicode })
        }
    })
}

/// The picture itself.
pub(crate) async fn fetch(
    web: &Web,
    caller: &Caller,
    names: Vec<String>,
    kind: PictureKind,
    cell: Option<String>,
) -> Result<v1::Picture, Problem> {
    let request = v1::GetPictureRequest { names, kind: kind.into(), cell };
    let answer = web.services.get_picture(call(caller, request)).await?.into_inner();
    answer.picture.ok_or_else(|| Problem::internal("the lab sent no picture"))
}

fn drawing(text: String) -> Response {
    let mut response = typed(SVG, text);
    let policy = HeaderValue::from_static(DRAWING_POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}
