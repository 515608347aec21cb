//! Percentiles of the waits for the lock, from the median to the longest, on logarithmic axes.

use crate::picture::data::{Axis, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::{CellFigures, WaitFigures};
use crate::picture::names::{names, with_flaw};
use crate::stats::format::grouped;

/// The shares of waits that are drawn, with their names: each as long as one wait is longer.
const SHARES: [(f64, &str); 13] = [
    (0.5, "p50"),
    (0.75, ""),
    (0.9, "p90"),
    (0.95, ""),
    (0.99, "p99"),
    (0.995, ""),
    (0.999, "p99.9"),
    (0.9995, ""),
    (0.9999, "p99.99"),
    (0.99995, ""),
    (0.99999, "p99.999"),
    (0.999_995, ""),
    (0.999_999, "p99.9999"),
];
/// The standard normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// The waits of all cells in which some were timed.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let timed: Vec<&CellFigures> =
        cells.iter().filter(|cell| cell.waits.count > 0).copied().collect();
    let names = names(axes, &timed, &[]);
    let mut picture = Picture {
        kind: PictureKind::Waits,
        title: "Waits for the lock".into(),
        description: String::new(),
        x: Axis::log("one wait in so many is longer", ""),
        y: Axis::log("wait", "ns"),
        series: Vec::new(),
        bands: Vec::new(),
        marks: Vec::new(),
        notes: vec![
            "At 2 is the median, at 100 the 99th percentile, last the longest. Intervals of percentiles \
             are at 95 %, as if waits were independent; the longest has none."
                .into(),
        ],
    };
    for (name, cell) in names.iter().zip(&timed) {
        let name = with_flaw(name, &[cell]);
        let points = points(cell);
        let drawn: Vec<Point> = points.iter().filter(|point| point.y > 0.0).cloned().collect();
        picture.y.dropped_zeros += points.len() - drawn.len();
        picture.notes.push(format!("{name}: {} waits were timed.", grouped(cell.waits.count)));
        picture.series.push(Series { name, style: SeriesStyle::Line, points: drawn });
    }
    let untimed = cells.len() - timed.len();
    if untimed > 0 {
        picture.notes.push(format!("{untimed} cells timed no wait and are not drawn."));
    }
    picture
}

fn points(cell: &CellFigures) -> Vec<Point> {
    let WaitFigures { all, count, quantiles } = &cell.waits;
    let total = *count as f64;
    let point = |share: f64, ns: u64, interval, label: &str| Point {
        // One is the longest, so that it stands last.
        x: if share < 1.0 { 1.0 / (1.0 - share) } else { total.max(2.0) },
        y: ns as f64,
        interval,
        count: Some(*count),
        is_noisy: cell.is_noisy(),
        label: label.to_owned(),
    };
    let Some(all) = all else {
        let kept = quantiles.iter().map(|(share, ns)| point(*share, *ns, None, ""));
        return kept.collect();
    };
    let known = SHARES.into_iter().filter(|(share, _)| total * (1.0 - share) >= 1.0);
    let quantile = |(share, label): (f64, &str)| {
        let half = Z_95 * (share * (1.0 - share) / total).sqrt();
        let at = |share: f64| all.quantile_ns(share.clamp(0.0, 1.0));
        let ends = at(share - half).zip(at(share + half));
        let interval = ends.map(|(low, high)| (low as f64, high as f64));
        at(share).map(|ns| point(share, ns, interval, label))
    };
    let longest = all.max_ns().map(|ns| point(1.0, ns, None, "longest"));
    known.filter_map(quantile).chain(longest).collect()
}
