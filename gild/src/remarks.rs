//! What a reader of a sweep's table should know: cells that are not what they seem, what a convoy
//! costs, and whether a real interpreter agrees with its model. Pure; decides no verdict.

use std::collections::HashSet;

use strategies::era::{Era, RuleKind, SwitchRule};
use strategies::workload::{Request, picoseconds};

use crate::measure::{Measurement, Validity};
use crate::plan::{Cell, Plan};
use crate::subject::Subject;
use crate::summary::label;
use crate::text::{list, percent};

/// Most cells that a remark names one by one.
const NAMED_MAX: usize = 6;
/// How far two medians of the lost share may lie apart before two rows disagree.
const LOST_TOLERANCE: f64 = 0.10;
/// By what factor two medians of a latency may differ before two rows disagree.
const LATENCY_TOLERANCE: f64 = 1.5;

/// A cell beside its measurement.
type Row<'a> = (&'a Cell, &'a Measurement);

/// All remarks. `measurements` stand in the order of the plan's cells.
pub fn remarks(plan: &Plan, measurements: &[Measurement]) -> Vec<String> {
    let rows: Vec<Row<'_>> =
        plan.cells.iter().zip(measurements).filter(|(_, m)| m.attempts > 0).collect();
    let mut remarks = equal_intervals(plan);
    remarks.extend(equal_eras(plan));
    remarks.extend(hypothetical(plan));
    remarks.extend(sequential(&rows));
    remarks.extend(rows.iter().filter_map(|row| convoy(*row, &rows)));
    remarks.extend(rows.iter().filter_map(|row| agreement(*row, &rows)));
    remarks
}

fn hypothetical(plan: &Plan) -> Option<String> {
    let is_hypothetical = |cell: &&Cell| cell.subject.model().is_hypothetical();
    let names: Vec<_> = plan.cells.iter().filter(is_hypothetical).map(label).collect();
    let told = || format!("No CPython has: {}.", list(&deduplicated(names.clone()), NAMED_MAX));
    (!names.is_empty()).then(told)
}

fn sequential(rows: &[Row<'_>]) -> Option<String> {
    let names: Vec<_> = rows
        .iter()
        .filter(|(_, m)| m.validity == Validity::Sequential)
        .map(|(cell, m)| format!("{} (overlap {})", label(cell), percent(m.overlap)))
        .collect();
    let told = || {
        let names = list(&names, NAMED_MAX);
        format!("Workers ran almost one after the other, so being right proves little: {names}.")
    };
    (!names.is_empty()).then(told)
}

/// Asked intervals that take effect as the same.
fn equal_intervals(plan: &Plan) -> Vec<String> {
    let interval = |cell: &Cell| match cell.subject.model().rule()? {
        SwitchRule::Interval(asked) => Some((asked, cell.subject.model().effective_interval_us()?)),
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
    let era = |cell: &Cell| match cell.subject {
        Subject::Lab(spec) => spec.era(),
        Subject::Python(_) => None,
    };
    let mut eras: Vec<Era> = plan.cells.iter().filter_map(era).collect();
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

/// What the others cost a worker that makes requests, against the same worker alone.
fn convoy(row: Row<'_>, rows: &[Row<'_>]) -> Option<String> {
    let (cell, measured) = row;
    let service = cell.workload.service?;
    let others = cell.workload.incrementing(cell.workers);
    let is_alone = |(other, _): &&Row<'_>| {
        other.subject == cell.subject
            && other.workload == cell.workload
            && other.workload.incrementing(other.workers) == 0
    };
    let (_, alone) = rows.iter().find(is_alone).filter(|_| others > 0)?;
    let (with, without) = (measured.latencies.p50_ns?, alone.latencies.p50_ns?);
    let longer = with.saturating_sub(without);
    let intervals = match cell.subject.model().effective_interval_us() {
        Some(us) => format!(", {:.1} intervals", longer as f64 / (us * 1000) as f64),
        None => String::new(),
    };
    let rate = |m: &Measurement| m.request_rate.map_or(0.0, |rate| rate.median);
    Some(format!(
        "{}, {}: beside {others} computing {} a request takes {} longer at the median{intervals}; \
         {:.0} requests/s against {:.0} alone ({} and {} requests).",
        label(cell),
        service.request,
        if others == 1 { "worker" } else { "workers" },
        picoseconds(rounded(longer).saturating_mul(1000)),
        rate(measured),
        rate(alone),
        measured.latencies.count,
        alone.latencies.count,
    ))
}

/// Whether a real interpreter and the GIL of its era say the same.
fn agreement(row: Row<'_>, rows: &[Row<'_>]) -> Option<String> {
    let (cell, real) = row;
    let Subject::Python(_) = cell.subject else { return None };
    let model = cell.subject.model();
    let (twin, own) = rows.iter().find(|(other, _)| {
        let spec = match other.subject {
            Subject::Lab(spec) => spec,
            Subject::Python(_) => return false,
        };
        let is_same_lock = spec.rule() == model.rule()
            && spec.era().map(Era::facts) == model.era().map(Era::facts);
        is_same_lock && other.workload == cell.workload && other.workers == cell.workers
    })?;
    let [a, b] = [real, own].map(|m| m.lost.median);
    let lost = format!("lost {} and {}", percent(a), percent(b));
    let counts = format!("medians of {} and {} attempts", real.attempts, own.attempts);
    let is_same = (a - b).abs() <= LOST_TOLERANCE || overlap(real, own);
    let (waits, is_as_fast) = match cell.workload.service.map(|service| service.request) {
        // Other requests are answered at once or after an interval, and a median says which.
        Some(Request::Sleep { .. }) => latencies(real, own)?,
        Some(Request::Echo | Request::Write) | None => (String::new(), true),
    };
    let names = format!("{} and {}", label(cell), label(twin));
    let lock = match model.rule().map(SwitchRule::kind) {
        Some(RuleKind::Free) => " (no lock: how much is lost is up to the hardware)",
        _ => "",
    };
    Some(if is_same && is_as_fast {
        format!("{names} agree: {lost}{waits} ({counts}).")
    } else {
        format!("{names} SHOULD AGREE AND DO NOT: {lost}{waits} ({counts}){lock}.")
    })
}

/// Whether the quartiles of what was lost overlap.
fn overlap(a: &Measurement, b: &Measurement) -> bool {
    a.lost.low <= b.lost.high && b.lost.low <= a.lost.high
}

fn latencies(a: &Measurement, b: &Measurement) -> Option<(String, bool)> {
    let (a, b) = (a.latencies.p50_ns?, b.latencies.p50_ns?);
    let ratio = a.max(b) as f64 / a.min(b).max(1) as f64;
    let [a, b] = [a, b].map(|ns| picoseconds(rounded(ns).saturating_mul(1000)));
    Some((format!(", a request took {a} and {b}"), ratio <= LATENCY_TOLERANCE))
}

/// Three digits: a histogram has no more.
fn rounded(ns: u64) -> u64 {
    let unit = 10_u64.pow(ns.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (ns + unit / 2) / unit * unit
}

fn deduplicated(mut items: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
    items
}

#[cfg(test)]
#[path = "remarks_tests.rs"]
mod tests;
