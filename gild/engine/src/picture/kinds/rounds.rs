//! The rate of each round in the order in which turns were run: drift and disturbances show here.

use crate::picture::data::{Axis, Picture, PictureKind, Point, ScaleKind, Series, SeriesStyle};
use crate::picture::figures::{CellFigures, RoundFigure};
use crate::picture::kinds::rate::rate_axis;
use crate::picture::names::{names, with_flaw};
use crate::sys::interference::WATCHED_MIN;

/// The rounds of each cell.
pub(in crate::picture) fn picture(axes: &[&str], cells: &[&CellFigures]) -> Picture {
    let rates: Vec<f64> =
        cells.iter().flat_map(|cell| &cell.rounds).map(|round| round.rate).collect();
    let y = rate_axis(&rates);
    let is_drawn = |round: &&RoundFigure| y.scale != ScaleKind::Log || round.rate > 0.0;
    let point = |round: &RoundFigure| Point {
        x: round.turn as f64,
        y: round.rate,
        interval: None,
        count: Some(round.attempts),
        is_noisy: round.is_noisy,
        label: String::new(),
    };
    let series = |(name, cell): (String, &&CellFigures)| Series {
        name: with_flaw(&name, &[cell]),
        style: SeriesStyle::Points,
        points: cell.rounds.iter().filter(is_drawn).map(point).collect(),
    };
    let series = names(axes, cells, &[]).into_iter().zip(cells).map(series).collect();
    let noisy = cells.iter().flat_map(|cell| &cell.rounds).filter(|round| round.is_noisy).count();
    Picture {
        kind: PictureKind::Rounds,
        title: "Rate of each round in the order of turns".into(),
        description: String::new(),
        x: Axis::linear("turn", ""),
        series,
        bands: Vec::new(),
        marks: Vec::new(),
        notes: vec![format!(
            "Each point is the median of the attempts of one turn. {noisy} of {} turns are noisy; those \
             below {} ms are too short to be judged one by one.",
            rates.len(),
            WATCHED_MIN.as_millis()
        )],
        y,
    }
}
