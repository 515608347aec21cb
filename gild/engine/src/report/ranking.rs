//! Ranking of exact strategies by speed. Pure; a strategy is named the fastest only if
//! [`Comparison`] distinguishes it from the rest.

use strategies::catalog::Promise;

use crate::limits::{ATTEMPTS_MAX, EQUIVALENT_FACTOR, ROUNDS};
use crate::measure::measurement::Verdict;
use crate::report::phrases::{
    Row, SHOWN_MAX, correctness, list_of, lost_share, right, rounds_of, speed, with_verdict,
    workers_of,
};
use crate::stats::format::{capitalized, list, p_value};
use crate::stats::two_sample::Comparison;
use strategies::harness::rng::SplitMix64;

/// Where a rate is 0.
const STILL: &str = "in some attempt no worker incremented";

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
    let lucky = lucky(rows);
    let groups = settings.iter().map(|&(workload, workers)| {
        let is_same = |row: &&Row<'_>| (row.cell.workload, row.cell.workers) == (workload, workers);
        rows.iter().filter(is_same).copied().collect::<Vec<_>>()
    });
    // A strategy alone in its setting has no competitor, and one worker none to be hindered by.
    let contested: Vec<_> = groups.filter(|group| group.len() > 1 && can_lose(group)).collect();
    let lost = with_verdict(rows, Verdict::Lost);
    let sentences = [
        tally(&contested),
        (!lucky.is_empty()).then(|| cells_of("Right this time without a promise", &lucky, rows)),
        (!lost.is_empty()).then(|| cells_of("Lost updates", &lost, rows)),
    ];
    let sentences: Vec<_> = sentences.into_iter().flatten().collect();
    if sentences.is_empty() { correctness(rows) } else { sentences.join("\n") }
}

/// Whether anything could be lost in a setting, if its strategy permitted it.
fn can_lose(setting: &[Row<'_>]) -> bool {
    setting.iter().all(|row| row.cell.workload.incrementing(row.cell.workers) > 1)
}

/// Rows that lost nothing and do not promise it.
fn lucky<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut kept = with_verdict(rows, Verdict::Kept);
    kept.retain(|row| promise(row) == Promise::Lossy);
    kept
}

/// Of each strategy, how many of its cells are among these: `Lost updates: unlocked in 2 of 3 cells.`
fn cells_of(head: &str, some: &[Row<'_>], rows: &[Row<'_>]) -> String {
    let of_all = |name: &str| rows.iter().filter(|row| row.label() == name).count();
    let shown = counted(some.iter().map(Row::label))
        .into_iter()
        .map(|(count, name)| format!("{name} in {count} of {} cells", of_all(&name)));
    format!("{head}: {}.", list(&shown.collect::<Vec<_>>(), SHOWN_MAX))
}

/// Number of settings that each strategy wins, and number of undecided ones.
fn tally(contested: &[Vec<Row<'_>>]) -> Option<String> {
    let ends: Vec<_> = contested.iter().filter_map(|group| Ranking::of(group)).collect();
    let settings = match contested.len() {
        1 => "of 1 setting".to_owned(),
        several => format!("of {several} settings"),
    };
    let listed = |rows: &mut dyn Iterator<Item = Row<'_>>| {
        let counted = counted(rows.map(|row| row.label())).into_iter();
        let shown = counted.map(|(count, name)| format!("{name} in {count} {settings}"));
        list(&shown.collect::<Vec<_>>(), SHOWN_MAX)
    };
    let wins = listed(&mut ends.iter().filter_map(Ranking::winner));
    let alone = listed(&mut ends.iter().filter_map(Ranking::alone));
    let ties = ends.iter().filter(|end| matches!(end, Ranking::Open { .. })).count();
    let advice = ends.iter().find_map(Ranking::advice).unwrap_or_default();
    let said = [
        (!wins.is_empty()).then(|| format!("fastest that is right: {wins}")),
        (!alone.is_empty()).then(|| format!("alone in promising it and right: {alone}")),
        (ties > 0).then(|| format!("fastest right ones not distinguished in {ties} {settings}")),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| capitalized(&format!("{}.{advice}", said.join("; "))))
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
            Self::Won { best, .. } => Some(*best),
            Self::Alone(_) | Self::Open { .. } => None,
        }
    }

    fn alone(&self) -> Option<Row<'a>> {
        match self {
            Self::Alone(best) => Some(*best),
            Self::Won { .. } | Self::Open { .. } => None,
        }
    }

    /// What would decide it, if attempts are missing.
    fn advice(&self) -> Option<String> {
        match self {
            Self::Open { best, runners_up } => {
                Some(more_attempts(*best, runners_up)).filter(|advice| !advice.is_empty())
            }
            Self::Alone(_) | Self::Won { .. } => None,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Alone(best) => {
                let (name, speed) = (best.label(), speed(best.measured));
                format!("Only {name} promises to lose nothing and kept it: {speed}.")
            }
            Self::Won { best, next } => won(*best, next),
            Self::Open { best, runners_up } => open(*best, runners_up),
        }
    }
}

fn won(best: Row<'_>, runner_up: &RunnerUp<'_>) -> String {
    let (name, other) = (best.label(), runner_up.row.label());
    let (ratio, basis) = (runner_up.ratio(Some(&other)), runner_up.basis(best));
    format!("{name} is {ratio}, both right ({basis}).")
}

fn open(best: Row<'_>, runners_up: &[RunnerUp<'_>]) -> String {
    let name = best.label();
    let advice = more_attempts(best, runners_up);
    if let [runner_up] = runners_up {
        let other = runner_up.row.label();
        let (ratio, basis) = (runner_up.ratio(None), runner_up.basis(best));
        let apart = if advice.is_empty() { "cannot be" } else { "are not yet" };
        return format!(
            "{name} and {other} {apart} distinguished: {ratio}, both right ({basis}).{advice}"
        );
    }
    let others: Vec<_> = runners_up.iter().map(RunnerUp::words).collect();
    let (others, workers) = (list(&others, SHOWN_MAX), workers_of(best.cell));
    let rounds = rounds_of(best, runners_up[0].row);
    let apart = if advice.is_empty() { "cannot be" } else { "is not yet" };
    format!("{name} {apart} distinguished from {others}, all right ({workers}, {rounds}).{advice}")
}

/// Where an interval is too wide for equal speeds: how many attempts may decide it.
fn more_attempts(best: Row<'_>, runners_up: &[RunnerUp<'_>]) -> String {
    /// The test needs twice the attempts at p = 0.05, and four times at p = 0.2.
    const NEARLY: f64 = 0.05;
    let open = runners_up.iter().filter_map(|it| it.found);
    let open = open.filter(|it| !it.is_within(EQUIVALENT_FACTOR));
    let Some(p) = open.map(|it| it.p).max_by(f64::total_cmp) else { return String::new() };
    let (done, asked) = (best.measured.attempts, best.cell.attempts);
    if done < asked {
        return format!(" More attempts decide it: {done} of {asked} were made.");
    }
    let times = if p <= NEARLY { 2 } else { 4 };
    let wanted = asked.saturating_mul(times).clamp(ROUNDS, ATTEMPTS_MAX);
    if wanted <= asked {
        return String::new();
    }
    format!(" More attempts decide it: ask for --attempts {wanted}.")
}

impl RunnerUp<'_> {
    fn is_clearly_slower(&self) -> bool {
        self.found.is_some_and(|found| found.differs() && found.low > 1.0)
    }

    /// The best one's speed over that of this one, which may be named: `2.50x ticket [2.10-3.00]`.
    fn ratio(&self, name: Option<&str>) -> String {
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        match &self.found {
            // One value has no interval.
            Some(Comparison { ratio, counts: (1, _) | (_, 1), .. }) => format!("{ratio:.2}x{name}"),
            Some(Comparison { ratio, low, high, .. }) => {
                format!("{ratio:.2}x{name} [{low:.2}-{high:.2}]")
            }
            None => STILL.to_owned(),
        }
    }

    /// What the ratio comes from.
    fn basis(&self, best: Row<'_>) -> String {
        let counts = format!("{}, {}", workers_of(best.cell), rounds_of(best, self.row));
        match &self.found {
            Some(found) => format!("{counts}, {}", p_value(found.p)),
            None => counts,
        }
    }

    fn words(&self) -> String {
        format!("{} ({})", self.row.label(), self.ratio(None))
    }
}

/// The comparison of two rows' rates, with a fixed random stream.
fn compare(one: Row<'_>, other: Row<'_>) -> Option<Comparison> {
    Comparison::of(one.rates, other.rates, &mut SplitMix64::of(&[1]))
}

/// One setting: the ranking, and the rows that lost updates.
fn one_setting(rows: &[Row<'_>]) -> String {
    let Some(end) = Ranking::of(rows).filter(|_| can_lose(rows)) else {
        return correctness(rows);
    };
    let best = end.best();
    let lost = with_verdict(rows, Verdict::Lost);
    let is_faster = |row: &Row<'_>| {
        compare(*row, best).is_some_and(|found| found.differs() && found.ratio > 1.0)
    };
    let (faster, others): (Vec<_>, Vec<_>) = lost.into_iter().partition(is_faster);
    let lucky = lucky(rows);
    let mut sentences = vec![end.sentence()];
    if !lucky.is_empty() {
        let seen = list_of(&lucky, rows, right);
        sentences.push(format!("Right this time without a promise: {seen}."));
    }
    if !faster.is_empty() {
        sentences.push(format!("Faster but wrong: {}.", list_of(&faster, rows, lost_share)));
    }
    if !others.is_empty() {
        sentences.push(format!("Wrong and no faster: {}.", list_of(&others, rows, lost_share)));
    }
    sentences.join("\n")
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
