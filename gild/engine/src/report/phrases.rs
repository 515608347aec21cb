//! Phrases of a verdict: names of cells, counts and speeds for its sentences.

use strategies::catalog::Spec;
use strategies::program::era::SwitchRule;
use strategies::program::limit::picoseconds;
use strategies::program::workload::Workload;

use crate::measure::measurement::{Measurement, Verdict};
use crate::plan::cell::{Cell, MergedInterval};
use crate::plan::subject::Subject;
use crate::stats::format::{grouped, list, scaled, tiny};
use crate::stats::lost_increments::{IncrementCounts, LostIncrements};
use crate::stats::two_sample::Sample;

/// Most cells that a sentence names one by one.
pub(crate) const NAMED_MAX: usize = 6;

/// Most cells that a verdict names: each of its sentences is a line or two.
pub(crate) const SHOWN_MAX: usize = 3;

/// Most intervals of one setting that a name has.
const INTERVALS_SHOWN_MAX: usize = 3;

/// The eras, in words.
pub(crate) const ERAS_IN_WORDS: &str = "2.7, 3.2 to 3.13 and 3.13t";

/// A cell with its measurement and the rates of its rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) cell: &'a Cell,
    /// Intervals of which the cell is the measurement too.
    pub(crate) also: &'a [MergedInterval],
    pub(crate) measured: &'a Measurement,
    pub(crate) rates: &'a Sample,
}

impl Row<'_> {
    /// Its cell's label, with all its intervals.
    pub(crate) fn label(&self) -> String {
        label_of_all(self.cell, self.also)
    }
}

/// A cell's strategy with its parameters: `gil 3.9 at 5 ms`.
pub fn label(cell: &Cell) -> String {
    label_of_all(cell, &[])
}

/// The same with other intervals that the cell is the measurement of: `gil 3.9 at 500, 0.5 ns`.
pub(crate) fn label_of_all(cell: &Cell, also: &[MergedInterval]) -> String {
    let name = match cell.subject {
        Subject::Lab(Spec::Plain(_)) => return cell.subject.name().into(),
        Subject::Lab(Spec::Gil { era, .. }) => format!("gil {era}"),
        Subject::Python(python) => format!("cpython {}", python.version),
    };
    match cell.subject.rule() {
        None | Some(SwitchRule::Free) => name,
        Some(SwitchRule::Interval(asked)) => {
            let others = also.iter().map(|it| it.interval.picoseconds());
            format!("{name} at {}", intervals(asked.picoseconds(), others))
        }
        Some(SwitchRule::Ticks(1)) => format!("{name} at 1 tick"),
        Some(SwitchRule::Ticks(ticks)) => format!("{name} at {ticks} ticks"),
    }
}

/// An interval in picoseconds and others that are one setting with it: `500, 0.5 ns`, `1 us, 500 ns and
/// 7 more`. A unit that the next has too is left out, as in the rows of a table.
pub fn intervals(asked: u64, others: impl Iterator<Item = u64>) -> String {
    let all: Vec<String> = std::iter::once(asked).chain(others).map(picoseconds).collect();
    let shown = &all[..all.len().min(INTERVALS_SHOWN_MAX)];
    let text = |(at, whole): (usize, &String)| {
        let unit = |text: &String| text.split_once(' ').map(|(_, unit)| unit.to_owned());
        match whole.split_once(' ') {
            Some((number, own)) if shown.get(at + 1).and_then(unit).as_deref() == Some(own) => {
                number.to_owned()
            }
            _ => whole.clone(),
        }
    };
    let mut texts: Vec<String> = shown.iter().enumerate().map(text).collect();
    texts.resize(all.len(), String::new());
    list(&texts, INTERVALS_SHOWN_MAX)
}

/// The verdict for a single strategy: the cells where it was correct, and where not.
pub(crate) fn correctness(rows: &[Row<'_>]) -> String {
    let kept = with_verdict(rows, Verdict::Kept);
    let lost = with_verdict(rows, Verdict::Lost);
    let claim = match kept.first() {
        Some(row) if row.measured.lost_increments.is_some() => "No increment lost",
        _ => "Right in every attempt",
    };
    let right = format!("{claim}: {}.", list_of(&kept, rows, right));
    let wrong = format!("Lost updates: {}.", list_of(&lost, rows, wrong));
    match (kept.is_empty(), lost.is_empty()) {
        (false, true) => right,
        (true, _) => wrong,
        (false, false) => format!("{right}\n{wrong}"),
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
    let cells: Vec<&Cell> = all.iter().map(|row| row.cell).collect();
    let item = |row: &Row<'_>| {
        let (name, detail) = (row.label(), detail(row.measured));
        format!("{name}{} ({detail})", distinguishing(row.cell, &cells))
    };
    let items: Vec<_> = some.iter().map(item).collect();
    list(&items, SHOWN_MAX)
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

/// How much an attempt of a cell does: `2 x 1000`, `for 50 ms`, `100 requests each`.
pub(crate) fn work_of(cell: &Cell) -> String {
    let Workload { tasks, increments, service, duration_ns, .. } = cell.workload;
    match (service, duration_ns) {
        (Some(service), _) => format!("{} requests each", service.requests),
        (None, Some(duration_ns)) => format!("for {}", time(duration_ns)),
        (None, None) => format!("{tasks} x {increments}"),
    }
}

/// A parameter of a cell in words.
type Words = fn(&Cell) -> String;

/// Those that a title has.
const IN_TITLES: [Words; 4] =
    [|cell| format!("body {}", cell.workload.body), workers_of, work_of, request_of];
/// The others.
const SETTINGS: [Words; 9] = [
    |cell| format!("inside {}", time(cell.workload.inside_ns)),
    |cell| format!("outside {}", time(cell.workload.outside_ns)),
    |cell| format!("{} task steps", cell.workload.task_steps),
    |cell| format!("step cost {}", time(cell.workload.step_cost_ns)),
    |cell| format!("{} lengths", cell.workload.lengths.name()),
    |cell| match cell.workload.locks {
        1 => "1 lock".into(),
        locks => format!("{locks} locks"),
    },
    |cell| format!("{} % reads", cell.workload.reads_percent),
    |cell| match cell.workload.arrivals_per_s {
        None => "no arrivals".into(),
        Some(arrivals) => format!("{arrivals} arrivals/s"),
    },
    |cell| match cell.workload.io {
        None => "no requests".into(),
        Some(io) => format!("a request every {}", io.every),
    },
];

/// The parameters beyond the label that distinguish a cell from others of its sweep.
pub(crate) fn distinguishing(cell: &Cell, cells: &[&Cell]) -> String {
    differing(cell, cells, &IN_TITLES) + &settings(cell, cells)
}

/// The same without those that a title has.
pub(crate) fn settings(cell: &Cell, cells: &[&Cell]) -> String {
    differing(cell, cells, &SETTINGS)
}

fn differing(cell: &Cell, cells: &[&Cell], parameters: &[Words]) -> String {
    let differs = |words: &&Words| cells.iter().any(|other| words(other) != words(cell));
    let words = parameters.iter().filter(differs).map(|words| words(cell));
    words.fold(String::new(), |text, words| text + ", " + &words)
}

fn request_of(cell: &Cell) -> String {
    let between = cell.workload.io.map(|io| io.request);
    let asked = cell.workload.service.map(|service| service.request).or(between);
    asked.map_or_else(|| "no requests".to_owned(), |request| request.to_string())
}

/// The rounds of two compared rows: `of 20 rounds each`.
pub(crate) fn rounds_of(one: Row<'_>, other: Row<'_>) -> String {
    match (one.rates.len(), other.rates.len()) {
        (1, 1) => "of 1 round each".into(),
        (n, m) if n == m => format!("of {n} rounds each"),
        (n, m) => format!("of {n} and {m} rounds"),
    }
}

pub(crate) fn right(m: &Measurement) -> String {
    match &m.lost_increments {
        Some(lost) => increments(lost),
        None => format!("{} of {}", m.correct, m.attempts),
    }
}

/// What was wrong with a cell, in the unit by which it is judged.
pub(crate) fn wrong(m: &Measurement) -> String {
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
    let attempts = m.attempts - m.correct;
    match &m.lost_increments {
        Some(lost) if lost.counts.lost > 0 || attempts == 0 => increments(lost),
        Some(_) => format!("more counted than done in {attempts} of {} attempts", m.attempts),
        None => format!("{attempts} of {} attempts wrong, least {}", m.attempts, m.observed.0),
    }
}

/// `0 of 4,812,345 increments lost: at most 6.2e-7 at 95 %`, or
/// `96,247 of 4,812,345 increments lost: 2.0 % [1.8 % to 2.2 %]`.
pub(crate) fn increments(found: &LostIncrements) -> String {
    let IncrementCounts { checked, lost } = found.counts;
    let counts = format!("{} of {} increments lost", grouped(lost), grouped(checked));
    match found.interval {
        Some((_, most)) if lost == 0 => format!("{counts}: at most {} at 95 %", tiny(most)),
        Some(_) | None => format!("{counts}: {}", increment_share(found)),
    }
}

/// The lost share of increments: `2.0 % [1.8 % to 2.2 %]`.
pub(crate) fn increment_share(found: &LostIncrements) -> String {
    let share = tiny(found.fraction());
    match found.interval {
        Some((low, high)) => format!("{share} [{} to {}]", tiny(low), tiny(high)),
        None => format!("{share}, of a single round"),
    }
}

/// The lost share; where its median is zero, the count of wrong attempts instead.
pub(crate) fn lost_share(m: &Measurement) -> String {
    if m.lost_increments.is_some() || m.lost.median <= 0.0 {
        return wrong(m);
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
