//! Notes of a sweep: cells with limited validity, the cost of a convoy; each is said once for all cells
//! it holds for. Pure; decides no verdict.

use std::collections::HashSet;

use strategies::program::era::{Era, SwitchRule};
use strategies::program::limit::picoseconds;
use strategies::program::workload::Request;

use crate::limits::SETTLED_PERMILLE;
use crate::measure::measurement::Measurement;
use crate::measure::overhead::Overhead;
use crate::measure::validity::Validity;
use crate::plan::cell::Cell;
use crate::plan::subject::Subject;
use crate::plan::sweep_plan::{EarlyEnd, Plan};
use crate::python::calibrate::Calibration;
use crate::report::agreement::{MeasuredCell, agreement_notes, closed_windows};
use crate::report::phrases::{distinguishing, label, time};
use crate::stats::format::{list, percent};
use crate::sys::interference::{Interference, NOISE_MAX};

/// Most cells that a note names one by one.
const NAMED_MAX: usize = 6;

/// Most characters of a variable's name that are shown.
const VARIABLE_CHARS_MAX: usize = 64;

/// All notes. `measurements` stand in the order of the plan's cells.
pub fn notes(plan: &Plan, measurements: &[Measurement]) -> Vec<String> {
    let rows: Vec<MeasuredCell<'_>> =
        plan.cells.iter().zip(measurements).filter(|(_, m)| m.attempts > 0).collect();
    let mut notes = equal_intervals(plan);
    notes.extend(equal_eras(plan));
    notes.extend(settled(plan, &rows));
    notes.extend(hypothetical(plan));
    notes.extend(degraded(&rows));
    notes.extend(noisy(&rows));
    notes.extend(repeated(&rows));
    notes.extend(alone(&rows));
    notes.extend(sequential(&rows));
    notes.extend(uncontended(&rows));
    notes.extend(unsteady(&rows));
    notes.extend(unserved(&rows));
    notes.extend(convoys(&rows));
    notes.extend(closed_windows(&rows));
    notes.extend(agreement_notes(&rows, |row| name(&row, &rows)));
    notes
}

/// Cells that ended before the default number of attempts.
fn settled(plan: &Plan, rows: &[MeasuredCell<'_>]) -> Option<String> {
    if plan.early_end != EarlyEnd::Settled {
        return None;
    }
    let name = |row: &MeasuredCell<'_>| {
        let (cell, measured) = row;
        let permille = plan.early_end.precision_permille(cell)?;
        let has_ended = measured.attempts < cell.attempts && measured.is_precise(permille);
        has_ended.then(|| format!("{} after {} attempts", name(row, rows), measured.attempts))
    };
    let names: Vec<_> = rows.iter().filter_map(name).collect();
    let note = || {
        let (names, asked) =
            (list(&names, NAMED_MAX), rows.first().map_or(0, |row| row.0.attempts));
        format!(
            "Ended early, as no update can be lost and the rate is known within {} %: {names}; \
             `--attempts {asked}` runs them all.",
            SETTLED_PERMILLE / 10
        )
    };
    (!names.is_empty()).then(note)
}

/// Attempts that ended before their warm-up did.
fn unsteady(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let name = |row: &MeasuredCell<'_>| {
        let attempts = row.1.contention.as_ref()?.unsteady;
        let name = name(row, rows);
        (attempts > 0).then(|| format!("{name} (in {attempts} of {} attempts)", row.1.attempts))
    };
    let names: Vec<_> = rows.iter().filter_map(name).collect();
    let note = || {
        let names = list(&names, NAMED_MAX);
        format!(
            "The rate was still on its way after half of the time, ask for a longer one: {names}."
        )
    };
    (!names.is_empty()).then(note)
}

/// Bodies that arrived faster than they could be done.
fn unserved(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let name = |row: &MeasuredCell<'_>| {
        let left = row.1.contention.as_ref()?.unserved;
        let name = name(row, rows);
        (left > 0).then(|| format!("{name} ({left} in {} attempts)", row.1.attempts))
    };
    let names: Vec<_> = rows.iter().filter_map(name).collect();
    let note = || {
        let names = list(&names, NAMED_MAX);
        format!(
            "Bodies arrived that no worker had begun with at the end; waits count them by their age: \
             {names}."
        )
    };
    (!names.is_empty()).then(note)
}

/// The lab's overhead during the turns of the sweep; `None` without any turn.
pub fn overhead_note(own: &Overhead) -> Option<String> {
    let share = own.share_of_a_core()?;
    let wall = time(u64::try_from(own.wall().as_nanos()).unwrap_or(u64::MAX));
    Some(format!(
        "The lab itself used {} of a core beside its workers (of {wall}).",
        percent(share)
    ))
}

fn hypothetical(plan: &Plan) -> Option<String> {
    let is_hypothetical = |cell: &&Cell| cell.subject.is_hypothetical();
    let names: Vec<_> = plan.cells.iter().filter(is_hypothetical).map(label).collect();
    let note = || format!("No CPython has: {}.", list(&deduplicated(names.clone()), NAMED_MAX));
    (!names.is_empty()).then(note)
}

/// Cells that may have been measured beside an abandoned worker.
fn degraded(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let is_degraded = |(_, m): &&MeasuredCell<'_>| m.validity == Validity::Degraded;
    let names: Vec<_> = rows.iter().filter(is_degraded).map(|row| name(row, rows)).collect();
    let note = || {
        format!(
            "A worker of an earlier attempt never came back and may have run beside these, so \
             nothing but \
             lost updates is to be trusted: {}; restart the lab and sweep again.",
            list(&names, NAMED_MAX)
        )
    };
    (!names.is_empty()).then(note)
}

/// Cells that count although other processes kept the machine busy, with advice.
fn noisy(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let noisy = |row: &MeasuredCell<'_>| {
        let noise = row.1.disturbance.noise.as_ref();
        let amount = noise.map(|noise| format!(" ({})", shares(noise)));
        name(row, rows) + &amount.unwrap_or_default()
    };
    let is_noisy = |(_, m): &&MeasuredCell<'_>| m.validity == Validity::Noisy;
    let names: Vec<_> = rows.iter().filter(is_noisy).map(noisy).collect();
    let all = || every_cell(rows).filter(|_| names.len() == rows.len());
    let note = || {
        format!(
            "The machine was busy with other work, so speeds, losses and overlaps may be its \
             doing: {}; stop what else runs, or measure elsewhere, and sweep again.",
            all().unwrap_or_else(|| list(&names, NAMED_MAX))
        )
    };
    (!names.is_empty()).then(note)
}

/// All cells in one phrase, if there are several, with the greatest doubt of any:
/// `all 6 cells (others 54 to 62 %, hypervisor 0 to 1 %, +-4)`.
fn every_cell(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let percents = |share: fn(&Interference) -> f64| {
        let all = rows.iter().filter_map(|(_, m)| m.disturbance.noise.as_ref()).map(share);
        let least = all.clone().reduce(f64::min)?;
        Some([least, all.reduce(f64::max)?].map(|share| format!("{:.0}", 100.0 * share)))
    };
    let range = |share| {
        let [least, most] = percents(share)?;
        Some(if least == most { format!("{most} %") } else { format!("{least} to {most} %") })
    };
    let (others, steal) = (range(Interference::others)?, range(Interference::steal)?);
    let ([_, doubt], cells) = (percents(Interference::doubt)?, rows.len());
    (cells > 1)
        .then(|| format!("all {cells} cells (others {others}, hypervisor {steal}, +-{doubt})"))
}

fn shares(noise: &Interference) -> String {
    let [others, steal, doubt] =
        [noise.others(), noise.steal(), noise.doubt()].map(|share| share * 100.0);
    format!("others {others:.0} %, hypervisor {steal:.0} %, +-{doubt:.0}")
}

/// Variables that were set and that the interpreters of a sweep did not see.
pub fn withheld_note(plan: &Plan, names: &[String]) -> Option<String> {
    plan.cells.iter().any(|cell| cell.subject.is_python()).then(|| withheld(names)).flatten()
}

fn withheld(names: &[String]) -> Option<String> {
    let short = |name: &String| name.chars().take(VARIABLE_CHARS_MAX).collect::<String>();
    let shown: Vec<_> = names.iter().map(short).collect();
    let note = || {
        format!(
            "Set here and kept from interpreters, which ran as without: {}.",
            list(&shown, NAMED_MAX)
        )
    };
    (!names.is_empty()).then(note)
}

/// Notes of a calibration: whether the machine was busy, and what the interpreter did not see.
pub fn calibration_notes(measured: &Calibration) -> Vec<String> {
    let busy = match &measured.interference {
        None => Some(
            "Whether the machine was busy with other work is unknown: the kernel does not count it \
             here."
                .to_owned(),
        ),
        Some(noise) if noise.is_too_much() => Some(format!(
            "The machine was busy with other work ({}), so costs may be its doing; stop what else \
             runs, or measure elsewhere, and calibrate again.",
            shares(noise)
        )),
        Some(_) => None,
    };
    busy.into_iter().chain(withheld(&measured.withheld)).collect()
}

fn repeated(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let reruns: u32 = rows.iter().map(|(_, m)| m.disturbance.reruns).sum();
    let turns = if reruns == 1 { "turn was" } else { "turns were" };
    let note = || {
        format!(
            "{reruns} {turns} run again: more than {:.0} % of the machine was used by others or \
             the hypervisor meanwhile.",
            NOISE_MAX * 100.0
        )
    };
    (reruns > 0).then(note)
}

/// Cells of several workers of which one increments: no strategy could lose anything there.
fn alone(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let is_alone = |(cell, _): &&MeasuredCell<'_>| {
        let increments = cell.workload.incrementing(cell.workers) == 1;
        increments && cell.workers > 1 && cell.workload.service.is_none()
    };
    let names: Vec<_> = rows.iter().filter(is_alone).map(|row| name(row, rows)).collect();
    let note = || {
        let names = list(&names, NAMED_MAX);
        format!(
            "One task has one worker; the others do nothing, so being right says nothing of the \
             strategy: {names}; ask for more --tasks."
        )
    };
    (!names.is_empty()).then(note)
}

fn sequential(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let names: Vec<_> = rows
        .iter()
        .filter(|(_, m)| m.validity == Validity::Sequential)
        .map(|row| format!("{} (overlap {})", name(row, rows), percent(row.1.overlap)))
        .collect();
    let note = || {
        let names = list(&names, NAMED_MAX);
        format!("Workers ran almost one after the other, so being right proves little: {names}.")
    };
    (!names.is_empty()).then(note)
}

/// Cells whose workers hardly met at the lock.
fn uncontended(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let is_uncontended = |(_, m): &&MeasuredCell<'_>| m.validity == Validity::Uncontended;
    let names: Vec<_> = rows.iter().filter(is_uncontended).map(|row| name(row, rows)).collect();
    let note = || {
        let names = list(&names, NAMED_MAX);
        format!(
            "Workers hardly ever met at the lock, so its speed is that of an uncontended one: \
             {names}; more workers, or longer sections, make them meet."
        )
    };
    (!names.is_empty()).then(note)
}

/// Requested intervals with the same effective value; those that were merged were measured once.
fn equal_intervals(plan: &Plan) -> Vec<String> {
    let interval = |cell: &Cell| match cell.subject.rule()? {
        SwitchRule::Interval(asked) => Some((asked, cell.subject.effective_interval_us()?)),
        SwitchRule::Ticks(_) | SwitchRule::Free => None,
    };
    let measured = plan.cells.iter().filter_map(interval);
    let merged = plan.merged.iter().filter_map(|it| {
        let (_, effective) = interval(plan.cells.get(it.cell)?)?;
        Some((it.interval, effective))
    });
    let mut asked: Vec<_> = measured.chain(merged).collect();
    asked.sort_unstable_by(|a, b| b.cmp(a));
    asked.dedup();
    let once = if plan.merged.is_empty() { "" } else { "; it is measured once" };
    asked
        .chunk_by(|(_, a), (_, b)| a == b)
        .filter(|same| same.len() > 1)
        .map(|same| {
            let names: Vec<_> = same.iter().map(|(i, _)| picoseconds(i.picoseconds())).collect();
            let effective = picoseconds(same[0].1 * 1_000_000);
            let names = names.join(" and ");
            format!("{names} are one setting: each takes effect as {effective}{once}.")
        })
        .collect()
}

/// Requested eras that belong to one generation.
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

/// What computing workers cost those that make requests.
fn convoys(rows: &[MeasuredCell<'_>]) -> Option<String> {
    let convoys: Vec<_> = rows.iter().filter_map(|row| convoy(*row, rows)).collect();
    let more = match convoys.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!("; and {more} more rows"),
    };
    let shown = convoys.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
    (!convoys.is_empty()).then(|| format!("{shown}{more}."))
}

/// The cost of computing workers for a requesting one, compared with the same worker alone.
fn convoy(row: MeasuredCell<'_>, rows: &[MeasuredCell<'_>]) -> Option<String> {
    let (cell, measured) = row;
    let service = cell.workload.service?;
    let others = cell.workload.incrementing(cell.workers);
    let is_alone = |(other, _): &&MeasuredCell<'_>| {
        other.subject == cell.subject
            && other.workload == cell.workload
            && other.workload.incrementing(other.workers) == 0
    };
    let (_, alone) = rows.iter().find(is_alone).filter(|_| others > 0)?;
    let rate = |m: &Measurement| m.request_rate.map_or(0.0, |rate| rate.median);
    let wait = match service.request {
        Request::Sleep { .. } => longer(cell, measured, alone)?,
        // Answered at once or after an interval, so a median says nothing.
        Request::Echo | Request::Write => {
            let [with, without] = [measured, alone].map(|m| m.latencies.p99_ns.map(time));
            format!("the slowest hundredth takes {} or more, alone {}", with?, without?)
        }
    };
    let workers = if others == 1 { "worker" } else { "workers" };
    Some(format!(
        "{}, {}, beside {others} computing {workers}: {wait}; {:.0} requests/s against {:.0} alone \
         ({} and {} requests)",
        label(cell),
        service.request,
        rate(measured),
        rate(alone),
        measured.latencies.count,
        alone.latencies.count,
    ))
}

/// The increase of a sleep's median duration, also in intervals where there are any.
fn longer(cell: &Cell, measured: &Measurement, alone: &Measurement) -> Option<String> {
    let (with, without) = (measured.latencies.p50_ns?, alone.latencies.p50_ns?);
    let Some(longer) = with.checked_sub(without) else {
        return Some("a request takes no longer at the median".into());
    };
    let intervals = match cell.subject.effective_interval_us() {
        Some(us) => format!(", {:.1} intervals", longer as f64 / (us * 1000) as f64),
        None => String::new(),
    };
    Some(format!("a request takes {} longer at the median{intervals}", time(longer)))
}

/// A cell's label with the parameters that distinguish it from others.
fn name((cell, _): &MeasuredCell<'_>, rows: &[MeasuredCell<'_>]) -> String {
    let cells: Vec<&Cell> = rows.iter().map(|(cell, _)| *cell).collect();
    label(cell) + &distinguishing(cell, &cells)
}

fn deduplicated(mut items: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
    items
}

#[cfg(test)]
#[path = "tests/notes.rs"]
mod tests;
