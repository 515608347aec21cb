//! Answers and events: the lab's types as the wire spells them.

use proto::v1;
use strategies::catalog::{Name, Promise, Spec};
use strategies::entry::{Entry, Parameter};
use strategies::era::{Era, RuleKind, SwitchInterval, SwitchRule};
use strategies::step::{Attention, BodyName, Step};
use strategies::workload::{Io, Workload};

use crate::host::Host;
use crate::lab::Lab;
use crate::measure::{Measurement, Share, Spread, Switches, Validity, Verdict, Waits};
use crate::plan::{Cell, Choice, Order, Plan, Skipped, Wish};
use crate::store::{Event, Happening, Turn};
use crate::sweep::{Live, Progress, State};

/// Whether an answer carries what grows with the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Cells and all.
    Full,
    /// As lists show it.
    Brief,
}

/// A sweep as it stands.
pub fn sweep(lab: &Lab, live: &Live, detail: Detail) -> v1::Sweep {
    let Progress { state, end_time_ns, attempts, error } = live.progress();
    v1::Sweep {
        name: format!("sweeps/{}", live.id),
        state: wire_state(state).into(),
        create_time_ns: live.create_time_ns,
        end_time_ns,
        next_sequence: lab.last_sequence(&live.id) + 1,
        error,
        queue_position: small(lab.position(&live.id)),
        attempts,
        ..planned(&live.wish, &live.plan, &live.host, detail)
    }
}

/// A sweep that is planned and no more.
pub fn planned(asked: &Wish, plan: &Plan, at: &Host, detail: Detail) -> v1::Sweep {
    let Plan { cells, skipped, seed, order } = plan;
    let full = detail == Detail::Full;
    let numbered = cells.iter().enumerate().filter(|_| full);
    v1::Sweep {
        spec: Some(wish(asked)),
        cells: numbered.map(|(index, one)| cell(index, one)).collect(),
        skipped: skipped.iter().filter(|_| full).map(wire_skipped).collect(),
        seed: *seed,
        order: wire_order(*order).into(),
        machine: full.then(|| host(at)),
        attempts_requested: plan.attempts(),
        cell_count: small(cells.len()),
        ..v1::Sweep::default()
    }
}

/// A measurement; the default one before the first turn.
pub fn measurement(measured: &Measurement) -> v1::Measurement {
    let Measurement {
        attempts,
        correct,
        correct_share: Share { fraction, low: correct_low, high: correct_high },
        rounds: (round_low, round_high),
        round_count,
        observed: (observed_min, observed_max),
        lost: Spread { low: lost_low, median: lost_fraction, high: lost_high },
        duration_ns: duration,
        rate,
        jain,
        overlap,
        switches,
        hand_over_ns_p50,
        waits: Waits { count: waits, p50_ns, p99_ns, max_ns },
        cpu,
        io_calls,
        step_cost_measured_ns,
        validity,
        verdict,
    } = measured.clone();
    let switches = |of: fn(Switches) -> u64| switches.map(of);
    v1::Measurement {
        attempts,
        correct,
        correct_fraction: fraction,
        correct_low,
        correct_high,
        round_low,
        round_high,
        rounds: round_count,
        observed_min,
        observed_max,
        lost_fraction,
        lost_low,
        lost_high,
        duration_ns_median: whole(duration.median),
        duration_ns_low: whole(duration.low),
        duration_ns_high: whole(duration.high),
        increments_per_second: rate.median,
        increments_per_second_low: rate.low,
        increments_per_second_high: rate.high,
        ns_per_increment: if rate.median > 0.0 { 1e9 / rate.median } else { 0.0 },
        jain,
        overlap_fraction: overlap,
        switches: switches(|Switches { forced, voluntary }| forced + voluntary),
        switches_forced: switches(|switches| switches.forced),
        switches_voluntary: switches(|switches| switches.voluntary),
        hand_over_ns_p50,
        wait_ns_p50: p50_ns,
        wait_ns_p99: p99_ns,
        wait_ns_max: max_ns,
        waits,
        cpu_ns_user: cpu.user_ns,
        cpu_ns_system: cpu.system_ns,
        step_cost_measured_ns,
        io_calls,
        validity: wire_validity(validity).into(),
        verdict: wire_verdict(verdict).into(),
    }
}

/// An event.
pub fn event(event: &Event) -> v1::SweepEvent {
    use v1::sweep_event::Happening as Wire;
    let Event { sequence, time_ns, happening } = event;
    let happening = match happening {
        Happening::Started(machine) => Wire::Started(v1::Started { machine: Some(host(machine)) }),
        Happening::Turn(one) => Wire::Turn(turn(one)),
        Happening::CellEnded { cell, complete, measurement: measured } => {
            let measurement = Some(measurement(measured));
            Wire::CellEnded(v1::CellEnded { cell: small(*cell), complete: *complete, measurement })
        }
        Happening::Ended { state, verdict, notes, error } => Wire::Ended(v1::Ended {
            state: wire_state(*state).into(),
            verdict: verdict.clone(),
            notes: notes.clone(),
            error: error.clone(),
        }),
    };
    v1::SweepEvent { sequence: *sequence, time_ns: *time_ns, happening: Some(happening) }
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

/// The catalogue.
pub fn strategies() -> v1::ListStrategiesResponse {
    v1::ListStrategiesResponse {
        strategies: Name::all().into_iter().map(strategy).collect(),
        bodies: BodyName::ALL.into_iter().map(body).collect(),
        eras: Era::ALL.into_iter().map(era).collect(),
    }
}

fn strategy(name: Name) -> v1::StrategyInfo {
    let Entry { name, summary, promise, parameters, keeps: _, inside: _, lock: _ } = *name.entry();
    v1::StrategyInfo {
        name: format!("strategies/{name}"),
        strategy: name.into(),
        summary: summary.into(),
        promise: promise.into(),
        parameters: parameters.iter().map(parameter).collect(),
    }
}

fn parameter(parameter: &Parameter) -> v1::ParameterInfo {
    let Parameter { name, unit, default, range, description } = *parameter;
    v1::ParameterInfo {
        name: name.into(),
        unit: unit.into(),
        default_value: default.into(),
        range: range.into(),
        description: description.into(),
    }
}

fn body(body: BodyName) -> v1::BodyInfo {
    v1::BodyInfo {
        body: body.name().into(),
        source: body.source().into(),
        steps: letters(body.steps()),
    }
}

fn era(era: Era) -> v1::EraInfo {
    let facts = era.facts();
    let is_site = |step: &Step| facts.sites.attention(*step) == Attention::Site;
    let sites: Vec<_> = Step::ALL.into_iter().filter(is_site).collect();
    let rule = match facts.rule {
        RuleKind::Ticks => "ticks",
        RuleKind::Interval => "interval",
    };
    v1::EraInfo { era: facts.name.into(), rule: rule.into(), sites: letters(&sites) }
}

fn letters(steps: &[Step]) -> String {
    steps.iter().map(|step| step.letter()).collect()
}

fn turn(turn: &Turn) -> v1::Turn {
    let Turn {
        cell,
        round,
        first_attempt,
        finals,
        duration_ns,
        seeds,
        overlaps,
        switches,
        measurement: measured,
    } = turn;
    v1::Turn {
        cell: small(*cell),
        round: *round,
        first_attempt: *first_attempt,
        finals: finals.clone(),
        duration_ns: duration_ns.clone(),
        seeds: seeds.clone(),
        overlap_fraction: overlaps.clone(),
        switches: switches.clone(),
        measurement: Some(measurement(measured)),
    }
}

fn cell(index: usize, cell: &Cell) -> v1::Cell {
    let Cell { spec, workload, workers, attempts } = *cell;
    let Workload { tasks, increments, body, task_steps, step_cost_ns, inside_ns, outside_ns, io } =
        workload;
    let (era, rule) = match spec {
        Spec::Plain(_) => (None, None),
        Spec::Gil { era, rule } => (Some(era), Some(rule)),
    };
    let (switch_ticks, interval) = match rule {
        None => (None, None),
        Some(SwitchRule::Ticks(ticks)) => (Some(ticks), None),
        Some(SwitchRule::Interval(interval)) => (None, Some(interval)),
    };
    v1::Cell {
        cell: small(index),
        strategy: spec.name().to_string(),
        era: era.map(|era| era.to_string()).unwrap_or_default(),
        hypothetical: spec.is_hypothetical(),
        switch_ticks,
        switch_interval_ps: interval.map(SwitchInterval::picoseconds),
        effective_switch_interval_ns: interval.map(|interval| interval.effective_us() * 1000),
        workers: small(workers),
        tasks,
        increments,
        body: body.to_string(),
        steps: letters(body.steps()),
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io_every: io.map(|Io { every, .. }| every),
        io_ns: io.map(|Io { duration_ns, .. }| duration_ns),
        attempts_requested: attempts,
        expected: workload.expected(),
        promise: match spec.promise(&workload, workers) {
            Promise::Exact => v1::Promise::Exact,
            Promise::Lossy => v1::Promise::Lossy,
        }
        .into(),
    }
}

fn wish(wish: &Wish) -> v1::SweepSpec {
    let Wish {
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
        io_every,
        attempts,
        seed,
        order,
    } = wish.clone();
    let name = |choice: &Choice| match choice {
        Choice::All => "all".to_owned(),
        Choice::One(name) => name.to_string(),
    };
    v1::SweepSpec {
        strategies: strategies.iter().map(name).collect(),
        eras: eras.iter().map(ToString::to_string).collect(),
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

fn wire_state(state: State) -> v1::SweepState {
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

fn wire_validity(validity: Validity) -> v1::Validity {
    match validity {
        Validity::Ok => v1::Validity::Ok,
        Validity::Sequential => v1::Validity::Sequential,
    }
}

fn wire_verdict(verdict: Verdict) -> v1::Verdict {
    match verdict {
        Verdict::Kept => v1::Verdict::Kept,
        Verdict::Lost => v1::Verdict::Lost,
        Verdict::Broken => v1::Verdict::Broken,
        Verdict::Invalid => v1::Verdict::Invalid,
    }
}

/// Counts that limits keep far below 2^32.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times, saturating")]
fn whole(nanoseconds: f64) -> u64 {
    nanoseconds.round() as u64
}
