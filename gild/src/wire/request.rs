//! Names, ids and pages of requests: resource names, request ids, page sizes, and the body and eras
//! of a listing.

use std::collections::HashSet;

use proto::v1;
use strategies::program::bodies::BodyName;
use strategies::program::era::Era;
use strategies::program::limit::{LimitError, within};
use strategies::program::workload::{Lengths, Request};

use crate::limits::{COMPARED_MAX, ID_LETTERS_MAX, PAGE_DEFAULT, PAGE_MAX, REQUEST_ID_MAX};
use engine::limits::CELLS_MAX;
use engine::plan::spec::{EraSelector, StrategySelector, distinct};

use crate::wire::exploration_request::SCHEDULERS;
use crate::wire::names::{Named, body, parse_all};

/// Prefix of a sweep's resource name.
pub const SWEEPS: &str = "sweeps/";
/// Prefix of an exploration's resource name.
pub const EXPLORATIONS: &str = "explorations/";

/// A body, and the eras that see it; without any, one of each generation.
pub fn body_and_eras(request: &v1::GetBodyRequest) -> Result<(BodyName, Vec<Era>), LimitError> {
    let v1::GetBodyRequest { body: name, eras } = request;
    within("eras", eras.len(), 0, CELLS_MAX)?;
    let expand = |choice| match choice {
        EraSelector::All => Era::GENERATIONS.to_vec(),
        EraSelector::One(era) => vec![era],
    };
    let chosen = match eras.as_slice() {
        [] => vec![EraSelector::All],
        eras => parse_all(eras)?,
    };
    // Each once: an answer does not grow with how often an era is named.
    let eras: Vec<_> = chosen.into_iter().flat_map(expand).collect();
    Ok((body(name)?, distinct(&eras)))
}

/// The field of a request that a word by itself is a value of: a strategy, a body, an era, a request,
/// a law of lengths or a scheduler.
pub fn field_of_word(word: &str) -> Option<&'static str> {
    let is_named = [
        // `all` is a strategy first.
        ("strategies", StrategySelector::parse(word).is_ok()),
        ("bodies", body(word).is_ok()),
        ("eras", EraSelector::parse(word).is_ok()),
        ("io_calls", Request::parse(word).is_ok()),
        ("lengths", Lengths::parse(word).is_ok()),
        ("scheduler", SCHEDULERS.contains(&word)),
    ];
    is_named.into_iter().find(|(_, is_named)| *is_named).map(|(field, _)| field)
}

/// The id in a sweep's resource name.
pub fn sweep_id(name: &str) -> Result<&str, LimitError> {
    id_after(SWEEPS, name).ok_or_else(|| no_name(name, "a sweep", SWEEPS))
}

/// The ids of two sweeps or more, each once.
pub fn compared_ids(names: &[String]) -> Result<Vec<String>, LimitError> {
    let refuse = |value: String, reason: &str| {
        let (reason, field) = (reason.to_owned(), "names");
        let way_out = format!("name 2 to {COMPARED_MAX} sweeps, each once").into();
        Err(LimitError { field, value, reason, way_out })
    };
    if !(2..=COMPARED_MAX).contains(&names.len()) {
        return refuse(names.len().to_string(), "is not the number of sweeps that can be compared");
    }
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => refuse(twice.clone(), "comes twice"),
        None => names.iter().map(|name| sweep_id(name).map(str::to_owned)).collect(),
    }
}

/// The id in an exploration's resource name.
pub fn exploration_id(name: &str) -> Result<&str, LimitError> {
    id_after(EXPLORATIONS, name).ok_or_else(|| no_name(name, "an exploration", EXPLORATIONS))
}

fn id_after<'a>(prefix: &str, name: &'a str) -> Option<&'a str> {
    let lengths = 1..=ID_LETTERS_MAX;
    name.strip_prefix(prefix).filter(|id| lengths.contains(&id.chars().count()))
}

fn no_name(name: &str, of: &str, prefix: &str) -> LimitError {
    LimitError {
        field: "name",
        value: format!("{name:?}"),
        reason: format!("is not a name of {of}"),
        way_out: format!("names look like {prefix}ID, with at most {ID_LETTERS_MAX} letters of id")
            .into(),
    }
}

/// A request id that may be remembered.
pub fn request_id(id: &str) -> Result<&str, LimitError> {
    if id.chars().count() <= REQUEST_ID_MAX {
        return Ok(id);
    }
    Err(LimitError {
        field: "request_id",
        value: format!("an id of {} characters", id.chars().count()),
        reason: format!("is longer than the limit of {REQUEST_ID_MAX}"),
        way_out: "use a UUID".into(),
    })
}

/// Entries on a page.
pub fn page_size(size: u32) -> Result<usize, LimitError> {
    let size = match size {
        0 => PAGE_DEFAULT,
        size => within("page_size", size, 1, PAGE_MAX)?,
    };
    Ok(size as usize)
}

#[cfg(test)]
#[path = "tests/request.rs"]
mod tests;
