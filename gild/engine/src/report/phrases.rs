//! Phrases of a verdict: names of cells, counts and speeds for its sentences.

use strategies::catalog::Spec;
use strategies::program::era::SwitchRule;
use strategies::program::limit::picoseconds;

use crate::measure::measurement::{Measurement, Verdict};
use crate::plan::cell::Cell;
use crate::plan::subject::Subject;
use crate::stats::format::{list, scaled};
use crate::stats::two_sample::Sample;

/// Most cells that a sentence names one by one.
pub(crate) const NAMED_MAX: usize = 6;

/// The eras, in words.
pub(crate) const ERAS_IN_WORDS: &str = "2.7, 3.2 to 3.13 and 3.13t";

/// A cell with its measurement and the rates of its rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) cell: &'a Cell,
    pub(crate) measured: &'a Measurement,
    pub(crate) rates: &'a Sample,
}

/// A cell's strategy with its parameters: `gil 3.9 at 5 ms`.
pub fn label(cell: &Cell) -> String {
    let name = match cell.subject {
        Subject::Lab(Spec::Plain(_)) => return cell.subject.name().into(),
        Subject::Lab(Spec::Gil { era, .. }) => format!("gil {era}"),
        Subject::Python(python) => format!("cpython {}", python.version),
    };
    match cell.subject.rule() {
        None | Some(SwitchRule::Free) => name,
        Some(SwitchRule::Interval(asked)) => {
            format!("{name} at {}", picoseconds(asked.picoseconds()))
        }
        Some(SwitchRule::Ticks(1)) => format!("{name} at 1 tick"),
        Some(SwitchRule::Ticks(ticks)) => format!("{name} at {ticks} ticks"),
    }
}

/// The verdict for a single strategy: the cells where it was correct, and where not.
pub(crate) fn correctness(rows: &[Row<'_>]) -> String {
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

pub(crate) fn with_verdict<'a>(rows: &[Row<'a>], verdict: Verdict) -> Vec<Row<'a>> {
    rows.iter().filter(|row| row.measured.verdict == verdict).copied().collect()
}

/// A list of rows with their distinguishing parameters and a detail each.
pub(crate) fn list_of(
    some: &[Row<'_>],
    all: &[Row<'_>],
    detail: impl Fn(&Measurement) -> String,
) -> String {
    let items: Vec<_> = some
        .iter()
        .map(|row| {
            format!(
                "{}{} ({})",
                label(row.cell),
                distinguishing(row.cell, all),
                detail(row.measured)
            )
        })
        .collect();
    list(&items, NAMED_MAX)
}

/// The workers of a cell: `2 workers`, or `1 computing, 1 requesting`.
pub(crate) fn workers_of(cell: &Cell) -> String {
    match cell.workload.service {
        None if cell.workers == 1 => "1 worker".into(),
        None => format!("{} workers", cell.workers),
        Some(service) => {
            let computing = cell.workload.incrementing(cell.workers);
            format!("{computing} computing, {} requesting", service.workers)
        }
    }
}

/// The parameters beyond the label that distinguish a cell from others of its strategy.
fn distinguishing(cell: &Cell, rows: &[Row<'_>]) -> String {
    let differ = |of: &dyn Fn(&Cell) -> String| {
        let value = of(cell);
        rows.iter().any(|row| of(row.cell) != value).then_some(value)
    };
    let work = |cell: &Cell| match cell.workload.service {
        None => format!("{} x {}", cell.workload.tasks, cell.workload.increments),
        Some(service) => format!("{} requests each", service.requests),
    };
    let request = |cell: &Cell| {
        let between = cell.workload.io.map(|io| io.request);
        let asked = cell.workload.service.map(|service| service.request).or(between);
        asked.map_or_else(|| "no requests".to_owned(), |request| request.to_string())
    };
    let words = [
        differ(&|cell| format!("body {}", cell.workload.body)),
        differ(&workers_of),
        differ(&work),
        differ(&request),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) }
}

/// The rounds of two compared rows: `of 20 rounds each`.
pub(crate) fn rounds_of(one: Row<'_>, other: Row<'_>) -> String {
    match (one.rates.len(), other.rates.len()) {
        (1, 1) => "of 1 round each".into(),
        (n, m) if n == m => format!("of {n} rounds each"),
        (n, m) => format!("of {n} and {m} rounds"),
    }
}

fn attempts(m: &Measurement) -> String {
    format!("{} of {}", m.correct, m.attempts)
}

pub(crate) fn wrong_attempts(m: &Measurement) -> String {
    let modelled = m.modelled.as_ref();
    if let Some((reachable, (value, seed))) =
        modelled.and_then(|it| Some((&it.reachable, it.impossible?)))
    {
        return format!(
            "{value} is impossible, only {reachable} can come out; seed {seed} of its attempt"
        );
    }
    let overlapped = m.contention.as_ref().and_then(|it| it.watched).map_or(0, |it| it.overlapped);
    let torn = m.contention.as_ref().map_or(0, |it| it.torn_reads);
    if m.correct == m.attempts && overlapped + torn > 0 {
        return format!("{overlapped} sampled sections overlapped, {torn} reads were torn");
    }
    format!("{} of {} attempts wrong, least {}", m.attempts - m.correct, m.attempts, m.observed.0)
}

pub(crate) fn lost_and_speed(m: &Measurement) -> String {
    format!("{} at {}", lost_share(m), speed(m))
}

/// The lost share; where its median is zero, the count of wrong attempts instead.
pub(crate) fn lost_share(m: &Measurement) -> String {
    if m.lost.median <= 0.0 {
        return wrong_attempts(m);
    }
    let [low, median, high] =
        [m.lost.low, m.lost.median, m.lost.high].map(|share| format!("{:.1}", share * 100.0));
    format!("lost {median} % [{low} to {high}]")
}

pub(crate) fn speed(m: &Measurement) -> String {
    let [low, median, high] = [m.rate.low, m.rate.median, m.rate.high].map(scaled);
    format!("{median} increments/s [{low} to {high}] over {} attempts", m.attempts)
}

/// A time with three digits.
pub(crate) fn time(ns: u64) -> String {
    picoseconds(rounded(ns).saturating_mul(1000))
}

/// Three digits: a histogram has no more.
fn rounded(ns: u64) -> u64 {
    let unit = 10_u64.pow(ns.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (ns + unit / 2) / unit * unit
}
