//! Ratios of rates between each sweep and the first, with their intervals: a forest plot.

use crate::picture::data::{Axis, Mark, Picture, PictureKind, Point, Series, SeriesStyle};
use crate::picture::figures::{CellFigures, SweepFigures};
use crate::picture::names::names;
use crate::picture::thin::thinned;
use crate::picture::words::description;
use crate::report::compare::{Caveat, ComparisonReport, Pair, PairOutcome};

/// The ratios of a comparison; the sweeps in its order.
pub fn picture(report: &ComparisonReport, sweeps: &[SweepFigures]) -> Picture {
    let drawn = |pair: &&Pair| pair.rates.is_some_and(|rates| rates.low > 0.0);
    let pairs: Vec<&Pair> = report.pairs.iter().filter(drawn).collect();
    let labels = labels(&pairs, sweeps);
    let points = pairs.iter().enumerate().filter_map(|(at, pair)| {
        let rates = pair.rates?;
        Some(Point {
            x: at as f64,
            y: rates.ratio,
            interval: Some((rates.low, rates.high)),
            count: Some((rates.counts.0 + rates.counts.1) as u64),
            is_noisy: pair.caveat != Caveat::None,
            label: outcome(pair.outcome).to_owned(),
        })
    });
    let mut notes = vec![
        "Above 1 the later one of the named sweeps is faster than the first; intervals are of a bootstrap \
         over rounds at 95 %."
            .to_owned(),
    ];
    let undrawn = report.pairs.len() - pairs.len();
    if undrawn > 0 {
        notes.push(format!("{undrawn} pairs have no ratio: nothing was done on one side."));
    }
    if report.unmatched > 0 {
        notes.push(format!("{} cells have no counterpart.", report.unmatched));
    }
    let series = Series {
        name: "ratio of median rates".into(),
        style: SeriesStyle::Points,
        points: points.collect(),
    };
    let mut picture = thinned(Picture {
        kind: PictureKind::Ratios,
        title: "Ratios of increments per second".into(),
        description: String::new(),
        x: Axis::of_names("pairs of cells", labels),
        y: Axis::log("ratio to the first sweep", ""),
        series: vec![series],
        bands: Vec::new(),
        marks: vec![Mark { label: "the same speed".into(), x: None, y: Some(1.0) }],
        notes,
    });
    picture.description = description(&picture);
    picture
}

fn labels(pairs: &[&Pair], sweeps: &[SweepFigures]) -> Vec<String> {
    let Some(first) = sweeps.first() else { return Vec::new() };
    let cells: Vec<&CellFigures> =
        pairs.iter().filter_map(|pair| first.cells.get(pair.first)).collect();
    let names = names(first.axes, &cells, &[]);
    let label = |(name, pair): (String, &&Pair)| {
        let of = |sweep: usize, cell: usize| {
            sweeps.get(sweep).and_then(|sweep| sweep.cells.get(cell)).and_then(CellFigures::flaw)
        };
        let name = match pair.sweep {
            other if sweeps.len() > 2 => format!("{name}, sweep {} of {}", other + 1, sweeps.len()),
            _ => name,
        };
        match (of(0, pair.first), of(pair.sweep, pair.other)) {
            (None, None) => name,
            (Some(flaw), None) => format!("{name} (the first {flaw})"),
            (None, Some(flaw)) => format!("{name} (the other {flaw})"),
            (Some(flaw), Some(_)) => format!("{name} (both {flaw})"),
        }
    };
    names.into_iter().zip(pairs).map(label).collect()
}

fn outcome(outcome: PairOutcome) -> &'static str {
    match outcome {
        PairOutcome::Same => "same",
        PairOutcome::Faster => "faster",
        PairOutcome::Slower => "slower",
        PairOutcome::Righter => "righter",
        PairOutcome::Wronger => "wronger",
        PairOutcome::Undecided | PairOutcome::Unknown => "undecided",
    }
}
