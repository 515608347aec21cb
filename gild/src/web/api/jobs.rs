//! The list of stored sweeps and explorations, by state, owner, label and kind, a page at a time.

use axum::Router;
use axum::extract::{Extension, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use proto::v1;
use proto::v1::exploration_service_server::ExplorationService as _;
use proto::v1::sweep_service_server::SweepService as _;
use serde::Deserialize;
use view::ids;
use view::listed::labels;
use view::render::format::document::Document as _;
use view::render::format::enum_names;
use view::render::format::json::{Field, document_of};
use view::render::format::value::Value;
use view::render::history::listing::Listing;

use crate::lab::access::Caller;
use crate::web::problem::Problem;
use crate::web::state::{Parameters, Web, call, json};
use engine::sys::clock::unix_time_ns;

/// Jobs of a page where the request does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most jobs of a page.
const LIMIT_MAX: usize = 1000;
/// Jobs that are read at a time where not each of them fits.
const PAGE_SIZE: usize = 200;
/// Most jobs that a request looks through for those that match; the next page goes on there.
const LOOKED_AT_MAX: usize = 20_000;

/// What is listed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Listed {
    #[default]
    Sweep,
    Exploration,
}

/// The jobs that were asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobFilter {
    #[serde(default)]
    kind: Listed,
    state: Option<String>,
    owner: Option<String>,
    label: Option<String>,
    limit: Option<usize>,
    /// The last id of the page before.
    before: Option<String>,
}

/// The route of the list.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/jobs", get(list))
}

async fn list(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Parameters(filter): Parameters<JobFilter>,
) -> Result<Response, Problem> {
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        let detail =
            format!("limit: {limit} is outside the limits; choose a value from 1 to {LIMIT_MAX}");
        return Err(Problem::invalid(detail));
    }
    let mut listing = Listing { sweeps: vec![], explorations: vec![], now_ns: unix_time_ns() };
    let next = match filter.kind {
        Listed::Sweep => {
            let (found, next) = sweeps(&web, &caller, &filter, limit).await?;
            listing.sweeps = found;
            next
        }
        Listed::Exploration => {
            let (found, next) = explorations(&web, &caller, &filter, limit).await?;
            listing.explorations = found;
            next
        }
    };
    let mut fields: Vec<Field> = listing.fields();
    fields.push(("next", next.map(Value::from)));
    Ok(json(StatusCode::OK, document_of(fields)))
}

impl JobFilter {
    /// Jobs that are read at a time for so many that are still wanted.
    fn page_size(&self, wanted: usize) -> u32 {
        let fits_all = self.state.is_none() && self.owner.is_none() && self.label.is_none();
        let size = if fits_all { wanted.min(PAGE_SIZE) } else { PAGE_SIZE };
        u32::try_from(size).unwrap_or(u32::MAX)
    }

    fn has(&self, state: v1::SweepState, owner: &str, labels: &[String]) -> bool {
        let named = enum_names::state(state);
        self.state.as_ref().is_none_or(|state| state.eq_ignore_ascii_case(named))
            && self.owner.as_ref().is_none_or(|typed| typed == owner)
            && self.label.as_ref().is_none_or(|typed| labels.contains(typed))
    }
}

/// Jobs that match, as far as they were looked for.
struct Search<T> {
    found: Vec<T>,
    limit: usize,
    looked_at: usize,
}

impl<T> Search<T> {
    fn new(limit: usize) -> Self {
        Self { found: Vec::new(), limit, looked_at: 0 }
    }

    /// Jobs that are still wanted.
    fn wanted(&self) -> usize {
        self.limit - self.found.len()
    }

    /// Looks through some more jobs; the last name once the search is over.
    fn add(
        &mut self,
        jobs: Vec<T>,
        name: fn(&T) -> &str,
        has: impl Fn(&T) -> bool,
    ) -> Option<String> {
        for job in jobs {
            self.looked_at += 1;
            let last = ids::id(name(&job)).to_owned();
            if has(&job) {
                self.found.push(job);
            }
            if self.found.len() == self.limit || self.looked_at == LOOKED_AT_MAX {
                return Some(last);
            }
        }
        None
    }
}

/// Sweeps that match, newest first, and the id after which the next page begins.
async fn sweeps(
    web: &Web,
    caller: &Caller,
    filter: &JobFilter,
    limit: usize,
) -> Result<(Vec<v1::Sweep>, Option<String>), Problem> {
    let mut search = Search::new(limit);
    let mut page_token = filter.before.clone().unwrap_or_default();
    loop {
        let (page_size, state) = (filter.page_size(search.wanted()), String::new());
        let request = v1::ListSweepsRequest { page_size, page_token, filter: state };
        let page = web.services.list_sweeps(call(caller, request)).await?.into_inner();
        let has = |it: &v1::Sweep| filter.has(it.state(), &it.owner, labels(it));
        let last = search.add(page.sweeps, |it| &it.name, has);
        if last.is_some() || page.next_page_token.is_empty() {
            return Ok((search.found, last));
        }
        page_token = page.next_page_token;
    }
}

/// The same of explorations, which have no labels.
async fn explorations(
    web: &Web,
    caller: &Caller,
    filter: &JobFilter,
    limit: usize,
) -> Result<(Vec<v1::Exploration>, Option<String>), Problem> {
    let mut search = Search::new(limit);
    let mut page_token = filter.before.clone().unwrap_or_default();
    loop {
        let page_size = filter.page_size(search.wanted());
        let request = v1::ListExplorationsRequest { page_size, page_token };
        let page = web.services.list_explorations(call(caller, request)).await?.into_inner();
        let has = |it: &v1::Exploration| filter.has(it.state(), &it.owner, &[]);
        let last = search.add(page.explorations, |it| &it.name, has);
        if last.is_some() || page.next_page_token.is_empty() {
            return Ok((search.found, last));
        }
        page_token = page.next_page_token;
    }
}
