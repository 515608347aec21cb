//! A sweep in one sentence. Pure; what else a reader should know is said by [`crate::report::notes`].
//!
//! Only a strategy that promised to lose nothing, and lost nothing, can win, and no speed is named
//! without whether the result was right. Speeds are compared only between cells that do the same
//! work at the same step cost, and only where they are distinguished from noise.

use crate::report::phrases::Row;
use crate::report::phrases::correctness;
use crate::report::phrases::list_of;
use crate::report::phrases::with_verdict;
use crate::report::phrases::wrong_attempts;
use crate::report::ranking;
use std::collections::HashSet;

use crate::measure::measurement::{Measurement, Verdict};
use crate::plan::sweep_plan::Plan;
use crate::stats::two_sample::Sample;

/// The verdict. `measurements` and `rates`, the rounds' increments per second, stand in the order
/// of the plan's cells.
pub fn verdict(plan: &Plan, measurements: &[Measurement], rates: &[Sample]) -> String {
    let measured: Vec<Row<'_>> = plan
        .cells
        .iter()
        .zip(measurements.iter().zip(rates))
        .map(|(cell, (measured, rates))| Row { cell, measured, rates })
        .filter(|row| row.measured.attempts > 0)
        .collect();
    if measured.is_empty() {
        return "Nothing was measured.".into();
    }
    // Without increments there is nothing to be right about.
    let increments = |row: &&Row<'_>| row.cell.workload.incrementing(row.cell.workers) > 0;
    let rows: Vec<Row<'_>> = measured.iter().filter(increments).copied().collect();
    if rows.is_empty() {
        return "Requests were answered; no worker incremented.".into();
    }
    // An interpreter's steps cost what they cost, so it takes no part in comparing speeds.
    let (own, real): (Vec<Row<'_>>, Vec<Row<'_>>) =
        rows.iter().partition(|row| !row.cell.subject.is_python());
    let names: HashSet<_> = own.iter().map(|row| row.cell.subject.name()).collect();
    let broken = with_verdict(&rows, Verdict::Broken);
    if !broken.is_empty() {
        format!("PROMISE BROKEN: {}.", list_of(&broken, &rows, wrong_attempts))
    } else if names.len() > 1 && real.is_empty() {
        ranking::comparison(&rows)
    } else if names.len() > 1 {
        format!("{} {}", ranking::comparison(&own), correctness(&real))
    } else {
        correctness(&rows)
    }
}

#[cfg(test)]
#[path = "tests/verdict.rs"]
mod tests;
