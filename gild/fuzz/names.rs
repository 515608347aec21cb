//! Requests that name what is kept, and small ones: names, pages, filters, listings. Each is taken
//! as far as a service takes it that keeps nothing.

use std::sync::LazyLock;

use engine::limits::CELLS_MAX;
use engine::plan::check::labels;
use engine::python::registry::Interpreters;
use gild::limits::{ID_LETTERS_MAX, PAGE_MAX};
use gild::wire::reports::picture_request;
use gild::wire::reports::picture_request::PictureRequest;
use gild::wire::sweep::axes;
use gild::wire::{catalog, request, state};
use prost::Message;
use proto::v1;
use strategies::program::limit::LimitError;

use super::outcome::{ANSWER_BYTES_MAX, Breach, Outcome, accepted, hold, magnitude, refused};

/// A lab's interpreters, of which none can be run.
pub(crate) static INTERPRETERS: LazyLock<Interpreters> =
    LazyLock::new(|| Interpreters::named(["/nowhere/python".into()]));

macro_rules! named {
    ($($function:ident $message:ident $id:ident,)*) => {
        $(
            /// A request for one of a name.
            pub(crate) fn $function(request: &v1::$message) -> Result<Outcome, Breach> {
                found(request::$id(&request.name))
            }
        )*
    };
}

named! {
    get_sweep GetSweepRequest sweep_id,
    cancel_sweep CancelSweepRequest sweep_id,
    watch_sweep WatchSweepRequest sweep_id,
    resume_sweep ResumeSweepRequest sweep_id,
    delete_sweep DeleteSweepRequest sweep_id,
    export_sweep ExportSweepRequest sweep_id,
    explain_sweep ExplainSweepRequest sweep_id,
    get_exploration GetExplorationRequest exploration_id,
    cancel_exploration CancelExplorationRequest exploration_id,
    watch_exploration WatchExplorationRequest exploration_id,
    delete_exploration DeleteExplorationRequest exploration_id,
}

/// Nothing is stored here, so what has a name is not found, and the answer says which.
fn found(id: Result<&str, LimitError>) -> Result<Outcome, Breach> {
    match id {
        Ok(id) => {
            hold(!id.is_empty(), || "an empty id".into())?;
            let letters = id.chars().count();
            hold(letters <= ID_LETTERS_MAX, || format!("an id of {letters} letters"))?;
            accepted("a name")
        }
        Err(error) => refused(&error),
    }
}

/// A name and labels; what is wrong with the name is the error.
pub(crate) fn label_sweep(request: &v1::LabelSweepRequest) -> Result<Outcome, Breach> {
    match (request::sweep_id(&request.name), labels::check(&request.labels)) {
        (Err(error), _) | (_, Err(error)) => refused(&error),
        (Ok(_), Ok(())) => accepted(format!("{} labels", magnitude(request.labels.len()))),
    }
}

/// Several names, and axes; the first that is none is the error.
pub(crate) fn compare_sweeps(request: &v1::CompareSweepsRequest) -> Result<Outcome, Breach> {
    let wrong = request.names.iter().find_map(|name| request::sweep_id(name).err());
    match (wrong, axes::named(&request.by)) {
        (Some(error), _) | (None, Err(error)) => refused(&error),
        (None, Ok(axes)) => {
            let names = magnitude(request.names.len());
            accepted(format!("{names} names, by axes: {}", !axes.is_empty()))
        }
    }
}

/// Names, a kind and a cell; the picture is made of what is kept.
pub(crate) fn get_picture(request: v1::GetPictureRequest) -> Result<Outcome, Breach> {
    match picture_request::asked(request) {
        Err(error) => refused(&error),
        Ok(asked) => {
            let PictureRequest { ids, is_exploration, kind, cell } = asked;
            hold(!ids.is_empty(), || "no job".into())?;
            let of = if is_exploration { "an exploration" } else { "sweeps" };
            accepted(format!("{of} as {kind:?}, of a cell: {}", cell.is_some()))
        }
    }
}

/// Decoded and no more: what it asks for is decided by what is kept.
pub(crate) fn prune_history(request: &v1::PruneHistoryRequest) -> Result<Outcome, Breach> {
    accepted(format!("by number: {}", request.keep_newest.is_some()))
}

/// Decoded and no more: chunks belong together only where they are kept.
pub(crate) fn import_sweep(request: &v1::ImportSweepRequest) -> Result<Outcome, Breach> {
    accepted(format!("{} bytes", magnitude(request.chunk.len())))
}

/// A page of sweeps in a state.
pub(crate) fn list_sweeps(request: &v1::ListSweepsRequest) -> Result<Outcome, Breach> {
    match state::filter_state(&request.filter) {
        Ok(state) => page(request.page_size, &request.page_token, &format!("{state:?}")),
        Err(error) => refused(&error),
    }
}

/// A page of explorations.
pub(crate) fn list_explorations(request: &v1::ListExplorationsRequest) -> Result<Outcome, Breach> {
    page(request.page_size, &request.page_token, "")
}

/// The size of a page; its token is an id like any other, which the database looks up.
fn page(size: u32, token: &str, wanted: &str) -> Result<Outcome, Breach> {
    let size = match request::page_size(size) {
        Ok(size) => size,
        Err(error) => return refused(&error),
    };
    hold((1..=PAGE_MAX as usize).contains(&size), || format!("a page of {size}"))?;
    accepted(format!("{} {wanted}", token.is_empty()))
}

/// A body as several eras see it.
pub(crate) fn get_body(request: &v1::GetBodyRequest) -> Result<Outcome, Breach> {
    let (body, eras) = match request::body_and_eras(request) {
        Ok(wanted) => wanted,
        Err(error) => return refused(&error),
    };
    let answer = catalog::body_listings(body, &eras);
    hold(answer.encoded_len() <= ANSWER_BYTES_MAX, || {
        format!("an answer of {} bytes for {} eras", answer.encoded_len(), request.eras.len())
    })?;
    hold(request.eras.len() <= CELLS_MAX, || format!("{} eras", request.eras.len()))?;
    accepted(format!("{} listings", magnitude(eras.len())))
}

/// The interpreter that is to be measured.
pub(crate) fn calibrate_python(request: &v1::CalibratePythonRequest) -> Result<Outcome, Breach> {
    match INTERPRETERS.choose(std::slice::from_ref(&request.python)) {
        Ok(_) => accepted("an interpreter"),
        Err(error) => refused(&error),
    }
}
