//! What the history keeps, as the wire spells it: encoded events and works, and answers made of
//! them. Reads and writes no database.

use prost::Message;
use proto::v1;
use strategies::explore::estimate::Estimate;
use strategies::program::limit::LimitError;

use crate::store::record::{CellEvents, Kind, NewCell, NewJob, Record};
use crate::wire::exploration;
use crate::wire::number::small;
use crate::wire::request::{EXPLORATIONS, SWEEPS};
use crate::wire::state::wire_state;
use crate::wire::sweep::response;
use crate::wire::sweep::response::Detail;
use crate::wire::sweep::spec;
use engine::jobs::event::sink::JobEvent;
use engine::jobs::exploration::job::ExplorationSpec;
use engine::jobs::owner::Owner;
use engine::plan::spec::SweepSpec;
use engine::plan::sweep_plan::Plan;
use engine::python::registry::Interpreters;
use engine::sys::clock::unix_time_ns;
use engine::sys::host::Host;

/// Stored bytes that are not what they should be: a damaged history, or one from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is stored of it cannot be read: {0}")]
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

/// A planned sweep, to be kept.
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

/// A sweep as it stands; `position` counts what comes before it in the queue.
pub fn sweep(record: &Record, position: usize) -> Result<v1::Sweep, Unreadable> {
    let created = v1::Sweep::decode(&record.resource[..])?;
    Ok(v1::Sweep {
        name: format!("{SWEEPS}{}", record.id),
        state: wire_state(record.state).into(),
        create_time_ns: record.create_time_ns,
        end_time_ns: record.end_time_ns,
        next_sequence: record.last_sequence + 1,
        error: record.error.clone(),
        queue_position: small(position),
        attempts: record.attempts,
        attempts_requested: record.attempts_requested,
        owner: record.owner.to_string(),
        runs: record.runs,
        imported_from: record.imported_from.clone(),
        ..created
    })
}

/// A sweep with all that was measured.
pub fn sweep_with_results(
    record: &Record,
    position: usize,
    events: &CellEvents,
) -> Result<v1::GetSweepResponse, Unreadable> {
    let sweep = sweep(record, position)?;
    let mut measurements = vec![v1::Measurement::default(); sweep.cells.len()];
    for (cell, body) in &events.newest {
        if let Some(place) = measurements.get_mut(*cell) {
            *place = measurement_in(body)?.unwrap_or_default();
        }
    }
    let ended = events.ended.as_deref().map(ending).transpose()?.flatten().unwrap_or_default();
    Ok(v1::GetSweepResponse {
        sweep: Some(sweep),
        measurements,
        verdict: ended.verdict,
        notes: ended.notes,
    })
}

/// The measurement that an event tells.
pub fn measurement_in(body: &[u8]) -> Result<Option<v1::Measurement>, Unreadable> {
    use v1::sweep_event::Happening as Wire;
    Ok(match v1::SweepEvent::decode(body)?.happening {
        Some(Wire::Turn(turn)) => turn.measurement,
        Some(Wire::CellEnded(ended)) => ended.measurement,
        Some(Wire::Started(_) | Wire::Ended(_)) | None => None,
    })
}

/// Whether an event says that its cell is complete.
pub fn is_complete(body: &[u8]) -> Result<bool, Unreadable> {
    use v1::sweep_event::Happening as Wire;
    let happening = v1::SweepEvent::decode(body)?.happening;
    Ok(matches!(happening, Some(Wire::CellEnded(ended)) if ended.complete))
}

fn ending(body: &[u8]) -> Result<Option<v1::Ended>, Unreadable> {
    use v1::sweep_event::Happening as Wire;
    Ok(match v1::SweepEvent::decode(body)?.happening {
        Some(Wire::Ended(ended)) => Some(ended),
        Some(Wire::Started(_) | Wire::Turn(_) | Wire::CellEnded(_)) | None => None,
    })
}

/// An exploration as it stands, with what it found.
pub fn exploration_with(
    record: &Record,
    outcomes: &[Vec<u8>],
    ended: Option<&[u8]>,
) -> Result<v1::Exploration, Unreadable> {
    use v1::exploration_event::Happening as Wire;
    let happening = |body: &[u8]| v1::ExplorationEvent::decode(body).map(|event| event.happening);
    let (base, end_time_ns) = match ended.map(happening).transpose()?.flatten() {
        Some(Wire::Ended(found)) => (found.clone(), found.end_time_ns),
        _ => (v1::Exploration::decode(&record.resource[..])?, record.end_time_ns),
    };
    let mut found = Vec::with_capacity(outcomes.len());
    for body in outcomes {
        if let Some(Wire::Outcome(outcome)) = happening(body)? {
            found.push(outcome);
        }
    }
    Ok(v1::Exploration {
        name: format!("{EXPLORATIONS}{}", record.id),
        state: wire_state(record.state).into(),
        create_time_ns: record.create_time_ns,
        end_time_ns,
        error: record.error.clone(),
        outcomes: found,
        next_sequence: record.last_sequence + 1,
        owner: record.owner.to_string(),
        ..base
    })
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
    Ok(format!("{}, {} cores, {}", machine.cpu_model, machine.cores, machine.kernel))
}

/// An event of a sweep, read again.
pub fn read_event(body: &[u8]) -> Result<v1::SweepEvent, Unreadable> {
    Ok(v1::SweepEvent::decode(body)?)
}

/// An event of an exploration, read again.
pub fn read_exploration_event(body: &[u8]) -> Result<v1::ExplorationEvent, Unreadable> {
    Ok(v1::ExplorationEvent::decode(body)?)
}
