//! Answers and events: the lab's types as the wire spells them.

use proto::v1;
use strategies::catalog::Promise;
use strategies::program::era::{SwitchInterval, SwitchRule};
use strategies::program::workload::{Io, Request, Service, Workload};

use crate::wire::catalog::letters;
use crate::wire::measurement::measurement;
use engine::exec::attempt::Observation;
use engine::jobs::event::SweepEvent;
use engine::jobs::state::State;
use engine::measure::turn::{Expected, Turn};
use engine::plan::oversubscription::Oversubscription;
use engine::plan::subject::{CPYTHON, Python, Subject};
use engine::plan::sweep_spec::{
    Cell, EraSelector, Order, Plan, Skipped, StrategySelector, SweepSpec,
};
use engine::python::registry::Interpreters;
use engine::sys::affinity::Pin;
use engine::sys::host::Host;

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
    // The precision stands in the spec.
    let Plan { cells, skipped, seed, order, pin, precision_permille: _ } = plan;
    let full = detail == Detail::Full;
    let numbered = cells.iter().enumerate().filter(|_| full);
    v1::Sweep {
        spec: Some(wish(asked)),
        cells: numbered.map(|(index, one)| cell(index, one, interpreters)).collect(),
        skipped: skipped.iter().filter(|_| full).map(wire_skipped).collect(),
        seed: *seed,
        order: wire_order(*order).into(),
        machine: full.then(|| host(at)),
        attempts_requested: plan.attempts(),
        cell_count: small(cells.len()),
        pin: wire_pin(*pin).into(),
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

#[expect(clippy::too_many_lines, reason = "one field a line, none decides anything")]
fn cell(index: usize, cell: &Cell, interpreters: &Interpreters) -> v1::Cell {
    let Cell { subject, workload, workers, attempts } = *cell;
    let model = subject.model();
    let Workload {
        tasks,
        increments,
        body,
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io,
        service,
        duration_ns,
        lengths,
        locks,
        reads_percent,
        arrivals_per_s,
    } = workload;
    let (switch_ticks, interval) = match model.rule() {
        None | Some(SwitchRule::Free) => (None, None),
        Some(SwitchRule::Ticks(ticks)) => (Some(ticks), None),
        Some(SwitchRule::Interval(interval)) => (None, Some(interval)),
    };
    let (python, version) = match subject {
        Subject::Lab(_) => (None, None),
        Subject::Python(Python { place, version, .. }) => {
            (interpreters.paths().nth(place), Some(version))
        }
    };
    let request = io.map(|io| io.request).or(service.map(|service| service.request));
    // Where nothing but time or requests ends it, nobody knows before how much will be done.
    let known = |count: u64| if workload.is_endless() { 0 } else { count };
    v1::Cell {
        cell: small(index),
        strategy: subject.name().into(),
        era: model.era().map(|era| era.to_string()).unwrap_or_default(),
        hypothetical: model.is_hypothetical(),
        switch_ticks,
        switch_interval_ps: interval.map(SwitchInterval::picoseconds),
        effective_switch_interval_ns: model.effective_interval_us().map(|us| us * 1000),
        workers: small(workers),
        tasks: known(tasks),
        increments: known(increments),
        body: body.to_string(),
        steps: letters(body.steps()),
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io_every: io.map(|Io { every, .. }| every),
        io_ns: request.and_then(sleep_ns),
        attempts_requested: attempts,
        expected: known(workload.expected()),
        promise: match subject.promise(&workload, workers) {
            Promise::Exact => v1::Promise::Exact,
            Promise::Lossy => v1::Promise::Lossy,
        }
        .into(),
        io_call: request.map(Request::name).unwrap_or_default().into(),
        cpu_workers: service.map(|_| small(workload.incrementing(workers))),
        io_workers: service.map(|Service { workers, .. }| small(workers)),
        requests: service.map(|Service { requests, .. }| requests),
        python_version: version.map(|version| version.to_string()).unwrap_or_default(),
        python: python.map(|path| path.display().to_string()).unwrap_or_default(),
        duration_ns,
        lengths: lengths.name().into(),
        locks,
        reads_percent,
        arrivals_per_s,
    }
}

fn sleep_ns(request: Request) -> Option<u64> {
    match request {
        Request::Sleep { duration_ns } => Some(duration_ns),
        Request::Echo | Request::Write => None,
    }
}

#[expect(clippy::too_many_lines, reason = "one field a line, none decides anything")]
fn wish(wish: &SweepSpec) -> v1::SweepSpec {
    let SweepSpec {
        strategies,
        eras,
        intervals,
        ticks,
        workers,
        tasks,
        increments,
        bodies,
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io_ns,
        io_calls,
        io_every,
        cpu_workers,
        io_workers,
        requests,
        pythons,
        attempts,
        seed,
        order,
        pin,
        steps,
        duration_ns,
        lengths,
        locks,
        reads_percent,
        arrivals_per_s,
        precision_permille,
        starvation,
    } = wish.clone();
    v1::SweepSpec {
        strategies: strategies.into_iter().map(chosen).collect(),
        eras: eras.into_iter().map(chosen_era).collect(),
        switch_interval_ps: intervals.iter().map(|interval| interval.picoseconds()).collect(),
        switch_ticks: ticks,
        workers,
        tasks,
        increments,
        bodies: bodies.iter().map(ToString::to_string).collect(),
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io_ns,
        io_every,
        attempts,
        seed,
        order: wire_order(order).into(),
        io_calls: io_calls.iter().map(|request| request.name().to_owned()).collect(),
        cpu_workers,
        io_workers,
        requests,
        pythons,
        steps: steps.iter().map(ToString::to_string).collect(),
        duration_ns,
        lengths: lengths.iter().map(|law| law.name().to_owned()).collect(),
        locks,
        reads_percent,
        arrivals_per_s,
        precision_permille,
        pin: wire_pin(pin).into(),
        allow_starvation: starvation == Oversubscription::Allowed,
    }
}

fn chosen(choice: StrategySelector) -> String {
    match choice {
        StrategySelector::All => "all".to_owned(),
        StrategySelector::One(name) => name.to_string(),
        StrategySelector::Python => CPYTHON.name.to_owned(),
    }
}

fn chosen_era(choice: EraSelector) -> String {
    match choice {
        EraSelector::All => "all".to_owned(),
        EraSelector::One(era) => era.to_string(),
    }
}

fn wire_skipped(skipped: &Skipped) -> v1::Skipped {
    let Skipped { combination, reason } = skipped.clone();
    v1::Skipped { combination, reason }
}

fn wire_order(order: Order) -> v1::Order {
    match order {
        Order::Interleaved => v1::Order::Interleaved,
        Order::Blocked => v1::Order::Blocked,
    }
}

fn wire_pin(pin: Pin) -> v1::Pin {
    match pin {
        Pin::Auto => v1::Pin::Auto,
        Pin::None => v1::Pin::None,
        Pin::Spread => v1::Pin::Spread,
        Pin::Pack => v1::Pin::Pack,
    }
}

pub(crate) fn wire_state(state: State) -> v1::SweepState {
    match state {
        State::Queued => v1::SweepState::Queued,
        State::Running => v1::SweepState::Running,
        State::Cancelling => v1::SweepState::Cancelling,
        State::Succeeded => v1::SweepState::Succeeded,
        State::Failed => v1::SweepState::Failed,
        State::Cancelled => v1::SweepState::Cancelled,
        State::Interrupted => v1::SweepState::Interrupted,
    }
}

/// Counts that limits keep far below 2^32.
pub(crate) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
