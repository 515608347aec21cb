//! Ranking of exact strategies by speed. Pure; a strategy is named the fastest only if
//! [`Comparison`] distinguishes it from the rest.

use strategies::catalog::Promise;

use crate::measure::measurement::Verdict;
use crate::report::phrases::{
    NAMED_MAX, Row, correctness, kept_and_speed, label, list_of, lost_and_speed, lost_share,
    rounds_of, speed, with_verdict, workers_of, wrong,
};
use crate::stats::format::{list, p_value};
use crate::stats::two_sample::Comparison;
use strategies::harness::rng::SplitMix64;

/// Several strategies: the fastest exact one of each setting.
pub(super) fn comparison(rows: &[Row<'_>]) -> String {
    let mut settings: Vec<_> = Vec::new();
    for row in rows {
        let setting = (row.cell.workload, row.cell.workers);
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    if settings.len() == 1 {
        return one_setting(rows);
    }
    let groups = settings.iter().map(|&(workload, workers)| {
        let is_same = |row: &&Row<'_>| (row.cell.workload, row.cell.workers) == (workload, workers);
        rows.iter().filter(is_same).copied().collect::<Vec<_>>()
    });
    // A strategy alone in its setting has no competitor.
    let contested: Vec<_> = groups.filter(|group| group.len() > 1).collect();
    let lost = with_verdict(rows, Verdict::Lost);
    let sentences = [
        tally(&contested),
        (!lost.is_empty()).then(|| format!("Lost updates: {}.", list_of(&lost, rows, wrong))),
    ];
    let sentences: Vec<_> = sentences.into_iter().flatten().collect();
    if sentences.is_empty() { correctness(rows) } else { sentences.join(" ") }
}

/// Number of settings that each strategy wins, and number of undecided ones.
fn tally(contested: &[Vec<Row<'_>>]) -> Option<String> {
    let ends: Vec<_> = contested.iter().filter_map(|group| Ranking::of(group)).collect();
    let settings = format!("of {} settings", contested.len());
    let wins = counted(ends.iter().filter_map(Ranking::winner).map(|row| label(row.cell)))
        .into_iter()
        .map(|(count, name)| format!("{name} in {count} {settings}"));
    let wins = list(&wins.collect::<Vec<_>>(), NAMED_MAX);
    let ties = ends.iter().filter(|end| end.winner().is_none()).count();
    match (wins.is_empty(), ties) {
        (true, 0) => None,
        (false, 0) => Some(format!("Fastest of the exact: {wins}.")),
        (true, _) => {
            Some(format!("The fastest exact ones cannot be distinguished in {ties} {settings}."))
        }
        (false, _) => Some(format!("Fastest of the exact: {wins}; not distinguished in {ties}.")),
    }
}

/// Names with their counts, most frequent first.
fn counted(names: impl Iterator<Item = String>) -> Vec<(usize, String)> {
    let mut counted: Vec<(usize, String)> = Vec::new();
    for name in names {
        match counted.iter_mut().find(|(_, known)| *known == name) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, name)),
        }
    }
    counted.sort_by_key(|&(count, _)| std::cmp::Reverse(count));
    counted
}

/// The ranking of one setting.
enum Ranking<'a> {
    /// Only one row is exact.
    Alone(Row<'a>),
    /// One row is distinguished from all others; the runner-up.
    Won { best: Row<'a>, next: RunnerUp<'a> },
    /// These rows are not distinguished from the one with the greatest median.
    Open { best: Row<'a>, runners_up: Vec<RunnerUp<'a>> },
}

/// Another exact row with its comparison to the best; `None` where a rate is 0.
struct RunnerUp<'a> {
    row: Row<'a>,
    found: Option<Comparison>,
}

impl<'a> Ranking<'a> {
    /// `None` if no row is exact. Rows of one strategy with different parameters compete like rows
    /// of different strategies.
    fn of(rows: &[Row<'a>]) -> Option<Self> {
        let mut exact = exact(rows);
        exact.sort_by(|a, b| b.rates.median().total_cmp(&a.rates.median()));
        let best = *exact.first()?;
        let (near, far): (Vec<_>, Vec<_>) = exact
            .into_iter()
            .skip(1)
            .map(|row| RunnerUp { row, found: compare(best, row) })
            .partition(|runner_up| !runner_up.is_clearly_slower());
        Some(match far.into_iter().next() {
            _ if !near.is_empty() => Self::Open { best, runners_up: near },
            Some(next) => Self::Won { best, next },
            None => Self::Alone(best),
        })
    }

    fn best(&self) -> Row<'a> {
        match self {
            Self::Alone(best) | Self::Won { best, .. } | Self::Open { best, .. } => *best,
        }
    }

    fn winner(&self) -> Option<Row<'a>> {
        match self {
            Self::Alone(best) | Self::Won { best, .. } => Some(*best),
            Self::Open { .. } => None,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Alone(best) => {
                let (name, speed) = (label(best.cell), speed(best.measured));
                format!("Only {name} is exact: {speed} {}.", cost(*best))
            }
            Self::Won { best, next } => won(*best, next),
            Self::Open { best, runners_up } => open(*best, runners_up),
        }
    }
}

fn won(best: Row<'_>, RunnerUp { row, found }: &RunnerUp<'_>) -> String {
    let [ratio, rest] = figures(best, *row, found.as_ref());
    format!(
        "{} did {ratio} the increments of {}, the next exact one, at {}: {rest}; {} {}.",
        label(best.cell),
        label(row.cell),
        workers_of(best.cell),
        speed(best.measured),
        cost(best),
    )
}

fn open(best: Row<'_>, runners_up: &[RunnerUp<'_>]) -> String {
    let (name, workers, cost) = (label(best.cell), workers_of(best.cell), cost(best));
    if let [RunnerUp { row, found }] = runners_up {
        let figures = figures(best, *row, found.as_ref()).join(", ");
        let other = label(row.cell);
        return format!(
            "{name} and {other} cannot be distinguished at {workers}: {figures}, {cost}."
        );
    }
    let others: Vec<_> = runners_up.iter().map(|runner_up| runner_up.words(best)).collect();
    format!(
        "{name} cannot be distinguished at {workers} from {}, {cost}.",
        list(&others, NAMED_MAX)
    )
}

fn cost(row: Row<'_>) -> String {
    format!("at a step cost of {} ns", row.cell.workload.step_cost_ns)
}

impl RunnerUp<'_> {
    fn is_clearly_slower(&self) -> bool {
        self.found.is_some_and(|found| found.differs() && found.low > 1.0)
    }

    fn words(&self, best: Row<'_>) -> String {
        let figures = figures(best, self.row, self.found.as_ref());
        format!("{} ({})", label(self.row.cell), figures.join(", "))
    }
}

/// The ratio with its interval, and the test with its counts.
fn figures(one: Row<'_>, other: Row<'_>, found: Option<&Comparison>) -> [String; 2] {
    let counts = rounds_of(one, other);
    match found {
        Some(Comparison { ratio, low, high, p, .. }) => {
            [format!("{ratio:.2}x [{low:.2} to {high:.2}]"), format!("{}, {counts}", p_value(*p))]
        }
        None => ["in some attempt no worker incremented".into(), counts],
    }
}

/// The comparison of two rows' rates, with a fixed random stream.
fn compare(one: Row<'_>, other: Row<'_>) -> Option<Comparison> {
    Comparison::of(one.rates, other.rates, &mut SplitMix64::of(&[1]))
}

/// One setting: the ranking, and the rows that lost updates.
fn one_setting(rows: &[Row<'_>]) -> String {
    let Some(end) = Ranking::of(rows) else {
        return correctness(rows);
    };
    let best = end.best();
    let lost = with_verdict(rows, Verdict::Lost);
    let is_faster = |row: &Row<'_>| {
        compare(*row, best).is_some_and(|found| found.differs() && found.ratio > 1.0)
    };
    let (faster, others): (Vec<_>, Vec<_>) = lost.into_iter().partition(is_faster);
    let mut lucky = with_verdict(rows, Verdict::Kept);
    lucky.retain(|row| promise(row) == Promise::Lossy);
    let mut sentences = vec![end.sentence()];
    if !lucky.is_empty() {
        let seen = list_of(&lucky, rows, kept_and_speed);
        sentences.push(format!("Promises nothing, but lost nothing this time: {seen}."));
    }
    if !faster.is_empty() {
        sentences.push(format!("Faster but wrong: {}.", list_of(&faster, rows, lost_and_speed)));
    }
    if !others.is_empty() {
        sentences.push(format!("No faster and wrong: {}.", list_of(&others, rows, lost_share)));
    }
    sentences.join(" ")
}

fn promise(row: &Row<'_>) -> Promise {
    row.cell.subject.promise(&row.cell.workload, row.cell.workers)
}

/// Rows that promise to lose nothing and kept it: only these can win.
fn exact<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut kept = with_verdict(rows, Verdict::Kept);
    kept.retain(|row| promise(row) == Promise::Exact);
    kept
}

#[cfg(test)]
#[path = "tests/ranking.rs"]
mod tests;
