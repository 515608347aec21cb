//! Final values of an exploration: the probability of each, on a logarithmic axis.

use crate::picture::data::{
    Axis, Mark, Picture, PictureKind, Point, RefusedPicture, Series, SeriesStyle,
};
use crate::picture::thin::thinned;
use crate::picture::words::description;

/// A final value of an exploration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExploredValue {
    /// The counter.
    pub value: u64,
    /// Its probability, 0 where it is below what a number can hold.
    pub probability: f64,
    /// Its common logarithm; `None` for a probability of 0.
    pub log10: Option<f64>,
}

/// A stored exploration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExplorationFigures {
    /// Its strategy.
    pub strategy: String,
    /// How likely schedules are, by name.
    pub scheduler: String,
    /// The counter if nothing is lost.
    pub expected: u64,
    /// Whether its figures are final.
    pub has_ended: bool,
    /// Whether probabilities were computed.
    pub has_probabilities: bool,
    /// Its values, in order.
    pub values: Vec<ExploredValue>,
}

/// The final values of an exploration.
///
/// # Errors
/// Any other kind is refused, and values of which no probability is known.
pub fn picture(
    kind: Option<PictureKind>,
    figures: &ExplorationFigures,
) -> Result<Picture, RefusedPicture> {
    let refused = |kind: PictureKind, reason: &str, possible: Vec<PictureKind>| RefusedPicture {
        kind,
        reason: reason.to_owned(),
        possible,
    };
    if let Some(other) = kind.filter(|kind| *kind != PictureKind::Outcomes) {
        let reason = "an exploration has final values and no measurement";
        return Err(refused(other, reason, vec![PictureKind::Outcomes]));
    }
    let kind = PictureKind::Outcomes;
    if figures.values.is_empty() {
        return Err(refused(kind, "the exploration has found no value", Vec::new()));
    }
    if !figures.has_probabilities {
        let reason =
            "a closed form answered, which knows which values are possible, and not how likely";
        return Err(refused(kind, reason, Vec::new()));
    }
    Ok(drawn(figures))
}

fn drawn(figures: &ExplorationFigures) -> Picture {
    let ExplorationFigures { strategy, scheduler, expected, has_ended, values, .. } = figures;
    let point =
        |it: &&ExploredValue| Point { x: it.value as f64, y: it.probability, ..Point::default() };
    let points: Vec<Point> =
        values.iter().filter(|it| it.probability > 0.0).map(|it| point(&it)).collect();
    let tiny = values.iter().filter(|it| it.probability <= 0.0 && it.log10.is_some()).count();
    let dropped_zeros = values.len() - points.len();
    let mut notes =
        vec![format!("{} values, exactly computed under the scheduler {scheduler}.", values.len())];
    if tiny > 0 {
        notes.push(format!("{tiny} possible values are below 1e-308 and are not drawn."));
    }
    if dropped_zeros > tiny {
        let zeros = dropped_zeros - tiny;
        notes.push(format!("{zeros} values have probability 0, which a logarithm cannot show."));
    }
    if !has_ended {
        notes.push("The exploration has not ended: more values may come.".into());
    }
    let mut picture = Picture {
        kind: PictureKind::Outcomes,
        title: format!("Final values of {strategy}"),
        description: String::new(),
        x: Axis::linear("final value of the counter", ""),
        y: Axis { dropped_zeros, ..Axis::log("probability", "") },
        series: vec![Series { name: "probability".into(), style: SeriesStyle::Points, points }],
        bands: Vec::new(),
        marks: vec![Mark { label: "nothing lost".into(), x: Some(*expected as f64), y: None }],
        notes,
    };
    picture = thinned(picture);
    picture.description = description(&picture);
    picture
}
