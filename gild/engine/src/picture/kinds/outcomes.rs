//! Final values of a cell: the share of attempts that ended with each, over what the model predicts.

use crate::picture::data::{Axis, Mark, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::{CellFigures, SeenFigure};
use crate::picture::names::{names, with_flaw};
use crate::stats::descriptive::wilson;

/// The final values of one of the cells: of the first that lost updates, or else of the first.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let lossy = cells.iter().position(|cell| cell.flaw().is_some() && !cell.seen.is_empty());
    let at = lossy.or_else(|| cells.iter().position(|cell| !cell.seen.is_empty())).unwrap_or(0);
    let cell = cells[at];
    let name = &names(axes, cells, &["workers"])[at];
    let workers =
        if cell.workers == 1 { "1 worker".into() } else { format!("{} workers", cell.workers) };
    let name = with_flaw(&format!("{name}, {workers}"), &[cell]);
    let mut picture = Picture {
        kind: PictureKind::Outcomes,
        title: format!("Final values of {name}"),
        description: String::new(),
        x: Axis::linear("final value of the counter", ""),
        y: Axis::linear("share of attempts", "%"),
        series: vec![seen(cell)],
        bands: Vec::new(),
        marks: vec![Mark { label: "nothing lost".into(), x: Some(cell.expected as f64), y: None }],
        notes: notes(cell, cells.len()),
    };
    picture.series.extend(predicted(cell));
    picture
}

fn seen(cell: &CellFigures) -> Series {
    let point = |seen: &SeenFigure| {
        let share = wilson(seen.times, cell.attempts);
        Point {
            x: seen.value as f64,
            y: share.fraction * 100.0,
            interval: Some((share.low * 100.0, share.high * 100.0)),
            count: Some(seen.times),
            is_noisy: cell.is_noisy(),
            label: String::new(),
        }
    };
    let points = cell.seen.iter().map(point).collect();
    Series { name: "seen".into(), style: SeriesStyle::Bars, points }
}

/// What the model says of the values that were seen.
fn predicted(cell: &CellFigures) -> Option<Series> {
    let point = |seen: &SeenFigure| {
        let y = seen.probability? * 100.0;
        Some(Point { x: seen.value as f64, y, ..Point::default() })
    };
    let points: Vec<Point> = cell.seen.iter().filter_map(point).collect();
    let name = "predicted, if at each step all who may move are equally likely".into();
    (!points.is_empty()).then_some(Series { name, style: SeriesStyle::Points, points })
}

fn notes(cell: &CellFigures, cells: usize) -> Vec<String> {
    let CellFigures { attempts, seen, reachable, .. } = cell;
    let mut notes = vec![format!(
        "{attempts} attempts ended with {} values; intervals are Wilson's at 95 %.",
        seen.len()
    )];
    if !reachable.is_empty() {
        notes.push(format!("Possible by the model: {reachable}."));
    }
    let unpredicted = seen.iter().filter(|seen| seen.probability.is_none()).count();
    if unpredicted > 0 && unpredicted < seen.len() {
        notes.push(format!("{unpredicted} of the values have no prediction that is kept."));
    }
    if cells > 1 {
        let others = cells - 1;
        notes.push(format!(
            "This is cell {}; {others} others are not drawn: name one by its number.",
            cell.cell
        ));
    }
    notes
}
