//! A sweep in one sentence, and what a reader of its table should know. Pure.
//!
//! Only a strategy that promised to lose nothing, and lost nothing, can win, and no speed is named
//! without whether the result was right. Speeds are compared only between cells that do the same work
//! at the same step cost.

use std::collections::HashSet;

use strategies::catalog::{Name, Promise, Spec};
use strategies::era::{Era, SwitchRule};
use strategies::workload::picoseconds;

use crate::measure::{Measurement, Validity, Verdict};
use crate::plan::{Cell, Plan};
use crate::text::{list, percent, scaled};

/// Most cells that a sentence names one by one.
const NAMED_MAX: usize = 6;

/// A cell beside its measurement.
#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    cell: &'a Cell,
    measured: &'a Measurement,
}

/// The verdict. `measurements` stand in the order of the plan's cells.
pub fn verdict(plan: &Plan, measurements: &[Measurement]) -> String {
    let rows: Vec<Row<'_>> = plan
        .cells
        .iter()
        .zip(measurements)
        .map(|(cell, measured)| Row { cell, measured })
        .filter(|row| row.measured.attempts > 0)
        .collect();
    if rows.is_empty() {
        return "Nothing was measured.".into();
    }
    let names: HashSet<Name> = rows.iter().map(|row| row.cell.spec.name()).collect();
    let broken = with_verdict(&rows, Verdict::Broken);
    if !broken.is_empty() {
        format!("PROMISE BROKEN: {}.", list_of(&broken, &rows, wrong_attempts))
    } else if names.len() > 1 {
        comparison(&rows)
    } else {
        correctness(&rows)
    }
}

/// What a reader should know about cells that are not what they seem.
pub fn notes(plan: &Plan, measurements: &[Measurement]) -> Vec<String> {
    let mut notes = equal_settings(plan);
    let hypothetical: Vec<_> =
        plan.cells.iter().filter(|cell| cell.spec.is_hypothetical()).map(label).collect();
    if !hypothetical.is_empty() {
        notes.push(format!("No CPython has: {}.", list(&deduplicated(hypothetical), NAMED_MAX)));
    }
    let sequential: Vec<_> = plan
        .cells
        .iter()
        .zip(measurements)
        .filter(|(_, m)| m.attempts > 0 && m.validity == Validity::Sequential)
        .map(|(cell, m)| format!("{} (overlap {})", label(cell), percent(m.overlap)))
        .collect();
    if !sequential.is_empty() {
        notes.push(format!(
            "Workers ran almost one after the other, so being right proves little: {}.",
            list(&sequential, NAMED_MAX)
        ));
    }
    notes
}

/// A cell's strategy with its parameters: `gil 3.9 at 5 ms`.
pub fn label(cell: &Cell) -> String {
    match cell.spec {
        Spec::Plain(_) => cell.spec.name().to_string(),
        Spec::Gil { era, rule: SwitchRule::Interval(interval) } => {
            format!("gil {era} at {}", picoseconds(interval.picoseconds()))
        }
        Spec::Gil { era, rule: SwitchRule::Ticks(1) } => format!("gil {era} at 1 tick"),
        Spec::Gil { era, rule: SwitchRule::Ticks(ticks) } => format!("gil {era} at {ticks} ticks"),
        Spec::Gil { era, rule: SwitchRule::Free } => format!("gil {era}"),
    }
}

/// One strategy: where it was right, and where not.
fn correctness(rows: &[Row<'_>]) -> String {
    let kept = with_verdict(rows, Verdict::Kept);
    let lost = with_verdict(rows, Verdict::Lost);
    let right = format!("Right in every attempt: {}.", list_of(&kept, rows, attempts));
    let wrong = format!("Lost updates: {}.", list_of(&lost, rows, wrong_attempts));
    match (kept.is_empty(), lost.is_empty()) {
        (false, true) => right,
        (true, _) => wrong,
        (false, false) => format!("{right} {wrong}"),
    }
}

/// Several strategies: the fastest that lost nothing, setting by setting.
fn comparison(rows: &[Row<'_>]) -> String {
    let mut settings: Vec<_> = Vec::new();
    for row in rows {
        let setting = (row.cell.workload, row.cell.workers);
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    if settings.len() == 1 {
        return winner(rows);
    }
    let groups = settings.iter().map(|&(workload, workers)| {
        let is_same = |row: &&Row<'_>| (row.cell.workload, row.cell.workers) == (workload, workers);
        rows.iter().filter(is_same).copied().collect::<Vec<_>>()
    });
    // Where one strategy is left alone, there is nothing to win.
    let contests: Vec<_> = groups.filter(|group| group.len() > 1).collect();
    let wins =
        contests.iter().filter_map(|group| fastest(&exact(group)).map(|row| label(row.cell)));
    let shown: Vec<_> = counted(wins)
        .into_iter()
        .map(|(count, name)| format!("{name} in {count} of {} settings", contests.len()))
        .collect();
    let lost = with_verdict(rows, Verdict::Lost);
    let sentences = [
        (!shown.is_empty()).then(|| format!("Fastest of the exact: {}.", list(&shown, NAMED_MAX))),
        (!lost.is_empty())
            .then(|| format!("Lost updates: {}.", list_of(&lost, rows, wrong_attempts))),
        Some(correctness(rows)).filter(|_| shown.is_empty() && lost.is_empty()),
    ];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// How often each name comes, most often first.
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

/// One setting: who won, and who was wrong.
fn winner(rows: &[Row<'_>]) -> String {
    let lost = with_verdict(rows, Verdict::Lost);
    let Some(best) = fastest(&exact(rows)) else {
        return correctness(rows);
    };
    let is_faster = |row: &Row<'_>| row.measured.rate.median > best.measured.rate.median;
    let (faster, slower): (Vec<_>, Vec<_>) = lost.into_iter().partition(is_faster);
    let next = fastest_but(rows, best).map(|next| {
        let (mine, theirs) = (best.measured.rate, next.measured.rate);
        let [low, middle, high] =
            [mine.low / theirs.high, mine.median / theirs.median, mine.high / theirs.low];
        format!(", {middle:.2}x [{low:.2} to {high:.2} by quartiles] {}", label(next.cell))
    });
    let mut sentences = vec![format!(
        "Fastest of the exact: {}, {} at a step cost of {} ns{}.",
        label(best.cell),
        speed(best.measured),
        best.cell.workload.step_cost_ns,
        next.unwrap_or_default(),
    )];
    let lucky: Vec<_> = with_verdict(rows, Verdict::Kept)
        .into_iter()
        .filter(|row| promise(row) == Promise::Lossy)
        .collect();
    if !lucky.is_empty() {
        let seen = list_of(&lucky, rows, speed);
        sentences.push(format!("Promises nothing, but lost nothing this time: {seen}."));
    }
    if !faster.is_empty() {
        sentences.push(format!("Faster but wrong: {}.", list_of(&faster, rows, lost_and_speed)));
    }
    if !slower.is_empty() {
        sentences.push(format!("No faster and wrong: {}.", list_of(&slower, rows, lost_share)));
    }
    sentences.join(" ")
}

fn with_verdict<'a>(rows: &[Row<'a>], verdict: Verdict) -> Vec<Row<'a>> {
    rows.iter().filter(|row| row.measured.verdict == verdict).copied().collect()
}

fn promise(row: &Row<'_>) -> Promise {
    row.cell.spec.promise(&row.cell.workload, row.cell.workers)
}

/// Those that promised to lose nothing, and kept it: only they can win.
fn exact<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut kept = with_verdict(rows, Verdict::Kept);
    kept.retain(|row| promise(row) == Promise::Exact);
    kept
}

fn fastest<'a>(rows: &[Row<'a>]) -> Option<Row<'a>> {
    let by_rate =
        |a: &Row<'_>, b: &Row<'_>| a.measured.rate.median.total_cmp(&b.measured.rate.median);
    rows.iter().copied().max_by(by_rate)
}

/// The fastest right one of another strategy.
fn fastest_but<'a>(rows: &[Row<'a>], best: Row<'a>) -> Option<Row<'a>> {
    let others: Vec<_> =
        rows.iter().filter(|row| row.cell.spec.name() != best.cell.spec.name()).copied().collect();
    fastest(&exact(&others))
}

/// Some rows by name, with what tells them from all others.
fn list_of(some: &[Row<'_>], all: &[Row<'_>], detail: impl Fn(&Measurement) -> String) -> String {
    let items: Vec<_> = some
        .iter()
        .map(|row| {
            format!("{}{} ({})", label(row.cell), setting(row.cell, all), detail(row.measured))
        })
        .collect();
    list(&items, NAMED_MAX)
}

/// What tells a cell from others of its strategy, where the label does not.
fn setting(cell: &Cell, rows: &[Row<'_>]) -> String {
    let differ = |of: &dyn Fn(&Cell) -> String| {
        let own = of(cell);
        rows.iter().any(|row| of(row.cell) != own).then_some(own)
    };
    let work = |cell: &Cell| format!("{} x {}", cell.workload.tasks, cell.workload.increments);
    let words = [
        differ(&|cell| format!("body {}", cell.workload.body)),
        differ(&|cell| format!("{} workers", cell.workers)),
        differ(&work),
    ];
    let told: Vec<_> = words.into_iter().flatten().collect();
    if told.is_empty() { String::new() } else { format!(", {}", told.join(", ")) }
}

fn attempts(m: &Measurement) -> String {
    format!("{} of {}", m.correct, m.attempts)
}

fn wrong_attempts(m: &Measurement) -> String {
    format!("{} of {} attempts wrong, least {}", m.attempts - m.correct, m.attempts, m.observed.0)
}

fn lost_and_speed(m: &Measurement) -> String {
    format!("{} at {}", lost_share(m), speed(m))
}

/// Where most attempts lost nothing, their count says more than a median of zero.
fn lost_share(m: &Measurement) -> String {
    if m.lost.median <= 0.0 {
        return wrong_attempts(m);
    }
    let [low, median, high] =
        [m.lost.low, m.lost.median, m.lost.high].map(|share| format!("{:.1}", share * 100.0));
    format!("lost {median} % [{low} to {high}]")
}

fn speed(m: &Measurement) -> String {
    let [low, median, high] = [m.rate.low, m.rate.median, m.rate.high].map(scaled);
    format!("{median} increments/s [{low} to {high}] over {} attempts", m.attempts)
}

/// What is asked for differently and is one and the same.
fn equal_settings(plan: &Plan) -> Vec<String> {
    equal_intervals(plan).into_iter().chain(equal_eras(plan)).collect()
}

/// Asked intervals that take effect as the same.
fn equal_intervals(plan: &Plan) -> Vec<String> {
    let interval = |cell: &Cell| match cell.spec.rule()? {
        SwitchRule::Interval(asked) => Some((asked, cell.spec.effective_interval_us()?)),
        SwitchRule::Ticks(_) | SwitchRule::Free => None,
    };
    let mut asked: Vec<_> = plan.cells.iter().filter_map(interval).collect();
    asked.sort_unstable_by(|a, b| b.cmp(a));
    asked.dedup();
    asked
        .chunk_by(|(_, a), (_, b)| a == b)
        .filter(|same| same.len() > 1)
        .map(|same| {
            let names: Vec<_> = same.iter().map(|(i, _)| picoseconds(i.picoseconds())).collect();
            let effective = picoseconds(same[0].1 * 1_000_000);
            format!("{} are one setting: each takes effect as {effective}.", names.join(" and "))
        })
        .collect()
}

/// Eras that were named one by one and are of one generation.
fn equal_eras(plan: &Plan) -> Vec<String> {
    let mut eras: Vec<Era> = plan.cells.iter().filter_map(|cell| cell.spec.era()).collect();
    eras.sort_unstable();
    eras.dedup();
    eras.chunk_by(|a, b| a.facts() == b.facts())
        .filter(|same| same.len() > 1)
        .map(|same| {
            let names: Vec<_> = same.iter().map(ToString::to_string).collect();
            format!("Eras {} are one generation: they differ in nothing here.", names.join(" and "))
        })
        .collect()
}

fn deduplicated(mut items: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
    items
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
