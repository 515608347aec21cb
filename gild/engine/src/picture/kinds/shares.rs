//! Shares of the work: Jain's index in windows of time and over whole attempts.

use std::collections::BTreeSet;

use crate::picture::data::{Axis, Mark, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::CellFigures;
use crate::picture::names::{names, with_flaw};
use crate::picture::thin::in_rows;
use crate::picture::words::value;

/// The index of each cell with at least two workers.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let shared: Vec<&CellFigures> = cells.iter().filter(|cell| cell.workers > 1).copied().collect();
    let names = names(axes, &shared, &[]);
    let labels = names.iter().zip(&shared).map(|(name, cell)| with_flaw(name, &[cell]));
    let labels: Vec<String> = labels.collect();
    let mut marks = vec![Mark { label: "all workers alike".into(), x: None, y: Some(1.0) }];
    let workers: BTreeSet<u32> = shared.iter().map(|cell| cell.workers).collect();
    if let (Some(first), 1) = (workers.first(), workers.len()) {
        let alone = Some(1.0 / f64::from(*first));
        marks.push(Mark { label: "one worker does all".into(), x: None, y: alone });
    }
    let mut picture = Picture {
        kind: PictureKind::Shares,
        title: "How evenly the workers shared the work".into(),
        description: String::new(),
        x: Axis::of_names("cells", labels.clone()),
        y: Axis::linear("Jain's index", ""),
        series: Vec::new(),
        bands: Vec::new(),
        marks,
        notes: notes(&labels, &shared),
    };
    if shared.iter().any(|cell| !cell.jain_windows.is_empty()) {
        by_window(&mut picture, &labels, &shared);
    } else {
        let points = shared.iter().map(|cell| point(cell, 0.0, cell.jain)).collect();
        picture.series = vec![in_rows("whole attempts", SeriesStyle::Bars, points)];
    }
    picture
}

fn point(cell: &CellFigures, x: f64, y: f64) -> Point {
    Point {
        x,
        y,
        interval: None,
        count: Some(cell.attempts),
        is_noisy: cell.is_noisy(),
        label: cell.flaw().unwrap_or_default().to_owned(),
    }
}

/// A series for each length of a window.
fn by_window(picture: &mut Picture, names: &[String], cells: &[&CellFigures]) {
    let windows: BTreeSet<u32> =
        cells.iter().flat_map(|cell| &cell.jain_windows).map(|window| window.0).collect();
    let place = |at: usize| at as f64;
    for window in windows {
        let of = |(at, cell): (usize, &&CellFigures)| {
            let found = cell.jain_windows.iter().find(|it| it.0 == window)?;
            Some(point(cell, place(at), found.1))
        };
        picture.series.push(Series {
            name: format!("windows of {window} ms"),
            style: SeriesStyle::Points,
            points: cells.iter().enumerate().filter_map(of).collect(),
        });
    }
    let whole = |(at, cell): (usize, &&CellFigures)| point(cell, place(at), cell.jain);
    picture.series.push(Series {
        name: "whole attempts".into(),
        style: SeriesStyle::Points,
        points: cells.iter().enumerate().map(whole).collect(),
    });
    picture.x.categories = names.to_vec();
}

fn notes(names: &[String], cells: &[&CellFigures]) -> Vec<String> {
    let mut notes = vec![
        "Medians over attempts, without an interval. The index is 1 if all workers did the same, 1/n if \
         one of n did all."
            .to_owned(),
    ];
    let slowest = names.iter().zip(cells).filter_map(|(name, cell)| Some((name, cell.slowest?)));
    let least = slowest.min_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((name, share)) = least {
        let share = value("%", share * 100.0);
        notes.push(format!("A worker of {name} did least of an even part: {share} (median)."));
    }
    notes
}
