//! The share that is right, with its interval: against the switch interval or the tick budget where a
//! sweep has several, else cell by cell.

use std::collections::BTreeSet;

use crate::picture::data::{Axis, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::{CellFigures, Setting};
use crate::picture::names::{names, with_flaw};
use crate::picture::thin::in_rows;
use crate::picture::words::value;

/// Picoseconds of a nanosecond.
const PER_NS: f64 = 1e3;

/// The share of cells that is right.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let mut picture = Picture {
        kind: PictureKind::Right,
        title: "Share that is right".into(),
        description: String::new(),
        x: Axis::default(),
        y: Axis::linear(unit(cells), "%"),
        series: Vec::new(),
        bands: Vec::new(),
        marks: Vec::new(),
        notes: vec![note(cells)],
    };
    match setting_axis(cells) {
        Some((x, without)) => {
            picture.title = format!("{} against {}", picture.title, x.label);
            picture.x = x;
            against_setting(&mut picture, axes, cells, without);
        }
        None => rows(&mut picture, axes, cells),
    }
    picture
}

fn unit(cells: &[&CellFigures]) -> &'static str {
    let by_increments = cells.iter().filter(|cell| cell.right.is_by_increments).count();
    match by_increments {
        0 => "attempts that lost nothing",
        n if n == cells.len() => "increments that were kept",
        _ => "attempts that lost nothing, or increments that were kept",
    }
}

fn note(cells: &[&CellFigures]) -> String {
    let counts = cells.iter().map(|cell| cell.right.count);
    let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    let each = if least == most { most.to_string() } else { format!("{least} to {most}") };
    let of = if cells.iter().any(|cell| cell.right.is_by_increments) {
        let lost = cells.iter().map(|cell| 1.0 - cell.right.share.fraction).fold(0.0, f64::max);
        let lost = value("%", lost * 100.0);
        return format!(
            "Of {each} increments in each cell; at most {lost} were lost in one. Intervals are at 95 %."
        );
    } else {
        "attempts"
    };
    format!("Of {each} {of} in each cell; intervals are Wilson's at 95 %.")
}

/// The axis of settings if all cells have one of the same kind, and several of them; with the name of
/// the parameter that it stands for.
fn setting_axis(cells: &[&CellFigures]) -> Option<(Axis, &'static str)> {
    let settings = cells.iter().map(|cell| cell.setting).collect::<Option<Vec<_>>>()?;
    let intervals = settings.iter().all(|it| matches!(it, Setting::Interval(_)));
    let ticks = settings.iter().all(|it| matches!(it, Setting::Ticks(_)));
    let distinct: BTreeSet<u64> = settings.iter().map(number).collect();
    if distinct.len() < 2 {
        return None;
    }
    match (intervals, ticks) {
        (true, _) => Some((Axis::log("switch interval as asked", "ns"), "switch-interval")),
        (_, true) => Some((Axis::log("tick budget", ""), "switch-ticks")),
        (false, false) => None,
    }
}

fn number(setting: &Setting) -> u64 {
    match setting {
        Setting::Interval(picoseconds) => *picoseconds,
        Setting::Ticks(ticks) => (*ticks).into(),
    }
}

fn point(cell: &CellFigures) -> Point {
    let share = cell.right.share;
    let x = match cell.setting {
        Some(Setting::Interval(picoseconds)) => picoseconds as f64 / PER_NS,
        Some(Setting::Ticks(ticks)) => ticks.into(),
        None => 0.0,
    };
    Point {
        x,
        y: share.fraction * 100.0,
        interval: Some((share.low * 100.0, share.high * 100.0)),
        count: Some(cell.right.count),
        is_noisy: cell.is_noisy(),
        label: cell.flaw().unwrap_or_default().to_owned(),
    }
}

fn against_setting(picture: &mut Picture, axes: &[&str], cells: &[&CellFigures], without: &str) {
    for (name, cell) in names(axes, cells, &[without]).into_iter().zip(cells) {
        match picture.series.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push(point(cell)),
            None => picture.series.push(Series {
                name,
                style: SeriesStyle::Points,
                points: vec![point(cell)],
            }),
        }
    }
    for series in &mut picture.series {
        series.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
}

fn rows(picture: &mut Picture, axes: &[&str], cells: &[&CellFigures]) {
    let labels = names(axes, cells, &[]);
    let labels = labels.iter().zip(cells).map(|(name, cell)| with_flaw(name, &[cell])).collect();
    picture.x = Axis::of_names("cells", labels);
    let points = cells.iter().map(|cell| point(cell)).collect();
    picture.series = vec![in_rows("share that is right", SeriesStyle::Bars, points)];
}
