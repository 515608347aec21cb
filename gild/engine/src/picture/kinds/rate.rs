//! Increments per second against workers, with the fitted Universal Scalability Law.

use std::collections::BTreeSet;

use crate::picture::data::{
    Axis, Band, Picture, PictureKind, Point, ScaleKind, Series, SeriesStyle,
};
use crate::picture::figures::CellFigures;
use crate::picture::names::{names, with_flaw};
use crate::picture::thin::in_rows;
use crate::picture::words::{value, with_interval};
use crate::stats::scalability::{Scalability, ScalabilityFit, WORKERS_LEAST};
use crate::stats::two_sample::{REPLICATES, Sample};

/// Where the greatest rate is more than so many times the least, rates are spaced by their logarithm.
const LOG_FROM: f64 = 30.0;
/// Most combinations of other axes that are drawn, each with points and a curve.
const GROUPS_MAX: usize = 12;
/// A fit that misses a median by more than this share is not drawn.
const DEVIATION_MAX: f64 = 0.5;
/// Places at which a fitted curve is computed.
const CURVE_POINTS: u32 = 60;
const UNIT: &str = "1/s";
const LABEL: &str = "increments per second";

/// The rate of cells; drawn against workers where there are several numbers of them.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let workers: BTreeSet<u32> = cells.iter().map(|cell| cell.workers).collect();
    let y = y_axis(cells);
    let mut picture = Picture {
        kind: PictureKind::Rate,
        title: "Increments per second against workers".into(),
        description: String::new(),
        x: Axis::linear("workers", ""),
        y,
        series: Vec::new(),
        bands: Vec::new(),
        marks: Vec::new(),
        notes: Vec::new(),
    };
    if workers.len() < 2 {
        picture.title = "Increments per second".into();
        rows(&mut picture, axes, cells);
    } else {
        against_workers(&mut picture, axes, cells);
    }
    if cells.iter().any(|cell| cell.rate.1.is_some()) {
        let said =
            "Intervals of rates are those of the median at 95 %, by a bootstrap over rounds.";
        picture.notes.push(said.into());
    }
    note_wrong(&mut picture, cells);
    picture
}

fn y_axis(cells: &[&CellFigures]) -> Axis {
    rate_axis(&cells.iter().map(|cell| cell.rate.0).collect::<Vec<_>>())
}

/// The axis of these rates: of their logarithms where they are far apart.
pub(super) fn rate_axis(rates: &[f64]) -> Axis {
    let above = || rates.iter().copied().filter(|rate| *rate > 0.0);
    let (least, most) = (above().fold(f64::MAX, f64::min), above().fold(0.0, f64::max));
    if most <= LOG_FROM * least {
        return Axis::linear(LABEL, UNIT);
    }
    let dropped_zeros = rates.iter().filter(|rate| **rate <= 0.0).count();
    Axis { dropped_zeros, ..Axis::log(LABEL, UNIT) }
}

fn is_drawn(axis: &Axis, cell: &CellFigures) -> bool {
    axis.scale != ScaleKind::Log || cell.rate.0 > 0.0
}

fn point(cell: &CellFigures) -> Point {
    let (y, interval) = cell.rate;
    Point {
        x: cell.workers.into(),
        y,
        interval,
        count: Some(cell.attempts),
        is_noisy: cell.is_noisy(),
        label: cell.flaw().unwrap_or_default().to_owned(),
    }
}

/// A row for each cell.
fn rows(picture: &mut Picture, axes: &[&str], cells: &[&CellFigures]) {
    let drawn: Vec<_> = cells.iter().filter(|cell| is_drawn(&picture.y, cell)).copied().collect();
    let labels = names(axes, &drawn, &["workers"]);
    let labels = labels.iter().zip(&drawn).map(|(name, cell)| with_flaw(name, &[cell])).collect();
    picture.x = Axis::of_names("cells", labels);
    let is_log = picture.y.scale == ScaleKind::Log;
    let style = if is_log { SeriesStyle::Points } else { SeriesStyle::Bars };
    let points = drawn.iter().map(|cell| point(cell)).collect();
    picture.series = vec![in_rows("median rate", style, points)];
    if let Some(workers) = cells.first().map(|cell| cell.workers) {
        let s = if workers == 1 { "" } else { "s" };
        picture.notes.push(format!("Each cell has {workers} worker{s}."));
    }
}

/// A series for each combination of the other axes, with its fit.
fn against_workers(picture: &mut Picture, axes: &[&str], cells: &[&CellFigures]) {
    let mut groups: Vec<(String, Vec<&CellFigures>)> = Vec::new();
    for (name, cell) in names(axes, cells, &["workers"]).into_iter().zip(cells) {
        match groups.iter_mut().find(|group| group.0 == name) {
            Some(group) => group.1.push(cell),
            None => groups.push((name, vec![cell])),
        }
    }
    if groups.len() > GROUPS_MAX {
        let more = groups.len() - GROUPS_MAX;
        groups.truncate(GROUPS_MAX);
        picture.notes.push(format!(
            "{more} more strategies or parameters are not drawn: a picture has at most {GROUPS_MAX}; \
             name fewer cells."
        ));
    }
    let (mut unfitted, mut unlike) = (0, Vec::new());
    let before = picture.notes.len();
    for (name, mut group) in groups {
        group.sort_by_key(|cell| cell.workers);
        let name = with_flaw(&name, &group);
        let drawn = group.iter().filter(|cell| is_drawn(&picture.y, cell));
        let points = drawn.map(|cell| point(cell)).collect();
        picture.series.push(Series { name: name.clone(), style: SeriesStyle::Points, points });
        match fit(&group) {
            Some(found) if found.deviation <= DEVIATION_MAX => {
                add_fit(picture, &name, &found, &group);
            }
            Some(found) => unlike.push(format!("{name} by {:.0} %", found.deviation * 100.0)),
            None => unfitted += 1,
        }
    }
    if picture.notes.len() > before {
        let said = format!(
            "Curves are the Universal Scalability Law, lambda N / (1 + sigma (N-1) + kappa N (N-1)), by least squares of \
             the medians; their intervals are of {REPLICATES} bootstraps over rounds at 95 %."
        );
        picture.notes.insert(before, said);
    }
    if !unlike.is_empty() {
        picture.notes.push(format!(
            "The Universal Scalability Law does not describe these rates; its best fit misses a median \
             by more than {:.0} %: {}.",
            DEVIATION_MAX * 100.0,
            unlike.join(", ")
        ));
    }
    if unfitted > 0 {
        picture.notes.push(format!(
            "{unfitted} series without a curve: the Universal Scalability Law is fitted to \
             {WORKERS_LEAST} numbers of workers or more, each with a rate above 0."
        ));
    }
}

fn fit(group: &[&CellFigures]) -> Option<ScalabilityFit> {
    let sample = |cell: &&CellFigures| (cell.workers, Sample::new(cell.round_rates.clone()));
    let samples: Vec<_> = group.iter().map(sample).collect();
    let has_all = samples.iter().all(|(_, rates)| !rates.is_empty());
    has_all.then(|| ScalabilityFit::of(&samples)).flatten()
}

fn add_fit(picture: &mut Picture, name: &str, found: &ScalabilityFit, group: &[&CellFigures]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let (from, to) = (f64::from(first.workers), f64::from(last.workers));
    let places =
        (0..=CURVE_POINTS).map(|at| from + (to - from) * f64::from(at) / f64::from(CURVE_POINTS));
    let curve = |x| Point { x, y: found.law.rate(x), ..Point::default() };
    let points = places.clone().map(curve).collect();
    let fitted = format!("{name}: fitted law");
    picture.series.push(Series { name: fitted.clone(), style: SeriesStyle::Line, points });
    let band = |x| {
        let (low, high) = found.interval(|law| law.rate(x));
        (x, low, high)
    };
    picture.bands.push(Band { name: fitted, points: places.map(band).collect() });
    picture.notes.push(note(name, found, group));
}

/// The figures of a fit, each with its interval.
fn note(name: &str, found: &ScalabilityFit, group: &[&CellFigures]) -> String {
    let ScalabilityFit { law, deviation, .. } = found;
    let rounds = group.iter().map(|cell| cell.round_rates.len());
    let (least, most) = (rounds.clone().min().unwrap_or(0), rounds.max().unwrap_or(0));
    let rounds = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    let figure =
        |unit, of: fn(&Scalability) -> f64| with_interval(unit, of(law), Some(found.interval(of)));
    let measured = group.iter().map(|cell| cell.workers).max().unwrap_or(0);
    let peak = law.peak();
    let (low, high) = found.interval(Scalability::peak);
    let end = |at: f64| if at.is_finite() { value("", at) } else { "no end".into() };
    let peak = if peak.is_finite() {
        let beyond = if peak > f64::from(measured) { ", beyond what was measured" } else { "" };
        format!("peak at N = {} [{} to {}]{beyond}", end(peak), end(low), end(high))
    } else {
        format!("no peak [N = {} to {}]", end(low), end(high))
    };
    format!(
        "{name}: over {} numbers of workers of {rounds} rounds each, at most {:.1} % off a median: \
         lambda {}, sigma {}, kappa {}, {peak}.",
        group.len(),
        deviation * 100.0,
        figure(UNIT, |law| law.lambda),
        figure("", |law| law.sigma),
        figure("", |law| law.kappa),
    )
}

/// Speed is never shown without whether the result was right.
fn note_wrong(picture: &mut Picture, cells: &[&CellFigures]) {
    let wrong = cells.iter().filter(|cell| cell.flaw().is_some()).count();
    if wrong > 0 {
        picture.notes.push(format!(
            "{wrong} of {} cells lost updates: their speed is that of a wrong result.",
            cells.len()
        ));
    }
}
