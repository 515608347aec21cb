//! A picture with numbers from left to right: a frame with ticks around a canvas.

use proto::v1::{Picture, PicturePoint, PictureSeries, PictureStyle};

use crate::render::format::wrap::{cut, wrapped};
use crate::render::picture::layout::{PictureLayout, TickCounts, axis_label, letter};
use crate::render::picture::scale::Tick;
use crate::render::picture::text::canvas::{Canvas, SEVERAL, nearest};
use crate::render::picture::text::legend::entry;
use crate::render::picture::text::page::{Charset, TextPage};

/// Lines of the canvas, and where the page is narrow.
const ROWS: usize = 16;
const ROWS_NARROW: usize = 12;
/// Below this width a page is narrow.
const NARROW_BELOW: usize = 60;
/// Characters that the label of a tick of the x axis takes, with room.
const TICK_ROOM: usize = 10;

/// The lines of the canvas with its axes.
pub(super) fn lines(picture: &Picture, page: TextPage) -> Vec<String> {
    let rows = if page.width < NARROW_BELOW { ROWS_NARROW } else { ROWS };
    let most = TickCounts { x: page.width / TICK_ROOM, y: rows / 2 };
    let layout = PictureLayout::new(picture, most);
    let labels = layout.y.ticks.iter().map(|tick| tick.label.chars().count());
    let left = labels.max().unwrap_or(0);
    let mut canvas = Canvas::new(page.width - left - 2, rows, page.charset);
    draw(&mut canvas, &layout, page.charset);
    let mut lines = wrapped(&axis_label(picture.y.as_ref()), page.width);
    lines.extend(framed(&canvas, &layout, left, page.charset));
    lines.extend(bottom(&layout.x.ticks, page.width - left - 2, left, page.charset));
    let label = cut(&axis_label(picture.x.as_ref()), page.width);
    let letters = label.chars().count();
    let indent = (page.width + left + 2).saturating_sub(letters) / 2;
    let indent = indent.min(page.width.saturating_sub(letters));
    lines.push(" ".repeat(indent) + &label);
    lines.extend(signs(&canvas, picture, page.width));
    lines
}

fn draw(canvas: &mut Canvas, layout: &PictureLayout<'_>, charset: Charset) {
    for mark in &layout.picture.marks {
        match (mark.x, mark.y) {
            (Some(x), None) => canvas.down(layout.x.at(x), charset.pick('┊', ':')),
            (None, Some(y)) => canvas.across(layout.y.at(y), charset.pick('┄', '-')),
            (Some(x), Some(y)) => canvas.letter(layout.x.at(x), layout.y.at(y), '+'),
            (None, None) => {}
        }
    }
    for series in &layout.picture.series {
        trace(canvas, layout, series);
    }
    for (place, series) in layout.picture.series.iter().enumerate() {
        letters(canvas, layout, series, letter(place));
    }
}

/// The points of a series inside the axes, as shares.
fn places<'a>(
    layout: &'a PictureLayout<'_>,
    series: &'a PictureSeries,
) -> impl Iterator<Item = (f64, f64, &'a PicturePoint)> {
    let place = |point: &'a PicturePoint| {
        Some((layout.x.inside(point.x)?, layout.y.inside(point.y)?, point))
    };
    series.points.iter().filter_map(place)
}

/// Lines, bars and intervals.
fn trace(canvas: &mut Canvas, layout: &PictureLayout<'_>, series: &PictureSeries) {
    let mut before: Option<(f64, f64)> = None;
    for (x, y, point) in places(layout, series) {
        match (series.style(), before) {
            (PictureStyle::Line, Some(from)) => canvas.line(from, (x, y)),
            (PictureStyle::Steps, Some((from, height))) => {
                canvas.line((from, height), (x, height));
                canvas.line((x, height), (x, y));
            }
            (PictureStyle::Bars, _) => canvas.line((x, layout.y.base()), (x, y)),
            _ => {}
        }
        if let (Some(low), Some(high)) = (point.low, point.high) {
            let end = |value: f64| layout.y.at(value).clamp(0.0, 1.0);
            canvas.line((x, end(low)), (x, end(high)));
        }
        before = Some((x, y));
    }
}

/// The letters: at each point, and of lines without points a few along them.
fn letters(canvas: &mut Canvas, layout: &PictureLayout<'_>, series: &PictureSeries, letter: char) {
    let drawn: Vec<_> = places(layout, series).collect();
    let is_curve = matches!(series.style(), PictureStyle::Line | PictureStyle::Steps);
    // Where no observation stands, the curve goes on.
    let is_fitted = is_curve && series.points.iter().all(|point| point.count.is_none());
    let every = (drawn.len() / 4).max(1);
    for (at, (x, y, point)) in drawn.iter().enumerate() {
        let letter = if point.is_noisy { letter.to_ascii_uppercase() } else { letter };
        if !is_fitted {
            canvas.letter(*x, *y, letter);
        } else if at % every == every / 2 {
            canvas.letter_if_free(*x, *y, letter);
        }
    }
}

fn framed(
    canvas: &Canvas,
    layout: &PictureLayout<'_>,
    left: usize,
    charset: Charset,
) -> Vec<String> {
    let (plain, ticked) = (charset.pick('│', '|'), charset.pick('┤', '+'));
    let with_axis = |(row, line): (usize, String)| {
        let tick = layout.y.ticks.iter().find(|tick| canvas.row(tick.at) == row);
        let label = tick.map(|tick| tick.label.as_str()).unwrap_or_default();
        format!("{label:>left$} {}{line}", if tick.is_some() { ticked } else { plain })
    };
    canvas.lines().into_iter().enumerate().map(with_axis).collect()
}

/// The axis below so many columns, and the labels of its ticks where they have room.
pub(super) fn bottom(ticks: &[Tick], columns: usize, left: usize, charset: Charset) -> [String; 2] {
    let mut line = vec![charset.pick('─', '-'); columns];
    let mut labels = vec![' '; columns + left + 2];
    let mut free = 0;
    for tick in ticks {
        let column = nearest(tick.at, columns - 1);
        line[column] = charset.pick('┬', '+');
        let length = tick.label.chars().count();
        let begin = (left + 2 + column)
            .saturating_sub(length / 2)
            .min(labels.len() - length.min(labels.len()));
        if begin >= free && begin + length <= labels.len() {
            labels.splice(begin..begin + length, tick.label.chars());
            free = begin + length + 1;
        }
    }
    let corner = charset.pick('└', '+');
    let line: String = line.into_iter().collect();
    [format!("{:left$} {corner}{line}", ""), labels.into_iter().collect()]
}

/// What the signs on the canvas mean.
fn signs(canvas: &Canvas, picture: &Picture, width: usize) -> Vec<String> {
    let points = || picture.series.iter().flat_map(|series| &series.points);
    let mut signs = vec![String::new()];
    if canvas.has_several() {
        signs.extend(entry(SEVERAL, "several series at one place", width));
    }
    if points().any(|point| point.is_noisy) {
        let said = "a capital letter is noisy: others kept the machine busy";
        signs.extend(entry('A', said, width));
    }
    signs
}
