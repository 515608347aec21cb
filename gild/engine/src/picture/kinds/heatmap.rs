//! A heat map of lost updates: a row for each era, or strategy, with its other parameters, and a column
//! for each body.

use std::collections::BTreeSet;

use crate::picture::data::{Axis, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::CellFigures;
use crate::picture::names::names;

/// The axis of the columns.
const BODY: &str = "body";
/// The axis of eras, and its value where it does not apply.
const ERA: &str = "era";
const NONE: &str = "none";

/// Whether there are several columns.
pub(in crate::picture) fn has_columns(axes: &[&str], cells: &[&CellFigures]) -> bool {
    values(BODY, axes, cells).len() > 1
}

/// Whether the cells have several eras as well as several bodies.
pub(in crate::picture) fn crosses_eras_and_bodies(axes: &[&str], cells: &[&CellFigures]) -> bool {
    let eras = values(ERA, axes, cells);
    has_columns(axes, cells) && eras.iter().filter(|era| **era != NONE).count() > 1
}

/// The different values of an axis, in the order of the cells.
fn values<'a>(of: &str, axes: &[&str], cells: &[&'a CellFigures]) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let values = cells.iter().map(|cell| value(of, axes, cell));
    values.filter(|value| seen.insert(*value)).collect()
}

fn value<'a>(of: &str, axes: &[&str], cell: &'a CellFigures) -> &'a str {
    let at = axes.iter().position(|it| *it == of);
    at.and_then(|at| cell.parameters.get(at)).map_or(NONE, String::as_str)
}

/// The share of updates that each cell lost.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let bodies = values(BODY, axes, cells);
    let mut series: Vec<Series> = Vec::new();
    for (name, cell) in names(axes, cells, &[BODY]).into_iter().zip(cells) {
        let body = value(BODY, axes, cell);
        let column = bodies.iter().position(|it| *it == body).unwrap_or(0);
        let at = series.iter().position(|row| row.name == name).unwrap_or_else(|| {
            series.push(Series { name, style: SeriesStyle::Cells, points: Vec::new() });
            series.len() - 1
        });
        series[at].points.extend(point(cell, column as f64));
    }
    Picture {
        kind: PictureKind::Heatmap,
        title: "Share of updates that was lost".into(),
        description: String::new(),
        x: Axis::of_names(BODY, bodies.into_iter().map(str::to_owned).collect()),
        y: Axis::linear("updates lost", "%"),
        series,
        bands: Vec::new(),
        marks: Vec::new(),
        notes: notes(cells),
    }
}

fn point(cell: &CellFigures, x: f64) -> Option<Point> {
    let lost = cell.lost?;
    Some(Point {
        x,
        y: lost.fraction() * 100.0,
        interval: lost.interval.map(|(low, high)| (low * 100.0, high * 100.0)),
        count: Some(lost.counts.checked),
        is_noisy: cell.is_noisy(),
        label: cell.flaw().unwrap_or_default().to_owned(),
    })
}

fn notes(cells: &[&CellFigures]) -> Vec<String> {
    let mut notes = vec![
        "Lost updates of all attempts over their increments, with the 95 % interval of a bootstrap over \
         rounds; 0 where none of so many increments was lost."
            .to_owned(),
    ];
    let unknown = cells.iter().filter(|cell| cell.lost.is_none()).count();
    if unknown > 0 {
        let cells = if unknown == 1 { "cell has" } else { "cells have" };
        notes.push(format!("{unknown} {cells} no final values in the history, and no share."));
    }
    notes
}
