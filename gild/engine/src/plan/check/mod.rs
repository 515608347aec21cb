//! Checks of a sweep's request as a whole: lengths of lists, switch rules, and fields that
//! contradict each other. Limits of one cell are checked where the cell is built.

pub mod effect;
pub mod labels;

use strategies::program::limit::{LimitError, nanoseconds};

use crate::limits::CELLS_MAX;
use crate::plan::spec::{StrategySelector, SweepSpec};

/// Refuses a request that breaks a limit by itself, with whatever cells it would be crossed into.
/// The error names the first field that does.
pub(crate) fn check(spec: &SweepSpec) -> Result<(), LimitError> {
    for (field, length) in spec.lists() {
        if length > CELLS_MAX {
            return Err(LimitError {
                field,
                value: format!("a list of {length} values"),
                reason: format!("is longer than the limit of {CELLS_MAX}"),
                way_out: "split the sweep".into(),
            });
        }
    }
    check_rules(spec)?;
    for rule in spec.rules() {
        rule.checked()?;
    }
    check_duration(spec)?;
    check_service(spec)?;
    check_pythons(spec)?;
    labels::check(&spec.labels)
}

/// Refuses eras and switch rules that make more strategies than a sweep may have cells.
fn check_rules(spec: &SweepSpec) -> Result<(), LimitError> {
    let (eras, rules) = (spec.eras.len(), spec.intervals.len() + spec.ticks.len());
    if eras.max(1) * rules.max(1) <= CELLS_MAX {
        return Ok(());
    }
    Err(LimitError {
        field: if spec.intervals.is_empty() { "switch_ticks" } else { "switch_interval_ps" },
        value: format!("{rules} switch rules"),
        reason: format!(
            "for each of {} eras are beyond the limit of {CELLS_MAX} cells",
            eras.max(1)
        ),
        way_out: "name fewer values or fewer eras, or split the sweep".into(),
    })
}

/// A duration replaces tasks; both together are refused.
fn check_duration(spec: &SweepSpec) -> Result<(), LimitError> {
    let SweepSpec { duration_ns, tasks, increments, arrivals_per_s, .. } = spec;
    let Some(duration_ns) = duration_ns else {
        if let Some(reads) = spec.reads_percent.iter().find(|&&reads| reads > 0) {
            let way_out =
                "say for how long, or leave it out: a number of increments is not one of bodies";
            let reason = "needs duration_ns";
            return Err(contradiction("reads_percent", reads.to_string(), reason, way_out));
        }
        return match arrivals_per_s.iter().find(|&&per_s| per_s > 0) {
            Some(per_s) => {
                let way_out = "say for how long bodies arrive, or leave it out";
                Err(contradiction(
                    "arrivals_per_s",
                    per_s.to_string(),
                    "needs duration_ns",
                    way_out,
                ))
            }
            None => Ok(()),
        };
    };
    let beside = |field, value: String| {
        let way_out = "leave it out: workers increment until the time is over";
        Err(contradiction(field, value, "cannot be combined with duration_ns", way_out))
    };
    if !tasks.is_empty() {
        return beside("tasks", shown(tasks));
    }
    if !increments.is_empty() {
        return beside("increments", shown(increments));
    }
    if !spec.io_workers.is_empty() {
        let way_out = "leave one out: requesting workers end an attempt by themselves";
        let shown = nanoseconds(*duration_ns);
        let reason = "cannot be combined with io_workers";
        return Err(contradiction("duration_ns", shown, reason, way_out));
    }
    if spec.io_ns.iter().any(|&ns| ns > 0) || !spec.io_calls.is_empty() {
        let field = if spec.io_ns.is_empty() { "io_calls" } else { "io_ns" };
        return beside(field, "requests between bodies".into());
    }
    Ok(())
}

/// Workers that make requests replace tasks; both together are refused.
fn check_service(spec: &SweepSpec) -> Result<(), LimitError> {
    let workers = "leave it out: cpu_workers and io_workers say who there is";
    let endless = "leave it out: workers increment until the last request is answered";
    let lonely = "name io_workers too, or leave it out";
    let needs = |field, value: String| contradiction(field, value, "needs io_workers", lonely);
    let beside = |field, value: String, way_out| {
        contradiction(field, value, "cannot be combined with io_workers", way_out)
    };
    let SweepSpec { cpu_workers, requests, tasks, increments, io_every, io_ns, .. } = spec;
    match spec.io_workers.as_slice() {
        [] if !cpu_workers.is_empty() => Err(needs("cpu_workers", shown(cpu_workers))),
        [] => match requests {
            Some(each) => Err(needs("requests", each.to_string())),
            None => Ok(()),
        },
        _ if !spec.workers.is_empty() => Err(beside("workers", shown(&spec.workers), workers)),
        _ if !tasks.is_empty() => Err(beside("tasks", shown(tasks), endless)),
        _ if !increments.is_empty() => Err(beside("increments", shown(increments), endless)),
        _ if !io_every.is_empty() => Err(beside("io_every", shown(io_every), endless)),
        _ if io_ns.contains(&0) => {
            Err(beside("io_ns", "0".into(), "name what they ask for: a duration, echo or write"))
        }
        _ => Ok(()),
    }
}

/// Interpreters mean nothing without the strategy that runs them.
fn check_pythons(spec: &SweepSpec) -> Result<(), LimitError> {
    match spec.pythons.as_slice() {
        named @ [_, ..] if !spec.strategies.contains(&StrategySelector::Python) => {
            Err(contradiction(
                "pythons",
                named.join(","),
                "needs the strategy cpython",
                "name that too, or leave it out",
            ))
        }
        _ => Ok(()),
    }
}

/// Refusal of a value that contradicts another field.
fn contradiction(field: &'static str, value: String, reason: &str, way_out: &str) -> LimitError {
    LimitError { field, value, reason: reason.into(), way_out: way_out.into() }
}

fn shown<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
