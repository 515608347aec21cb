//! A picture with names: a row for each, from top to bottom, with its bar or place, its interval and its
//! number.

use proto::v1::{Picture, PicturePoint, PictureSeries, PictureStyle};

use crate::render::format::wrap::wrapped;
use crate::render::picture::layout::{axis, axis_label, categories, color_places, y_scale};
use crate::render::picture::numbers::value;
use crate::render::picture::svg::frame::{
    Frame, LETTER, LINE, MARGIN, WIDTH, interval, letters, said, width_of,
};
use crate::render::picture::svg::shapes::{Anchor, Shapes, class};

/// Height of the name over its rows, and of a row.
const NAME: f64 = 20.0;
const ROW: f64 = 20.0;
const GAP: f64 = 10.0;
const TICKS: usize = 7;
/// Half the height of a bar, and of the ends of an interval.
const HALF: f64 = 7.0;
const CAP: f64 = 4.0;

fn unit(picture: &Picture) -> String {
    axis(picture.y.as_ref()).unit
}

/// The lines of a name over its rows.
fn name_lines(name: &str) -> Vec<String> {
    wrapped(name, letters(WIDTH - 2.0 * MARGIN, LETTER))
}

/// The series with a point at a name, by their places.
fn at_name(picture: &Picture, at: usize) -> Vec<(usize, &PictureSeries, &PicturePoint)> {
    let here = |point: &&PicturePoint| (point.x - at as f64).abs() < 0.5;
    let series = picture.series.iter().enumerate();
    series.filter_map(|(place, it)| Some((place, it, it.points.iter().find(here)?))).collect()
}

/// Where the plot stands if it begins at `top`.
pub(super) fn frame(picture: &Picture, top: f64) -> Frame {
    let unit = unit(picture);
    let points = picture.series.iter().flat_map(|series| &series.points);
    let numbers = points.map(|point| width_of(&value(&unit, point))).fold(0.0, f64::max);
    let rows: usize = (0..categories(picture).len()).map(|at| at_name(picture, at).len()).sum();
    let lines: usize = categories(picture).iter().map(|name| name_lines(name).len()).sum();
    let height = lines as f64 * NAME + rows as f64 * ROW + GAP;
    Frame {
        left: MARGIN,
        right: WIDTH - MARGIN - numbers - GAP,
        top: top - LINE,
        bottom: top - LINE + height,
    }
}

/// Draws the rows with the axis below.
pub(super) fn draw(shapes: &mut Shapes, picture: &Picture, frame: Frame) {
    let scale = y_scale(picture, TICKS);
    let Frame { left, right, top, bottom } = frame;
    let colors = color_places(&picture.series);
    let unit = unit(picture);
    for tick in &scale.ticks {
        let x = frame.x(tick.at);
        shapes.line((x, bottom), (x, bottom + 5.0), "axis");
        shapes.text((x, bottom + LINE), "soft", Anchor::Middle, &tick.label);
    }
    let mut y = top;
    for (at, name) in categories(picture).iter().enumerate() {
        for line in name_lines(name) {
            y += NAME;
            shapes.text((left, y - 4.0), "name", Anchor::Start, &line);
        }
        for (place, series, point) in at_name(picture, at) {
            let middle = y + ROW / 2.0;
            let x = |value: f64| frame.x(scale.at(value).clamp(0.0, 1.0));
            for mark in picture.marks.iter().filter_map(|mark| mark.y) {
                shapes.line((x(mark), y), (x(mark), y + ROW), "mark");
            }
            let color = colors[place];
            if series.style() == PictureStyle::Bars {
                let from = (frame.x(scale.base()), middle - HALF);
                shapes.bar(from, (x(point.y), middle + HALF), &class("b", color));
            }
            if let (Some(low), Some(high)) = (point.low, point.high) {
                let ends = [(x(low), middle), (x(high), middle)];
                interval(shapes, ends, (0.0, CAP), &class("l", color));
            }
            shapes.mark((x(point.y), middle), color, point.is_noisy, &said(name, &unit, point));
            let number = value(&unit, point);
            shapes.text((right + GAP, middle + 4.0), "soft", Anchor::Start, &number);
            y += ROW;
        }
    }
    shapes.line((left, bottom), (right, bottom), "axis");
    let label = axis_label(picture.y.as_ref());
    let place = (f64::midpoint(left, right), bottom + 2.0 * LINE);
    shapes.text(place, "name", Anchor::Middle, &label);
}
