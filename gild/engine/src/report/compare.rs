//! Comparison of stored sweeps with the first of them: whether they are comparable, which cells are
//! the same experiment, and the outcome of each pair. Pure.
//!
//! Correctness takes precedence over speed: where one of two cells is wrong and the other is not,
//! or one loses more than chance explains, speeds are not compared; and a cell that lost updates is
//! never reported as faster.

use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::limits::{COMPARED_ROUNDS_LEAST, EQUIVALENT_FACTOR};
use crate::measure::measurement::Verdict;
use crate::report::environment::{Difference, Environment, differences};
use crate::stats::descriptive::{Share, wilson};
use crate::stats::lost_increments::LostIncrements;
use crate::stats::two_sample::{Comparison, Sample};
use strategies::harness::rng::SplitMix64;

/// A cell of a compared sweep: cells with equal `K` are the same experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedCell<K> {
    /// The cell's parameters.
    pub parameters: K,
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
pub struct SweepResults<K> {
    /// The environment of the measurement.
    pub environment: Environment,
    /// Its cells, in order.
    pub cells: Vec<ComparedCell<K>>,
}

/// Policy for sweeps whose environments differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differences {
    /// Differences are listed, and nothing is compared.
    Forbid,
    /// Differences are listed, and all cells are compared nevertheless.
    Overrule,
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
    /// Too few rounds, nothing measured, or a higher speed with lost updates.
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
    /// Each pair of equal cells, sweep by sweep in the order of the first's cells; none where
    /// differences forbid it.
    pub pairs: Vec<Pair>,
    /// Cells on either side of any pair of sweeps that have no counterpart.
    pub unmatched: usize,
    /// One sentence.
    pub verdict: String,
}

/// Compares every sweep with the first.
pub fn compare<K: PartialEq>(sheets: &[SweepResults<K>], policy: Differences) -> ComparisonReport {
    let (differences, unknown) = differences(sheets.iter().map(|sheet| &sheet.environment));
    let comparability = match (differences.is_empty(), policy) {
        (true, _) => Comparability::Comparable,
        (false, Differences::Forbid) => Comparability::NotComparable,
        (false, Differences::Overrule) => Comparability::Forced,
    };
    let mut report = ComparisonReport {
        comparability,
        differences,
        unknown,
        pairs: Vec::new(),
        unmatched: 0,
        verdict: String::new(),
    };
    if let ([first, others @ ..], Comparability::Comparable | Comparability::Forced) =
        (sheets, comparability)
    {
        (1..).zip(others).for_each(|(sweep, other)| report.add(&first.cells, sweep, &other.cells));
    }
    report.verdict = sentence(&report);
    report
}

impl ComparisonReport {
    fn add<K: PartialEq>(
        &mut self,
        first: &[ComparedCell<K>],
        sweep: usize,
        other: &[ComparedCell<K>],
    ) {
        let pairs = paired(first, other);
        self.unmatched += first.len() + other.len() - 2 * pairs.len();
        let judged = |(at, there)| pair(sweep, (at, &first[at]), (there, &other[there]));
        self.pairs.extend(pairs.into_iter().map(judged));
    }
}

/// Positions of equal cells, each used once: the second of two equal cells pairs with the second.
fn paired<K: PartialEq>(
    first: &[ComparedCell<K>],
    other: &[ComparedCell<K>],
) -> Vec<(usize, usize)> {
    let mut is_taken = vec![false; other.len()];
    let mut pairs = Vec::new();
    for (at, cell) in first.iter().enumerate() {
        let is_unpaired_equal =
            |there: &usize| !is_taken[*there] && other[*there].parameters == cell.parameters;
        if let Some(there) = (0..other.len()).find(is_unpaired_equal) {
            is_taken[there] = true;
            pairs.push((at, there));
        }
    }
    pairs
}

fn pair<K>(
    sweep: usize,
    (first, one): (usize, &ComparedCell<K>),
    (other, two): (usize, &ComparedCell<K>),
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

fn outcome<K>(
    first: &ComparedCell<K>,
    other: &ComparedCell<K>,
    rates: Option<&Comparison>,
) -> PairOutcome {
    let has_verdict = |cell: &ComparedCell<K>| {
        let is_judged =
            matches!(cell.verdict, Some(Verdict::Kept | Verdict::Lost | Verdict::Broken));
        is_judged && cell.attempts > 0
    };
    if !has_verdict(first) || !has_verdict(other) {
        return PairOutcome::Unknown;
    }
    match correctness(first).cmp_beyond_chance(&correctness(other)) {
        Ordering::Less => PairOutcome::Righter,
        Ordering::Greater => PairOutcome::Wronger,
        Ordering::Equal => speed(other, rates),
    }
}

/// Correctness of a cell.
struct Correctness {
    is_broken: bool,
    /// The interval of the share that is right at 95 %: of increments where they are the unit, else
    /// of attempts.
    right: (f64, f64),
}

fn correctness<K>(cell: &ComparedCell<K>) -> Correctness {
    let right = if let Some(lost) = &cell.lost_increments {
        let (low, high) = lost.widest();
        (1.0 - high, 1.0 - low)
    } else {
        let Share { low, high, .. } = wilson(cell.correct.into(), cell.attempts.into());
        (low, high)
    };
    Correctness { is_broken: cell.verdict == Some(Verdict::Broken), right }
}

impl Correctness {
    /// A broken promise is always less; otherwise the right shares differ if their 95 % intervals
    /// are disjoint, which for equal shares and independent values has a probability below 1 %.
    /// Cells with equal parameters are judged by the same unit.
    fn cmp_beyond_chance(&self, other: &Self) -> Ordering {
        let ((one_low, one_high), (two_low, two_high)) = (self.right, other.right);
        match (self.is_broken, other.is_broken) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ if one_high < two_low => Ordering::Less,
            _ if two_high < one_low => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }
}

fn speed<K>(other: &ComparedCell<K>, rates: Option<&Comparison>) -> PairOutcome {
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
    fn needs_attempts(&self) -> bool {
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

fn sentence(report: &ComparisonReport) -> String {
    let fields: Vec<&str> = report.differences.iter().map(|it| it.field).collect();
    let differ = match fields.as_slice() {
        [one] => format!("{one} differs"),
        several => format!("{} differ", several.join(", ")),
    };
    match report.comparability {
        Comparability::NotComparable => format!("Not comparable: {differ}."),
        Comparability::Comparable => format!("{}.", counts(report)),
        Comparability::Forced => format!("Forced, although {differ}: {}.", counts(report)),
    }
}

fn counts(report: &ComparisonReport) -> String {
    if report.pairs.is_empty() {
        return "no cell of the first has its parameters in another, so there is nothing to \
                compare"
            .to_owned();
    }
    let outcomes = [
        (&[PairOutcome::Wronger][..], "wronger"),
        (&[PairOutcome::Righter], "righter"),
        (&[PairOutcome::Slower], "slower"),
        (&[PairOutcome::Faster], "faster"),
        (&[PairOutcome::Same], "the same"),
        (&[PairOutcome::Undecided, PairOutcome::Unknown], "undecided"),
    ];
    let count = |is_it: &dyn Fn(&Pair) -> bool| report.pairs.iter().filter(|it| is_it(it)).count();
    let counted = outcomes
        .map(|(outcomes, word)| (count(&|pair: &Pair| outcomes.contains(&pair.outcome)), word));
    let undecided = counted.last().map_or(0, |it| it.0);
    let doubtful = |caveat| report.pairs.iter().filter(|pair| pair.caveat == caveat).count();
    let doubts = [(doubtful(Caveat::Noisy), "noisy"), (doubtful(Caveat::Degraded), "degraded")];
    let mut text = match report.pairs.len() {
        1 => format!("1 pair of cells: {}", phrase(&counted)),
        pairs => format!("{pairs} pairs of cells: {}", phrase(&counted)),
    };
    let more = match count(&Pair::needs_attempts) {
        0 => String::new(),
        1 if undecided == 1 => ", which needs more attempts".to_owned(),
        needing if needing == undecided => ", which need more attempts".to_owned(),
        1 => ", of which 1 needs more attempts".to_owned(),
        needing => format!(", of which {needing} need more attempts"),
    };
    text += &more;
    if doubts.iter().any(|(count, _)| *count > 0) {
        let _ = write!(text, "; {}, where speeds mean little", phrase(&doubts));
    }
    match report.unmatched {
        0 => text,
        1 => text + "; 1 cell without a counterpart",
        cells => format!("{text}; {cells} cells without a counterpart"),
    }
}

/// The counts above zero: `2 slower, 1 faster`.
fn phrase(counted: &[(usize, &str)]) -> String {
    let present = counted.iter().filter(|(count, _)| *count > 0);
    present.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "tests/compare.rs"]
mod tests;
