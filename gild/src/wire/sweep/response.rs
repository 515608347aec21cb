//! Answers and events of sweeps on the wire.

use proto::v1;

use engine::exec::attempt::Observation;
use engine::jobs::event::sweep::SweepEvent;
use engine::measure::turn::{Expected, Turn};
use engine::plan::cell::Skipped;
use engine::plan::spec::SweepSpec;
use engine::plan::sweep_plan::Plan;
use engine::python::registry::Interpreters;
use engine::sys::host::Host;

use crate::wire::number::small;
use crate::wire::state::wire_state;
use crate::wire::sweep::cell::cell;
use crate::wire::sweep::measurement::measurement;
use crate::wire::sweep::spec;

/// Whether an answer carries what grows with the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Cells and all.
    Full,
    /// As lists show it.
    Brief,
}

/// A sweep that is planned and no more.
pub fn planned(
    asked: &SweepSpec,
    plan: &Plan,
    interpreters: &Interpreters,
    at: &Host,
    detail: Detail,
) -> v1::Sweep {
    // When cells end early follows from the spec.
    let Plan { cells, merged, skipped, seed, order, pin, early_end: _ } = plan;
    let full = detail == Detail::Full;
    let numbered = cells.iter().enumerate().filter(|_| full);
    v1::Sweep {
        spec: Some(spec::write(asked)),
        cells: numbered.map(|(index, one)| cell(index, one, merged, interpreters)).collect(),
        skipped: skipped.iter().filter(|_| full).map(wire_skipped).collect(),
        seed: *seed,
        order: spec::order(*order).into(),
        machine: full.then(|| host(at)),
        attempts_requested: plan.attempts(),
        cell_count: small(cells.len()),
        pin: spec::pin(*pin).into(),
        ..v1::Sweep::default()
    }
}

/// An event.
pub fn event(happening: &SweepEvent, sequence: u64, time_ns: u64) -> v1::SweepEvent {
    use v1::sweep_event::Happening as Wire;
    let happening = match happening {
        SweepEvent::Started(machine) => Wire::Started(v1::Started { machine: Some(host(machine)) }),
        SweepEvent::Turn(one) => Wire::Turn(turn(one)),
        SweepEvent::CellEnded { cell, complete, measurement: measured } => {
            let measurement = Some(measurement(measured));
            Wire::CellEnded(v1::CellEnded { cell: small(*cell), complete: *complete, measurement })
        }
        SweepEvent::Ended { state, verdict, notes, error } => Wire::Ended(v1::Ended {
            state: wire_state(*state).into(),
            verdict: verdict.clone(),
            notes: notes.clone(),
            error: error.clone(),
        }),
    };
    v1::SweepEvent { sequence, time_ns, happening: Some(happening) }
}

/// Where the lab measures.
pub fn host(host: &Host) -> v1::MachineInfo {
    let Host {
        cpu_model,
        cores,
        kernel,
        governor,
        hypervisor,
        clock_source,
        profile,
        smt,
        load_1m_milli,
    } = host.clone();
    v1::MachineInfo {
        cpu_model,
        cores,
        kernel,
        governor,
        hypervisor,
        clock_source,
        profile: profile.into(),
        smt,
        load_1m_milli,
    }
}

fn turn(turn: &Turn) -> v1::Turn {
    let Turn {
        sweep_seed: _,
        cell,
        round,
        first_attempt,
        seen,
        rates: _,
        expected,
        disturbance: _,
        measurement: measured,
    } = turn;
    let has_lock = measured.switches.is_some();
    let switches = seen.iter().filter(|_| has_lock).map(|seen| seen.tally.switches());
    let counted = *expected == Expected::OfAttempt;
    let increments = seen.iter().filter(|_| counted).map(|seen| seen.tally.increments);
    v1::Turn {
        cell: small(*cell),
        round: *round,
        first_attempt: *first_attempt,
        finals: seen.iter().map(|seen| seen.total).collect(),
        duration_ns: seen.iter().map(|seen| seen.duration_ns).collect(),
        seeds: turn.seeds(),
        overlap_fraction: seen.iter().map(Observation::overlap_in_thousandths).collect(),
        switches: switches.collect(),
        increments: increments.collect(),
        measurement: Some(measurement(measured)),
    }
}

fn wire_skipped(skipped: &Skipped) -> v1::Skipped {
    let Skipped { combination, reason } = skipped.clone();
    v1::Skipped { combination, reason }
}
