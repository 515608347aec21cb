//! The codec of the store: jobs and events as the bytes that are stored, and what the lab reads from
//! them. Reads and writes no database.

use std::sync::LazyLock;

use prost::Message;
use proto::shapes::Shape;
use proto::v1;
use strategies::explore::estimate::Estimate;
use strategies::program::limit::LimitError;
use strategies::program::sanitize::shown;

use crate::limits::ORIGIN_LETTERS_MAX;
use crate::store::record::{Kind, NewCell, NewJob};
use crate::wire::exploration;
use crate::wire::reports::comparison;
use crate::wire::request::{EXPLORATIONS, SWEEPS};
use crate::wire::sweep::response;
use crate::wire::sweep::response::Detail;
use crate::wire::sweep::spec;
use engine::jobs::event::sink::JobEvent;
use engine::jobs::exploration::job::ExplorationSpec;
use engine::jobs::owner::Owner;
use engine::plan::check::labels::check;
use engine::plan::spec::SweepSpec;
use engine::plan::sweep_plan::Plan;
use engine::python::registry::Interpreters;
use engine::sys::clock::unix_time_ns;
use engine::sys::host::Host;

/// Stored bytes that cannot be decoded: a damaged history, or an invalid file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "what is stored of it cannot be read: {0}; delete it, or put a copy of the history in place"
)]
pub struct Unreadable(String);

impl From<prost::DecodeError> for Unreadable {
    fn from(error: prost::DecodeError) -> Self {
        Self(error.to_string())
    }
}

/// An event as it is stored and streamed; `created` is the encoded job as it was created.
pub fn encode(event: &JobEvent, created: &[u8], sequence: u64, time_ns: u64) -> Vec<u8> {
    match event {
        JobEvent::Sweep(event) => response::event(event, sequence, time_ns).encode_to_vec(),
        JobEvent::Exploration(event) => {
            // Written by this process, or checked when it was read.
            let created = v1::Exploration::decode(created).unwrap_or_default();
            exploration::event(&created, event, sequence, time_ns).encode_to_vec()
        }
    }
}

/// A planned sweep, to be stored.
pub fn new_sweep(
    id: String,
    owner: Owner,
    request_id: &str,
    asked: &SweepSpec,
    plan: &Plan,
    interpreters: &Interpreters,
) -> NewJob {
    let (host, create_time_ns) = (Host::detect(), unix_time_ns());
    let named = |detail| v1::Sweep {
        name: format!("{SWEEPS}{id}"),
        create_time_ns,
        owner: owner.to_string(),
        ..response::planned(asked, plan, interpreters, &host, detail)
    };
    let full = named(Detail::Full);
    NewJob {
        kind: Kind::Sweep,
        request_id: request_id.to_owned(),
        create_time_ns,
        attempts_requested: plan.attempts(),
        seed: plan.seed,
        brief: named(Detail::Brief).encode_to_vec(),
        cells: full.cells.iter().map(new_cell).collect(),
        created: full.encode_to_vec(),
        id,
        owner,
    }
}

fn new_cell(cell: &v1::Cell) -> NewCell {
    NewCell {
        strategy: cell.strategy.clone(),
        era: cell.era.clone(),
        workers: cell.workers.into(),
        tasks: cell.tasks,
        increments: cell.increments,
        body: cell.body.clone(),
        duration_ns: cell.duration_ns,
        expected: cell.expected,
        attempts: cell.attempts_requested.into(),
    }
}

/// An estimated exploration, to be stored.
pub fn new_exploration(
    id: String,
    owner: Owner,
    request_id: &str,
    spec: &ExplorationSpec,
    estimate: &Estimate,
) -> NewJob {
    let create_time_ns = unix_time_ns();
    let named = v1::Exploration {
        name: format!("{EXPLORATIONS}{id}"),
        create_time_ns,
        owner: owner.to_string(),
        ..exploration::estimated(spec, estimate)
    };
    let bytes = named.encode_to_vec();
    NewJob {
        kind: Kind::Exploration,
        request_id: request_id.to_owned(),
        create_time_ns,
        attempts_requested: 0,
        seed: 0,
        brief: bytes.clone(),
        created: bytes,
        cells: Vec::new(),
        id,
        owner,
    }
}

/// The bytes of a stored sweep with these labels in place of its own.
pub fn labelled(sweep: &[u8], labels: &[String]) -> Result<Vec<u8>, Unreadable> {
    let mut sweep = v1::Sweep::decode(sweep)?;
    sweep.spec.get_or_insert_default().labels = labels.to_vec();
    Ok(sweep.encode_to_vec())
}

/// Whether an event says that its cell is complete.
pub fn is_complete(body: &[u8]) -> Result<bool, Unreadable> {
    use v1::sweep_event::Happening as Wire;
    let happening = v1::SweepEvent::decode(body)?.happening;
    Ok(matches!(happening, Some(Wire::CellEnded(ended)) if ended.complete))
}

/// The spec of a stored sweep, with the seed that applied.
pub fn sweep_spec(created: &[u8]) -> Result<SweepSpec, LimitError> {
    let sweep = v1::Sweep::decode(created).unwrap_or_default();
    let asked = spec::sweep_spec(sweep.spec)?;
    Ok(SweepSpec { seed: Some(sweep.seed), ..asked })
}

/// Whether a plan has the very cells, in the very order, that were stored.
pub fn is_planned_so(
    created: &[u8],
    asked: &SweepSpec,
    plan: &Plan,
    interpreters: &Interpreters,
) -> bool {
    let Ok(stored) = v1::Sweep::decode(created) else { return false };
    let now = response::planned(asked, plan, interpreters, &Host::detect(), Detail::Full);
    (stored.cells, stored.order, stored.pin, stored.seed)
        == (now.cells, now.order, now.pin, now.seed)
}

/// A note on a stored sweep that goes on here, unless this is known to be where it began.
pub fn move_note(created: &[u8]) -> Option<String> {
    comparison::move_note(&v1::Sweep::decode(created).ok()?, &Host::detect())
}

/// The spec of a stored exploration.
pub fn exploration_spec(created: &[u8]) -> Result<ExplorationSpec, LimitError> {
    let one = v1::Exploration::decode(created).unwrap_or_default();
    crate::wire::exploration_request::asked(one.spec)
}

/// Whether a sweep can be read from these bytes.
pub fn is_readable(sweep: &[u8]) -> bool {
    v1::Sweep::decode(sweep).is_ok()
}

/// Checks what comes from another lab: a sweep of that id; where it was measured.
pub fn origin(id: &str, created: &[u8]) -> Result<String, String> {
    let sweep = v1::Sweep::decode(created).map_err(|error| error.to_string())?;
    if sweep.name != format!("{SWEEPS}{id}") {
        return Err(format!("its sweep is called {:?}", sweep.name));
    }
    let machine = sweep.machine.unwrap_or_default();
    let cell_limit = engine::limits::CELLS_MAX;
    if sweep.cells.len() > cell_limit {
        return Err(format!("it has {} cells, more than {cell_limit}", sweep.cells.len()));
    }
    // Lists print them.
    check(&sweep.spec.unwrap_or_default().labels).map_err(|error| error.to_string())?;
    let origin = format!("{}, {} cores, {}", machine.cpu_model, machine.cores, machine.kernel);
    Ok(shown(&origin, ORIGIN_LETTERS_MAX).into_owned())
}

/// Shapes of the events of sweeps and of explorations.
static SWEEP_EVENT: LazyLock<Shape> = LazyLock::new(|| Shape::of("SweepEvent"));
static EXPLORATION_EVENT: LazyLock<Shape> = LazyLock::new(|| Shape::of("ExplorationEvent"));

/// Whether stored bytes are an event of such a job. Events are sent to clients as they are stored, so
/// they are checked where they are read from the database: by their shape, and decoded only where that
/// is unusual.
pub fn check_event(kind: Kind, body: &[u8]) -> Result<(), Unreadable> {
    match kind {
        Kind::Sweep if SWEEP_EVENT.accepts(body) => {}
        Kind::Exploration if EXPLORATION_EVENT.accepts(body) => {}
        Kind::Sweep => v1::SweepEvent::decode(body).map(drop)?,
        Kind::Exploration => v1::ExplorationEvent::decode(body).map(drop)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweep_of_a_file_with_a_label_that_no_lab_keeps_is_refused() {
        let origin_of = |label: &str| {
            let spec = v1::SweepSpec { labels: vec![label.into()], ..Default::default() };
            let sweep =
                v1::Sweep { name: "sweeps/a".into(), spec: Some(spec), ..Default::default() };
            origin("a", &sweep.encode_to_vec())
        };
        assert!(origin_of("before the fix").is_ok());
        let refused = origin_of("\u{1b}[31mred").expect_err("a terminal would obey it");
        assert!(refused.starts_with("labels: ") && !refused.contains('\u{1b}'), "{refused}");
    }
}
