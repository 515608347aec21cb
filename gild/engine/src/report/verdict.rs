//! The verdict of a sweep: at most five statements, each a line. Pure; further remarks are in [`crate::report::notes`].
//!
//! Only a strategy that promises to lose nothing and lost nothing can win, and no speed is given
//! without its correctness. Speeds are compared only between cells with the same work and step
//! cost, and a difference is reported only if it is distinguished from noise.

use crate::report::phrases::{Row, correctness, list_of, with_verdict, wrong};
use crate::report::ranking;
use std::collections::HashSet;

use crate::measure::measurement::{Measurement, Verdict};
use crate::plan::sweep_plan::Plan;
use crate::stats::two_sample::Sample;

/// The verdict, a statement per line, the fastest right one first. `measurements` and `rates`, the rounds' increments per second, stand in the order
/// of the plan's cells.
pub fn verdict(plan: &Plan, measurements: &[Measurement], rates: &[Sample]) -> String {
    let measured: Vec<Row<'_>> = plan
        .cells
        .iter()
        .enumerate()
        .zip(measurements.iter().zip(rates))
        .map(|((at, cell), (measured, rates))| Row {
            cell,
            also: plan.merged_into(at),
            measured,
            rates,
        })
        .filter(|row| row.measured.attempts > 0)
        .collect();
    if measured.is_empty() {
        return "Nothing was measured.".into();
    }
    // Correctness is defined for increments only.
    let increments = |row: &&Row<'_>| row.cell.workload.incrementing(row.cell.workers) > 0;
    let rows: Vec<Row<'_>> = measured.iter().filter(increments).copied().collect();
    if rows.is_empty() {
        return "Requests were answered; no worker incremented.".into();
    }
    // The step cost of an interpreter cannot be set, so interpreters are not ranked by speed.
    let (own, real): (Vec<Row<'_>>, Vec<Row<'_>>) =
        rows.iter().partition(|row| !row.cell.subject.is_python());
    let names: HashSet<_> = own.iter().map(|row| row.cell.subject.name()).collect();
    let broken = with_verdict(&rows, Verdict::Broken);
    if !broken.is_empty() {
        format!("PROMISE BROKEN: {}.", list_of(&broken, &rows, wrong))
    } else if names.len() > 1 && real.is_empty() {
        ranking::comparison(&rows)
    } else if names.len() > 1 {
        format!("{}\n{}", ranking::comparison(&own), correctness(&real).replace('\n', " "))
    } else {
        correctness(&rows)
    }
}

#[cfg(test)]
#[path = "tests/verdict.rs"]
mod tests;
