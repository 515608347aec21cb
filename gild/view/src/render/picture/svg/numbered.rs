//! A picture with numbers from left to right: a grid with ticks, bands, lines, bars and points.

use proto::v1::{Picture, PicturePoint, PictureSeries, PictureStyle};

use crate::render::picture::layout::{PictureLayout, TickCounts, axis, axis_label, color_places};
use crate::render::picture::svg::frame::{Frame, LINE, MARGIN, WIDTH, interval, said, width_of};
use crate::render::picture::svg::shapes::{Anchor, Shapes, Spot, class};

const HEIGHT: f64 = 360.0;
const TICKS: TickCounts = TickCounts { x: 9, y: 8 };
/// Gap between a label and its axis.
const GAP: f64 = 8.0;
/// Half the width of the ends of an interval.
const CAP: f64 = 3.0;

/// Where the plot stands if it begins at `top`.
pub(super) fn frame(picture: &Picture, top: f64) -> Frame {
    let layout = PictureLayout::new(picture, TICKS);
    let labels = layout.y.ticks.iter().map(|tick| width_of(&tick.label)).fold(0.0, f64::max);
    let last = layout.x.ticks.last().map_or(0.0, |tick| width_of(&tick.label) / 2.0);
    let left = MARGIN + labels + GAP + 4.0;
    Frame { left, right: WIDTH - MARGIN - last, top, bottom: top + HEIGHT }
}

/// Draws the plot with its axes.
pub(super) fn draw(shapes: &mut Shapes, picture: &Picture, frame: Frame) {
    let layout = PictureLayout::new(picture, TICKS);
    axes(shapes, &layout, frame);
    let places = color_places(&picture.series);
    let place = |x: f64, y: f64| {
        (frame.x(layout.x.at(x).clamp(0.0, 1.0)), frame.y(layout.y.at(y).clamp(0.0, 1.0)))
    };
    for band in &picture.bands {
        let at = picture.series.iter().position(|series| series.name == band.name);
        let upper = band.points.iter().map(|it| place(it.x, it.high));
        let lower = band.points.iter().rev().map(|it| place(it.x, it.low));
        let color = class("b", at.map_or(0, |at| places[at]));
        shapes.area(&upper.chain(lower).collect::<Vec<Spot>>(), &color);
    }
    for mark in &picture.marks {
        match (mark.x.map(|x| frame.x(layout.x.at(x))), mark.y.map(|y| frame.y(layout.y.at(y)))) {
            (Some(x), None) => shapes.line((x, frame.top), (x, frame.bottom), "mark"),
            (None, Some(y)) => shapes.line((frame.left, y), (frame.right, y), "mark"),
            (Some(x), Some(y)) => {
                interval(shapes, [(x, y - 6.0), (x, y + 6.0)], (6.0, 0.0), "mark");
            }
            (None, None) => {}
        }
    }
    for (at, one) in picture.series.iter().enumerate() {
        series(shapes, &layout, frame, one, places[at]);
    }
}

fn axes(shapes: &mut Shapes, layout: &PictureLayout<'_>, frame: Frame) {
    let Frame { left, right, top, bottom } = frame;
    for tick in &layout.y.ticks {
        let y = frame.y(tick.at);
        shapes.line((left, y), (right, y), "grid");
        shapes.text((left - GAP, y + 4.0), "soft", Anchor::End, &tick.label);
    }
    let mut free = 0.0;
    for tick in &layout.x.ticks {
        let x = frame.x(tick.at);
        shapes.line((x, bottom), (x, bottom + 5.0), "axis");
        let half = width_of(&tick.label) / 2.0;
        if x - half >= free {
            shapes.text((x, bottom + LINE), "soft", Anchor::Middle, &tick.label);
            free = x + half + GAP;
        }
    }
    shapes.line((left, bottom), (right, bottom), "axis");
    shapes.line((left, top), (left, bottom), "axis");
    let label = axis_label(layout.picture.y.as_ref());
    shapes.text((MARGIN, top - 10.0), "name", Anchor::Start, &label);
    let middle = (f64::midpoint(left, right), bottom + 2.0 * LINE);
    let label = axis_label(layout.picture.x.as_ref());
    shapes.text(middle, "name", Anchor::Middle, &label);
}

fn series(
    shapes: &mut Shapes,
    layout: &PictureLayout<'_>,
    frame: Frame,
    series: &PictureSeries,
    color: usize,
) {
    let place = |point: &PicturePoint| {
        let x = layout.x.inside(point.x)?;
        Some((frame.x(x), frame.y(layout.y.inside(point.y)?)))
    };
    let drawn: Vec<(Spot, &PicturePoint)> =
        series.points.iter().filter_map(|point| Some((place(point)?, point))).collect();
    let places: Vec<Spot> = drawn.iter().map(|it| it.0).collect();
    let line = class("l", color);
    match series.style() {
        PictureStyle::Line => shapes.path(&places, &line),
        PictureStyle::Steps => {
            let step = |pair: &[Spot]| [pair[0], (pair[1].0, pair[0].1), pair[1]];
            shapes.path(&places.windows(2).flat_map(step).collect::<Vec<_>>(), &line);
        }
        PictureStyle::Bars => {
            let half =
                ((frame.right - frame.left) / places.len().max(1) as f64 / 3.0).clamp(1.0, 10.0);
            let base = frame.y(layout.y.base());
            let bar = class("b", color);
            for (x, y) in &places {
                shapes.bar((x - half, base), (x + half, *y), &bar);
            }
        }
        PictureStyle::Points | PictureStyle::Cells | PictureStyle::Unspecified => {}
    }
    let unit = axis(layout.picture.y.as_ref()).unit;
    for ((x, y), point) in drawn {
        if let (Some(low), Some(high)) = (point.low, point.high) {
            let end = |value: f64| (x, frame.y(layout.y.at(value).clamp(0.0, 1.0)));
            interval(shapes, [end(low), end(high)], (CAP, 0.0), &format!("{line} thin"));
        }
        // A computed curve has no observation at its places.
        if point.count.is_some() || series.style() != PictureStyle::Line {
            shapes.mark((x, y), color, point.is_noisy, &said(&series.name, &unit, point));
        }
    }
}
