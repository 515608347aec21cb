//! Shades of a heat map, which all pens share: the level of each rectangle, the texts in it, and what the
//! levels stand for.

use proto::v1::{Picture, PicturePoint, PictureSeries, PictureStyle};

use crate::render::format::quantity::count;
use crate::render::picture::layout::{axis, is_in_rows};
use crate::render::picture::numbers::value;

/// Levels above that of 0.
pub const LEVELS: usize = 4;
/// What stands beside the number of a noisy cell.
const NOISY: char = '!';

/// A rectangle of a heat map.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadedCell<'a> {
    /// Its point.
    pub point: &'a PicturePoint,
    /// How dark it is: 0 for a number of 0 to [`LEVELS`] for the greatest.
    pub level: usize,
    /// Its number: `0`, `1.2 %`, with `!` where others kept the machine busy.
    pub number: String,
    /// Its interval or its count: `[0.8-1.9]`, `of 10000`.
    pub below: String,
}

/// Whether the picture is a heat map: a row for each series, a column for each name.
pub fn is_heatmap(picture: &Picture) -> bool {
    let is_cells = |series: &PictureSeries| series.style() == PictureStyle::Cells;
    is_in_rows(picture) && picture.series.iter().any(is_cells)
}

/// The rectangles of a row by the columns they stand in.
pub fn row<'a>(picture: &Picture, series: &'a PictureSeries) -> Vec<(usize, ShadedCell<'a>)> {
    let (columns, most) = (columns(picture), greatest(picture));
    let unit = axis(picture.y.as_ref()).unit;
    let place = |point: &'a PicturePoint| {
        let column = (0..columns).find(|at| (point.x - *at as f64).abs() < 0.5)?;
        Some((column, shaded(point, most, &unit)))
    };
    series.points.iter().filter_map(place).collect()
}

fn columns(picture: &Picture) -> usize {
    picture.x.as_ref().map_or(0, |x| x.categories.len())
}

fn greatest(picture: &Picture) -> f64 {
    let points = picture.series.iter().flat_map(|series| &series.points);
    points.map(|point| point.y).filter(|y| y.is_finite()).fold(0.0, f64::max)
}

fn shaded<'a>(point: &'a PicturePoint, most: f64, unit: &str) -> ShadedCell<'a> {
    let (number, below) = if point.y == 0.0 {
        ("0".to_owned(), point.count.map(|of| format!("of {}", count(of))).unwrap_or_default())
    } else {
        let text = value(unit, point);
        let (number, rest) = text.split_at(text.find(['[', '(']).unwrap_or(text.len()));
        (number.trim_end().to_owned(), rest.trim_matches(['(', ')']).to_owned())
    };
    let noisy = if point.is_noisy { format!(" {NOISY}") } else { String::new() };
    ShadedCell { point, level: level(point.y, most), number: number + &noisy, below }
}

/// The level of a number, of which `most` is the greatest.
fn level(number: f64, most: f64) -> usize {
    let above = |step: &usize| number > most * *step as f64 / LEVELS as f64;
    if number > 0.0 { 1 + (1..LEVELS).filter(above).count() } else { 0 }
}

/// What each level that can be seen stands for, in words, from the least on.
pub fn meanings(picture: &Picture) -> Vec<(usize, String)> {
    let (most, unit) = (greatest(picture), axis(picture.y.as_ref()).unit);
    let end = |step: usize| {
        let y = most * step as f64 / LEVELS as f64;
        value(&unit, &PicturePoint { y, ..PicturePoint::default() })
    };
    let above = (1..=LEVELS).filter(|_| most > 0.0).map(|step| (step, format!("to {}", end(step))));
    [(0, "0".to_owned())].into_iter().chain(above).collect()
}

/// What the sign of noise means, where there is any.
pub fn noise(picture: &Picture) -> Option<String> {
    let mut points = picture.series.iter().flat_map(|series| &series.points);
    let said = || format!("{NOISY} noisy: others kept the machine busy.");
    points.any(|point| point.is_noisy).then(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_quarters_of_the_greatest_and_only_nothing_is_blank() {
        let levels = [0.0, 0.001, 1.0, 1.01, 2.5, 3.5, 4.0].map(|number| level(number, 4.0));
        assert_eq!(levels, [0, 1, 1, 2, 3, 4, 4]);
        assert_eq!([level(0.0, 0.0), level(f64::NAN, 1.0)], [0, 0]);
    }
}
