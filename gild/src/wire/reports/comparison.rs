//! Comparisons of stored sweeps: the messages of sweeps onto the types of
//! [`engine::report::compare`], and its report back. Judges nothing.

use std::collections::BTreeSet;

use proto::v1;

use crate::wire::number::small;
use crate::wire::sweep::axes;
use crate::wire::sweep::axes::{AXES, axis_values};
use crate::wire::sweep::measurement::without_histograms;
use crate::wire::sweep::response;
use engine::measure::measurement::Verdict;
use engine::report::compare;
use engine::report::compare::{
    Caveat, Comparability, ComparedCell, ComparisonReport, Pair, PairOutcome, Policy, SweepResults,
};
use engine::report::comparison_text;
use engine::report::environment;
use engine::report::environment::{Difference, Environment};
use engine::report::pairing::PairRule;
use engine::sys::host::Host;
use strategies::program::limit::LimitError;
use view::follow::lost_increments::lost_increments;

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

/// What a request wants to be paired, and in spite of which differences.
pub(crate) fn policy(by: &[String], is_forced: bool) -> Result<Policy, LimitError> {
    Ok(Policy::of(axes::named(by)?, is_forced))
}

/// Compares sweeps in all parameters, the first with each of the others; or the sentence on why nothing can be
/// compared.
pub(crate) fn plain_report(loaded: &[Loaded]) -> Result<ComparisonReport, String> {
    let sheets: Vec<SweepResults> = loaded.iter().map(sheet).collect();
    let policy = Policy::of(Vec::new(), false);
    let report = compare::compare(&AXES, &sheets, &policy);
    if report.pairs.is_empty() {
        return Err(comparison_text::verdict(&report, &AXES, &policy));
    }
    Ok(report)
}

/// Compares sweeps, the first with each of the others. Refuses named axes in which several cells are
/// equal.
pub(crate) fn comparison(
    loaded: Vec<Loaded>,
    policy: &Policy,
) -> Result<v1::CompareSweepsResponse, LimitError> {
    let sheets: Vec<SweepResults> = loaded.iter().map(sheet).collect();
    let report = compare::compare(&AXES, &sheets, policy);
    if let Some(refused) = comparison_text::refusal(&report, &AXES, policy) {
        return Err(refused);
    }
    let verdict = comparison_text::verdict(&report, &AXES, policy);
    let ComparisonReport {
        comparability,
        differences,
        unknown,
        parameters,
        ignored,
        disjoint: _,
        pairs,
        unmatched,
        ambiguity: _,
        with_force,
    } = report;
    let names = |fields: Vec<&'static str>| fields.into_iter().map(str::to_owned).collect();
    let by = match &policy.rule {
        PairRule::Named(positions) => positions.iter().map(|axis| AXES[*axis]).collect(),
        PairRule::Every | PairRule::Common => Vec::new(),
    };
    Ok(v1::CompareSweepsResponse {
        cells: pairs.iter().map(|pair| compared(pair, &loaded)).collect(),
        differences: wire_differences(differences),
        verdict,
        forced: comparability == Comparability::Forced,
        unmatched: small(unmatched),
        unknown: names(unknown),
        parameters: wire_differences(parameters),
        ignored: names(ignored),
        by: names(by),
        forced_pairs: pairs.is_empty().then(|| small(with_force)),
        sweeps: loaded.into_iter().map(|it| brief(it.sweep)).collect(),
    })
}

fn wire_differences(differences: Vec<Difference>) -> Vec<v1::Difference> {
    let wire = |Difference { field, values }| v1::Difference { field: field.into(), values };
    differences.into_iter().map(wire).collect()
}

fn brief(sweep: v1::Sweep) -> v1::Sweep {
    v1::Sweep { cells: Vec::new(), skipped: Vec::new(), ..sweep }
}

fn sheet(loaded: &Loaded) -> SweepResults {
    let Loaded { sweep, measurements, round_rates, version } = loaded;
    let nothing = v1::Measurement::default();
    let cell = |(at, asked): (usize, &v1::Cell)| {
        let measured = measurements.get(at).unwrap_or(&nothing);
        ComparedCell {
            parameters: axis_values(asked).into(),
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

pub(super) fn verdict(wire: v1::Verdict) -> Option<Verdict> {
    match wire {
        v1::Verdict::Unspecified => None,
        v1::Verdict::Kept => Some(Verdict::Kept),
        v1::Verdict::Lost => Some(Verdict::Lost),
        v1::Verdict::Broken => Some(Verdict::Broken),
        v1::Verdict::Invalid => Some(Verdict::Invalid),
    }
}

/// Cells without contention or overlap are so by what was asked: they compare like any other.
pub(super) fn caveat(wire: v1::Validity) -> Caveat {
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
    let [one, two] = [base.sweep.cells.get(first), against.sweep.cells.get(other)];
    v1::ComparedCell {
        cell: one.cloned(),
        counterpart: two.filter(|_| one.map(axis_values) != two.map(axis_values)).cloned(),
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
