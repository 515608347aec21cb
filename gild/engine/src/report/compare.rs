//! Comparison of stored sweeps with the first of them: whether they are comparable, and the outcome of
//! each pair of cells. Pure.
//!
//! Correctness takes precedence over speed: where one of two cells is wrong and the other is not,
//! or one loses more than chance explains, speeds are not compared; and a cell that lost updates is
//! never reported as faster.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::limits::{COMPARED_ROUNDS_LEAST, EQUIVALENT_FACTOR};
use crate::measure::measurement::Verdict;
use crate::report::environment::{Difference, Environment, differences};
use crate::report::pairing::{
    Ambiguity, AxisValues, PairRule, Pairs, apart, paired, value_list, values,
};
use crate::stats::descriptive::{Share, wilson};
use crate::stats::lost_increments::LostIncrements;
use crate::stats::two_sample::{Comparison, Sample};
use strategies::harness::rng::SplitMix64;

/// A cell of a compared sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedCell {
    /// The cell's parameters: cells with equal ones are the same experiment.
    pub parameters: AxisValues,
    /// Verdict on its promise; `None` before the first attempt.
    pub verdict: Option<Verdict>,
    /// Whether its figures can be trusted.
    pub caveat: Caveat,
    /// Number of attempts.
    pub attempts: u32,
    /// Attempts that lost no update.
    pub correct: u32,
    /// Increments that were checked and lost, where correctness is judged by them; else `None`.
    pub lost_increments: Option<LostIncrements>,
    /// Median rate of each round, in increments per second.
    pub round_rates: Vec<f64>,
}

/// Reason to distrust the figures of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Caveat {
    /// None.
    #[default]
    None,
    /// Other processes used the machine at the same time.
    Noisy,
    /// A lost worker of an earlier attempt may still have run.
    Degraded,
}

/// The parts of a stored sweep that are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepResults {
    /// The environment of the measurement.
    pub environment: Environment,
    /// Its cells, in order.
    pub cells: Vec<ComparedCell>,
}

/// Policy for sweeps whose environments differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differences {
    /// Differences are listed, and nothing is compared.
    Forbid,
    /// Differences are listed, and all cells are compared nevertheless.
    Overrule,
}

/// What is compared in spite of differences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Of environments.
    pub differences: Differences,
    /// Of the parameters of cells.
    pub rule: PairRule,
}

impl Policy {
    /// The policy that was asked for: the axes in which cells of a pair are equal, by their positions,
    /// none for all; and whether differences are overruled.
    pub fn of(named: Vec<usize>, is_forced: bool) -> Self {
        let rule = match (named.is_empty(), is_forced) {
            (false, _) => PairRule::Named(named),
            (true, false) => PairRule::Every,
            (true, true) => PairRule::Common,
        };
        let differences = if is_forced { Differences::Overrule } else { Differences::Forbid };
        Self { differences, rule }
    }

    /// The rule under force.
    fn forced_rule(&self) -> &PairRule {
        match &self.rule {
            PairRule::Every | PairRule::Common => &PairRule::Common,
            named @ PairRule::Named(_) => named,
        }
    }
}

/// Outcome of the comparison of two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairOutcome {
    /// The whole interval of the ratio lies within [`EQUIVALENT_FACTOR`] of 1.
    Same,
    /// The other is faster and lost no update.
    Faster,
    /// The other is slower.
    Slower,
    /// The other is correct where the first is not, or loses fewer updates.
    Righter,
    /// The other is wrong where the first is not, or loses more updates.
    Wronger,
    /// The interval of the ratio is too wide for the same speed, and shows no other: more attempts
    /// narrow it.
    Undecided,
    /// Too few rounds, nothing measured, a higher speed with lost updates, or losses of which one
    /// cell counts attempts and the other increments.
    Unknown,
}

/// The same cell in the first sweep and in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Its position in the first.
    pub first: usize,
    /// Index of the other sweep, from 1.
    pub sweep: usize,
    /// Its position in the other sweep.
    pub other: usize,
    /// Speed of the other over that of the first; `None` where either did nothing.
    pub rates: Option<Comparison>,
    /// The outcome.
    pub outcome: PairOutcome,
    /// The worse caveat of the two.
    pub caveat: Caveat,
}

/// Whether figures of the sweeps may be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparability {
    /// The environments are equal.
    Comparable,
    /// Differences forbid it.
    NotComparable,
    /// There are differences, and they were overruled.
    Forced,
}

/// The comparison of several sweeps.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonReport {
    /// Whether anything was compared.
    pub comparability: Comparability,
    /// Differences of the environments.
    pub differences: Vec<Difference>,
    /// Properties that may differ, because not every sweep knows them.
    pub unknown: Vec<&'static str>,
    /// Axes of which not every sweep has the same values, and those of [`Self::ignored`], with the
    /// values of each sweep.
    pub parameters: Vec<Difference>,
    /// Axes in which the cells of some pair differ.
    pub ignored: Vec<&'static str>,
    /// Axes in which the first has no value in common with another.
    pub disjoint: Vec<&'static str>,
    /// Each pair, sweep by sweep in the order of the first's cells; none where differences forbid it.
    pub pairs: Vec<Pair>,
    /// Cells on either side of any pair of sweeps that have no counterpart.
    pub unmatched: usize,
    /// Cells that kept a sweep, by its index from 1, from being paired.
    pub ambiguity: Option<(usize, Ambiguity)>,
    /// Where there are no pairs: how many [`Differences::Overrule`] and [`PairRule::Common`] would
    /// make.
    pub with_force: usize,
}

/// Compares every sweep with the first. The cells' parameters are values of these axes.
pub fn compare(
    axes: &[&'static str],
    sheets: &[SweepResults],
    policy: &Policy,
) -> ComparisonReport {
    let (differences, unknown) = differences(sheets.iter().map(|sheet| &sheet.environment));
    let comparability = match (differences.is_empty(), policy.differences) {
        (true, _) => Comparability::Comparable,
        (false, Differences::Forbid) => Comparability::NotComparable,
        (false, Differences::Overrule) => Comparability::Forced,
    };
    let mut report = ComparisonReport {
        comparability,
        differences,
        unknown,
        parameters: Vec::new(),
        ignored: Vec::new(),
        disjoint: Vec::new(),
        pairs: Vec::new(),
        unmatched: 0,
        ambiguity: None,
        with_force: 0,
    };
    if let [first, others @ ..] = sheets {
        if comparability != Comparability::NotComparable {
            let all = (1..).zip(others);
            all.for_each(|(sweep, other)| report.add(&policy.rule, first, sweep, other));
        }
        if report.pairs.is_empty() {
            let forced = |other: &SweepResults| {
                Some(pairs_of(policy.forced_rule(), first, other).ok()?.len())
            };
            report.with_force = others.iter().filter_map(forced).sum();
        }
    }
    report.name_parameters(axes, sheets);
    report
}

fn pairs_of(
    rule: &PairRule,
    first: &SweepResults,
    other: &SweepResults,
) -> Result<Pairs, Ambiguity> {
    paired(rule, &first.parameters(), &other.parameters())
}

impl SweepResults {
    /// The parameters of its cells.
    fn parameters(&self) -> Vec<&AxisValues> {
        self.cells.iter().map(|cell| &cell.parameters).collect()
    }
}

impl ComparisonReport {
    fn add(&mut self, rule: &PairRule, first: &SweepResults, sweep: usize, other: &SweepResults) {
        let pairs = pairs_of(rule, first, other).unwrap_or_else(|ambiguity| {
            self.ambiguity.get_or_insert((sweep, ambiguity));
            Pairs::new()
        });
        self.unmatched += first.cells.len() + other.cells.len() - 2 * pairs.len();
        let judged =
            |(at, there)| pair(sweep, (at, &first.cells[at]), (there, &other.cells[there]));
        self.pairs.extend(pairs.into_iter().map(judged));
    }

    fn name_parameters(&mut self, axes: &[&'static str], sheets: &[SweepResults]) {
        let ignored: BTreeSet<usize> = self
            .pairs
            .iter()
            .flat_map(|pair| {
                let (one, two) =
                    (&sheets[0].cells[pair.first], &sheets[pair.sweep].cells[pair.other]);
                apart([&one.parameters, &two.parameters])
            })
            .collect();
        self.ignored = ignored.iter().map(|axis| axes[*axis]).collect();
        let all: Vec<_> = sheets.iter().map(SweepResults::parameters).collect();
        for (axis, field) in axes.iter().enumerate() {
            let sets: BTreeSet<_> = all.iter().map(|cells| values(cells, axis)).collect();
            if sets.len() > 1 || ignored.contains(&axis) {
                let values = all.iter().map(|cells| value_list(cells, axis)).collect();
                self.parameters.push(Difference { field, values });
            }
            let first = all.first().map(|cells| values(cells, axis)).unwrap_or_default();
            if sets.iter().any(|set| first.is_disjoint(set)) {
                self.disjoint.push(field);
            }
        }
    }
}

fn pair(
    sweep: usize,
    (first, one): (usize, &ComparedCell),
    (other, two): (usize, &ComparedCell),
) -> Pair {
    // A fixed seed, so that a pair has the same interval in every comparison.
    let mut draws = SplitMix64::of(&[2]);
    let [base, rates] = [one, two].map(|cell| Sample::new(cell.round_rates.clone()));
    let is_copy = one.round_rates == two.round_rates;
    let rates = Comparison::of(&rates, &base, &mut draws);
    let rates = rates.map(|found| if is_copy { found.of_copies() } else { found });
    let outcome = outcome(one, two, rates.as_ref());
    Pair { first, sweep, other, rates, outcome, caveat: one.caveat.max(two.caveat) }
}

fn outcome(first: &ComparedCell, other: &ComparedCell, rates: Option<&Comparison>) -> PairOutcome {
    let has_verdict = |cell: &ComparedCell| {
        let is_judged =
            matches!(cell.verdict, Some(Verdict::Kept | Verdict::Lost | Verdict::Broken));
        is_judged && cell.attempts > 0
    };
    if !has_verdict(first) || !has_verdict(other) {
        return PairOutcome::Unknown;
    }
    match correctness(first).cmp_beyond_chance(&correctness(other)) {
        Some(Ordering::Less) => PairOutcome::Righter,
        Some(Ordering::Greater) => PairOutcome::Wronger,
        Some(Ordering::Equal) => speed(other, rates),
        None => PairOutcome::Unknown,
    }
}

/// Correctness of a cell.
struct Correctness {
    verdict: Option<Verdict>,
    /// Whether the share is of increments.
    is_by_increments: bool,
    /// The interval of the share that is right at 95 %: of increments where they are the unit, else
    /// of attempts.
    right: (f64, f64),
}

fn correctness(cell: &ComparedCell) -> Correctness {
    let right = if let Some(lost) = &cell.lost_increments {
        let (low, high) = lost.widest();
        (1.0 - high, 1.0 - low)
    } else {
        let Share { low, high, .. } = wilson(cell.correct.into(), cell.attempts.into());
        (low, high)
    };
    let is_by_increments = cell.lost_increments.is_some();
    Correctness { verdict: cell.verdict, is_by_increments, right }
}

impl Correctness {
    /// A broken promise is always less; otherwise the right shares differ if their 95 % intervals
    /// are disjoint, which for equal shares and independent values has a probability below 1 %.
    /// Cells with equal parameters have shares of the same unit. Of other units, only cells without a
    /// loss are known to be equal, and `None` means that the shares cannot be compared.
    fn cmp_beyond_chance(&self, other: &Self) -> Option<Ordering> {
        let ((one_low, one_high), (two_low, two_high)) = (self.right, other.right);
        let [is_broken, is_other_broken] =
            [self, other].map(|it| it.verdict == Some(Verdict::Broken));
        let are_kept = [self, other].iter().all(|it| it.verdict == Some(Verdict::Kept));
        match (is_broken, is_other_broken) {
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            _ if self.is_by_increments != other.is_by_increments => {
                are_kept.then_some(Ordering::Equal)
            }
            _ if one_high < two_low => Some(Ordering::Less),
            _ if two_high < one_low => Some(Ordering::Greater),
            _ => Some(Ordering::Equal),
        }
    }
}

fn speed(other: &ComparedCell, rates: Option<&Comparison>) -> PairOutcome {
    match rates {
        None => PairOutcome::Unknown,
        Some(found) if found.differs() && found.high < 1.0 => PairOutcome::Slower,
        Some(found) if found.differs() => match other.verdict {
            Some(Verdict::Kept) => PairOutcome::Faster,
            Some(Verdict::Lost | Verdict::Broken | Verdict::Invalid) | None => PairOutcome::Unknown,
        },
        Some(found) if has_few_rounds(found) => PairOutcome::Unknown,
        Some(found) if found.is_within(EQUIVALENT_FACTOR) => PairOutcome::Same,
        Some(_) => PairOutcome::Undecided,
    }
}

fn has_few_rounds(found: &Comparison) -> bool {
    let (one, two) = found.counts;
    one.min(two) < COMPARED_ROUNDS_LEAST
}

impl Pair {
    /// Whether its speeds are undecided for want of attempts.
    pub fn needs_attempts(&self) -> bool {
        match self.outcome {
            PairOutcome::Undecided => true,
            PairOutcome::Unknown => {
                self.rates.is_some_and(|found| has_few_rounds(&found) && !found.differs())
            }
            PairOutcome::Same
            | PairOutcome::Faster
            | PairOutcome::Slower
            | PairOutcome::Righter
            | PairOutcome::Wronger => false,
        }
    }
}

#[cfg(test)]
#[path = "tests/compare.rs"]
mod tests;
