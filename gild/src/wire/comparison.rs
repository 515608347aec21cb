//! Comparisons of stored sweeps: the messages of sweeps onto the types of
//! [`engine::report::compare`], and its report back.

use std::collections::BTreeSet;

use proto::v1;

use crate::wire::number::small;
use crate::wire::sweep::measurement::{lost_increments, without_histograms};
use crate::wire::sweep::response;
use engine::measure::measurement::Verdict;
use engine::report::compare;
use engine::report::compare::{
    Caveat, Comparability, ComparedCell, ComparisonReport, Differences, Pair, PairOutcome,
    SweepResults,
};
use engine::report::environment;
use engine::report::environment::Environment;
use engine::sys::host::Host;

/// A stored sweep as a comparison needs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded {
    /// The sweep with its cells.
    pub(crate) sweep: v1::Sweep,
    /// Each cell's measurement, in the order of cells.
    pub(crate) measurements: Vec<v1::Measurement>,
    /// For each cell the median rate of each of its rounds, in increments per second.
    pub(crate) round_rates: Vec<Vec<f64>>,
    /// Version of the gild that measured it, where that is kept.
    pub(crate) version: Option<String>,
}

/// Compares sweeps, the first with each of the others.
pub(crate) fn comparison(loaded: Vec<Loaded>, policy: Differences) -> v1::CompareSweepsResponse {
    let sheets: Vec<SweepResults<v1::Cell>> = loaded.iter().map(sheet).collect();
    let report = compare::compare(&sheets, policy);
    let ComparisonReport { comparability, differences, unknown, pairs, unmatched, verdict } =
        report;
    v1::CompareSweepsResponse {
        cells: pairs.iter().map(|pair| compared(pair, &loaded)).collect(),
        differences: differences
            .into_iter()
            .map(|it| v1::Difference { field: it.field.into(), values: it.values })
            .collect(),
        verdict,
        forced: comparability == Comparability::Forced,
        unmatched: small(unmatched),
        unknown: unknown.into_iter().map(str::to_owned).collect(),
        sweeps: loaded.into_iter().map(|it| brief(it.sweep)).collect(),
    }
}

fn brief(sweep: v1::Sweep) -> v1::Sweep {
    v1::Sweep { cells: Vec::new(), skipped: Vec::new(), ..sweep }
}

fn sheet(loaded: &Loaded) -> SweepResults<v1::Cell> {
    let Loaded { sweep, measurements, round_rates, version } = loaded;
    let nothing = v1::Measurement::default();
    let cell = |(at, asked): (usize, &v1::Cell)| {
        let measured = measurements.get(at).unwrap_or(&nothing);
        ComparedCell {
            parameters: parameters(asked),
            verdict: verdict(measured.verdict()),
            caveat: caveat(measured.validity()),
            attempts: measured.attempts,
            correct: measured.correct,
            lost_increments: measured.lost_increments.as_ref().map(lost_increments),
            round_rates: round_rates.get(at).cloned().unwrap_or_default(),
        }
    };
    let cells = sweep.cells.iter().enumerate().map(cell).collect();
    SweepResults { environment: environment_of(sweep, version.clone()), cells }
}

/// A cell without what does not make it another experiment: its place, how often it is run, what
/// follows from the rest, and the cost of steps, which is a setting of the whole sweep.
fn parameters(cell: &v1::Cell) -> v1::Cell {
    v1::Cell {
        cell: 0,
        attempts_requested: 0,
        expected: 0,
        promise: 0,
        step_cost_ns: 0,
        ..cell.clone()
    }
}

fn environment_of(sweep: &v1::Sweep, version: Option<String>) -> Environment {
    let v1::MachineInfo {
        cpu_model,
        cores,
        kernel,
        governor,
        hypervisor,
        clock_source,
        profile,
        smt,
        // The load is of a moment; what it did to the figures, their validity says.
        load_1m_milli: _,
    } = sweep.machine.clone().unwrap_or_default();
    let costs: BTreeSet<u64> = sweep.cells.iter().map(|cell| cell.step_cost_ns).collect();
    let costs: Vec<String> = costs.iter().map(u64::to_string).collect();
    Environment {
        cpu_model,
        cores,
        smt,
        kernel,
        governor,
        hypervisor,
        clock_source,
        profile,
        version,
        pin: word(sweep.pin().as_str_name(), "PIN_"),
        order: word(sweep.order().as_str_name(), "ORDER_"),
        step_cost_ns: costs.join(", "),
    }
}

/// A note on a stored sweep that goes on at `host`, unless that is known to be where it began.
pub(crate) fn move_note(stored: &v1::Sweep, host: &Host) -> Option<String> {
    let machine = Some(response::host(host));
    let now = v1::Sweep { machine, ..stored.clone() };
    environment::move_note(&environment_of(stored, None), &environment_of(&now, None))
}

fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_ascii_lowercase()
}

fn verdict(wire: v1::Verdict) -> Option<Verdict> {
    match wire {
        v1::Verdict::Unspecified => None,
        v1::Verdict::Kept => Some(Verdict::Kept),
        v1::Verdict::Lost => Some(Verdict::Lost),
        v1::Verdict::Broken => Some(Verdict::Broken),
        v1::Verdict::Invalid => Some(Verdict::Invalid),
    }
}

/// Cells without contention or overlap are so by what was asked: they compare like any other.
fn caveat(wire: v1::Validity) -> Caveat {
    match wire {
        v1::Validity::Unspecified
        | v1::Validity::Ok
        | v1::Validity::Sequential
        | v1::Validity::Uncontended => Caveat::None,
        v1::Validity::Noisy => Caveat::Noisy,
        v1::Validity::Degraded => Caveat::Degraded,
    }
}

fn compared(pair: &Pair, loaded: &[Loaded]) -> v1::ComparedCell {
    let Pair { first, sweep, other, rates, outcome, caveat: _ } = *pair;
    let (base, against) = (&loaded[0], &loaded[sweep]);
    let rounds = |of: &Loaded, at: usize| of.round_rates.get(at).map_or(0, |it| small(it.len()));
    v1::ComparedCell {
        cell: base.sweep.cells.get(first).cloned(),
        other: small(sweep),
        other_cell: small(other),
        ratio: rates.map(|it| it.ratio),
        ratio_low: rates.map(|it| it.low),
        ratio_high: rates.map(|it| it.high),
        p: rates.map(|it| it.p),
        rounds: vec![rounds(base, first), rounds(against, other)],
        first: figures(base, first),
        second: figures(against, other),
        outcome: wire_outcome(outcome).into(),
    }
}

/// A measurement without its list of values and its histograms: thousands of cells must fit an
/// answer.
fn figures(of: &Loaded, at: usize) -> Option<v1::Measurement> {
    let measured = of.measurements.get(at)?;
    Some(v1::Measurement { outcomes: Vec::new(), ..without_histograms(measured.clone()) })
}

fn wire_outcome(outcome: PairOutcome) -> v1::compared_cell::Outcome {
    use v1::compared_cell::Outcome as Wire;
    match outcome {
        PairOutcome::Same => Wire::Same,
        PairOutcome::Faster => Wire::Faster,
        PairOutcome::Slower => Wire::Slower,
        PairOutcome::Righter => Wire::Righter,
        PairOutcome::Wronger => Wire::Wronger,
        PairOutcome::Undecided => Wire::Undecided,
        PairOutcome::Unknown => Wire::Unknown,
    }
}
