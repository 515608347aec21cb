//! Stored sweeps held against the first of them: whether they are comparable at all, which cells
//! are the same experiment, and what became of each. Pure; loads nothing, knows no wire.
//!
//! Right beats fast: where one of two cells is wrong and the other is not, or one loses more than
//! chance explains, speeds are not compared; and a cell that lost updates is never called faster.

use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::limits::COMPARED_ROUNDS_LEAST;
use crate::measure::measurement::Verdict;
use crate::stats::descriptive::{Share, wilson};
use crate::stats::two_sample::{Comparison, Sample};
use strategies::harness::rng::SplitMix64;

/// What has to be equal for figures to be comparable. Texts are as the system reported them, "unknown"
/// included: two unknown governors are no difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Model name of the processor.
    pub cpu_model: String,
    /// Cores that the lab could use.
    pub cores: u32,
    /// Threads per core.
    pub smt: String,
    /// Kernel name and release.
    pub kernel: String,
    /// Frequency governor.
    pub governor: String,
    /// The hypervisor, "none" on bare metal.
    pub hypervisor: String,
    /// The kernel's clock source.
    pub clock_source: String,
    /// Build profile.
    pub profile: String,
    /// Version of gild, where it was kept; one that is not known differs from none.
    pub version: Option<String>,
    /// By which rule workers were put on cores.
    pub pin: String,
    /// In which order cells took turns.
    pub order: String,
    /// What a step was asked to cost, in nanoseconds, all costs of the sweep.
    pub step_cost_ns: String,
}

/// A cell of a sweep: `K` is everything that makes it the same experiment as another.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedCell<K> {
    /// What was asked for.
    pub parameters: K,
    /// What became of its promise; `None` before the first attempt.
    pub verdict: Option<Verdict>,
    /// Whether its figures can be trusted.
    pub caveat: Caveat,
    /// Attempts that were made.
    pub attempts: u32,
    /// Those that lost nothing.
    pub correct: u32,
    /// Median rate of each round, in increments per second.
    pub round_rates: Vec<f64>,
}

/// Why figures of a cell may mean little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Caveat {
    /// They do not.
    #[default]
    None,
    /// Others used the machine meanwhile.
    Noisy,
    /// A worker of an earlier attempt may still have run.
    Degraded,
}

/// All that is looked at of a stored sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepResults<K> {
    /// Where and how it was measured.
    pub environment: Environment,
    /// Its cells, in order.
    pub cells: Vec<ComparedCell<K>>,
}

/// What is done about sweeps that differ where they should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differences {
    /// They are named, and nothing is compared.
    Forbid,
    /// They are named, and all is compared nevertheless.
    Overrule,
}

/// A field in which sweeps differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name, e.g. "machine.kernel".
    pub field: &'static str,
    /// Its value in each sweep, in order.
    pub values: Vec<String>,
}

/// What the comparison of two cells comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairOutcome {
    /// No difference beyond that of rounds.
    Same,
    /// The other is faster, and lost nothing.
    Faster,
    /// The other is slower.
    Slower,
    /// The other is right, or loses less, where the first did not.
    Righter,
    /// The other is wrong, or loses more, where the first did not.
    Wronger,
    /// Too few rounds, nothing measured, or a speed that was bought with lost updates.
    Unknown,
}

/// The same cell in the first sweep and in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Its position in the first.
    pub first: usize,
    /// Which other sweep, from 1.
    pub sweep: usize,
    /// Its position there.
    pub other: usize,
    /// Speed of the other over that of the first; `None` where either did nothing.
    pub rates: Option<Comparison>,
    /// What it comes to.
    pub outcome: PairOutcome,
    /// The worse caveat of the two.
    pub caveat: Caveat,
}

/// Whether figures of the sweeps may be held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparability {
    /// Nothing speaks against it.
    Comparable,
    /// Differences forbid it.
    NotComparable,
    /// There are differences, and they were overruled.
    Forced,
}

/// What there is to say of sweeps side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonReport {
    /// Whether anything was compared.
    pub comparability: Comparability,
    /// What makes them not comparable.
    pub differences: Vec<Difference>,
    /// Each pair of equal cells, sweep by sweep in the order of the first's cells; none where
    /// differences forbid it.
    pub pairs: Vec<Pair>,
    /// Cells on either side of any pair of sweeps that have no counterpart.
    pub unmatched: usize,
    /// One sentence.
    pub verdict: String,
}

/// Holds every sweep against the first.
pub fn compare<K: PartialEq>(sheets: &[SweepResults<K>], policy: Differences) -> ComparisonReport {
    let differences = differences(sheets.iter().map(|sheet| &sheet.environment));
    let comparability = match (differences.is_empty(), policy) {
        (true, _) => Comparability::Comparable,
        (false, Differences::Forbid) => Comparability::NotComparable,
        (false, Differences::Overrule) => Comparability::Forced,
    };
    let mut report = ComparisonReport {
        comparability,
        differences,
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

impl Environment {
    fn fields(&self) -> [(&'static str, Option<String>); 12] {
        let Self {
            cpu_model,
            cores,
            smt,
            kernel,
            governor,
            hypervisor,
            clock_source,
            profile,
            version,
            pin,
            order,
            step_cost_ns,
        } = self.clone();
        [
            ("machine.cpu_model", Some(cpu_model)),
            ("machine.cores", Some(cores.to_string())),
            ("machine.smt", Some(smt)),
            ("machine.kernel", Some(kernel)),
            ("machine.governor", Some(governor)),
            ("machine.hypervisor", Some(hypervisor)),
            ("machine.clock_source", Some(clock_source)),
            ("machine.profile", Some(profile)),
            ("version", version),
            ("pin", Some(pin)),
            ("order", Some(order)),
            ("step_cost_ns", Some(step_cost_ns)),
        ]
    }
}

/// The fields in which those of which it is known differ.
fn differences<'a>(settings: impl Iterator<Item = &'a Environment>) -> Vec<Difference> {
    let all: Vec<_> = settings.map(Environment::fields).collect();
    let Some(first) = all.first() else {
        return Vec::new();
    };
    let field = |at: usize| {
        let values: Vec<Option<String>> = all.iter().map(|fields| fields[at].1.clone()).collect();
        let mut known = values.iter().flatten();
        let differs = known.next().is_some_and(|one| known.any(|other| other != one));
        let shown = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
        let values = values.into_iter().map(shown).collect();
        differs.then_some(Difference { field: first[at].0, values })
    };
    (0..first.len()).filter_map(field).collect()
}

/// Positions of equal cells, each taken once: the second of two equal cells meets the second.
fn paired<K: PartialEq>(
    first: &[ComparedCell<K>],
    other: &[ComparedCell<K>],
) -> Vec<(usize, usize)> {
    let mut is_taken = vec![false; other.len()];
    let mut pairs = Vec::new();
    for (at, cell) in first.iter().enumerate() {
        let is_free_twin =
            |there: &usize| !is_taken[*there] && other[*there].parameters == cell.parameters;
        if let Some(there) = (0..other.len()).find(is_free_twin) {
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
    // Any fixed number will do: the same pair has the same interval in every comparison.
    let mut draws = SplitMix64::of(&[2]);
    let [base, rates] = [one, two].map(|cell| Sample::new(cell.round_rates.clone()));
    let rates = Comparison::of(&rates, &base, &mut draws);
    let outcome = outcome(one, two, rates.as_ref());
    Pair { first, sweep, other, rates, outcome, caveat: one.caveat.max(two.caveat) }
}

fn outcome<K>(
    first: &ComparedCell<K>,
    other: &ComparedCell<K>,
    rates: Option<&Comparison>,
) -> PairOutcome {
    let says_something = |cell: &ComparedCell<K>| {
        let is_judged =
            matches!(cell.verdict, Some(Verdict::Kept | Verdict::Lost | Verdict::Broken));
        is_judged && cell.attempts > 0
    };
    if !says_something(first) || !says_something(other) {
        return PairOutcome::Unknown;
    }
    match correctness(first).cmp_beyond_chance(&correctness(other)) {
        Ordering::Less => PairOutcome::Righter,
        Ordering::Greater => PairOutcome::Wronger,
        Ordering::Equal => speed(other, rates),
    }
}

/// How right a cell is.
struct Correctness {
    is_broken: bool,
    correct: Share,
}

fn correctness<K>(cell: &ComparedCell<K>) -> Correctness {
    let is_broken = cell.verdict == Some(Verdict::Broken);
    Correctness { is_broken, correct: wilson(cell.correct, cell.attempts) }
}

impl Correctness {
    /// A broken promise is always less; else the shares of correct attempts differ where their 95 %
    /// intervals do not touch, which for equal shares of independent attempts happens less than
    /// once in a hundred times.
    fn cmp_beyond_chance(&self, other: &Self) -> Ordering {
        let (one, two) = (self.correct, other.correct);
        match (self.is_broken, other.is_broken) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ if one.high < two.low => Ordering::Less,
            _ if two.high < one.low => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }
}

fn speed<K>(other: &ComparedCell<K>, rates: Option<&Comparison>) -> PairOutcome {
    match rates {
        None => PairOutcome::Unknown,
        Some(found) if found.tells_apart() && found.ratio < 1.0 => PairOutcome::Slower,
        Some(found) if found.tells_apart() => match other.verdict {
            Some(Verdict::Kept) => PairOutcome::Faster,
            Some(Verdict::Lost | Verdict::Broken | Verdict::Invalid) | None => PairOutcome::Unknown,
        },
        Some(Comparison { counts: (one, two), .. }) if *one.min(two) < COMPARED_ROUNDS_LEAST => {
            PairOutcome::Unknown
        }
        Some(_) => PairOutcome::Same,
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
        (PairOutcome::Wronger, "wronger"),
        (PairOutcome::Righter, "righter"),
        (PairOutcome::Slower, "slower"),
        (PairOutcome::Faster, "faster"),
        (PairOutcome::Same, "the same"),
        (PairOutcome::Unknown, "undecided"),
    ];
    let of = |outcome| report.pairs.iter().filter(|pair| pair.outcome == outcome).count();
    let counted = outcomes.map(|(outcome, word)| (of(outcome), word));
    let doubtful = |caveat| report.pairs.iter().filter(|pair| pair.caveat == caveat).count();
    let doubts = [(doubtful(Caveat::Noisy), "noisy"), (doubtful(Caveat::Degraded), "degraded")];
    let mut said = match report.pairs.len() {
        1 => format!("1 pair of cells: {}", phrase(&counted)),
        pairs => format!("{pairs} pairs of cells: {}", phrase(&counted)),
    };
    if doubts.iter().any(|(count, _)| *count > 0) {
        let _ = write!(said, "; {}, where speeds mean little", phrase(&doubts));
    }
    match report.unmatched {
        0 => said,
        1 => said + "; 1 cell without a counterpart",
        cells => format!("{said}; {cells} cells without a counterpart"),
    }
}

/// Only what there is: `2 slower, 1 faster`.
fn phrase(counted: &[(usize, &str)]) -> String {
    let present = counted.iter().filter(|(count, _)| *count > 0);
    present.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "tests/compare.rs"]
mod tests;
