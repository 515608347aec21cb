//! The share of each worker in the increments, with its least and greatest share of an attempt.

use std::collections::BTreeSet;

use crate::picture::data::{Axis, Mark, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::CellFigures;
use crate::picture::names::{names, with_flaw};
use crate::stats::fairness::{WorkerShare, WorkerShares};

/// Whether the cell has shares of several workers.
pub(in crate::picture) fn has_shares(cell: &CellFigures) -> bool {
    cell.worker_shares.len() > 1
}

/// The shares of cells that have them: a series for each worker.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let known: Vec<&CellFigures> = cells.iter().filter(|it| has_shares(it)).copied().collect();
    let names = names(axes, &known, &[]);
    let labels = names.iter().zip(&known).map(|(name, cell)| with_flaw(name, &[cell])).collect();
    let numbers: BTreeSet<usize> = known.iter().map(|cell| cell.worker_shares.len()).collect();
    let even = |workers: &usize| Mark {
        label: "an even part".into(),
        x: None,
        y: Some(100.0 / *workers as f64),
    };
    let most = numbers.last().copied().unwrap_or(0);
    Picture {
        kind: PictureKind::Workers,
        title: "Share of each worker in the increments".into(),
        description: String::new(),
        x: Axis::of_names("cells", labels),
        y: Axis::linear("increments of a worker", "%"),
        series: (0..most).map(|at| series(at, &known)).collect(),
        bands: Vec::new(),
        marks: if numbers.len() == 1 { numbers.iter().map(even).collect() } else { Vec::new() },
        notes: notes(cells.len() - known.len()),
    }
}

/// The shares of the worker at a position in each cell.
fn series(worker: usize, cells: &[&CellFigures]) -> Series {
    let point = |(at, cell): (usize, &&CellFigures)| {
        let WorkerShare { increments, least, greatest } = *cell.worker_shares.get(worker)?;
        let all = WorkerShares::sum(&cell.worker_shares);
        Some(Point {
            x: at as f64,
            y: increments as f64 * 100.0 / all.max(1) as f64,
            interval: Some((least * 100.0, greatest * 100.0)),
            count: Some(cell.attempts),
            is_noisy: cell.is_noisy(),
            label: cell.flaw().unwrap_or_default().to_owned(),
        })
    };
    Series {
        name: format!("worker {}", worker + 1),
        style: SeriesStyle::Points,
        points: cells.iter().enumerate().filter_map(point).collect(),
    }
}

fn notes(unknown: usize) -> Vec<String> {
    let mut notes = vec![
        "Shares are of all attempts; their intervals reach from the least to the greatest share of an \
         attempt."
            .to_owned(),
    ];
    if unknown > 0 {
        let cells = if unknown == 1 { "cell has" } else { "cells have" };
        notes.push(format!(
            "{unknown} {cells} one worker, no end yet, or an earlier version's history, which keeps no \
             share of each worker."
        ));
    }
    notes
}
