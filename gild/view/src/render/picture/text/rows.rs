//! A picture with names: a row for each, from top to bottom, with its bar or place, its interval and its
//! number.

use proto::v1::{Picture, PicturePoint, PictureStyle};

use crate::render::format::color::Emphasis;
use crate::render::format::wrap::{cut, wrapped};
use crate::render::picture::layout::{axis_label, categories, letter, y_scale};
use crate::render::picture::numbers::value;
use crate::render::picture::scale::Scale;
use crate::render::picture::text::canvas::nearest;
use crate::render::picture::text::legend::entry;
use crate::render::picture::text::numbered::bottom;
use crate::render::picture::text::page::TextPage;

/// Least columns of the bars.
const COLUMNS_MIN: usize = 12;
/// The sign of a noisy row.
const NOISY: char = '!';
/// Characters that the label of a tick takes, with room.
const TICK_ROOM: usize = 9;

/// A row of a picture with names.
struct PictureRow<'a> {
    name: &'a str,
    letter: Option<char>,
    style: PictureStyle,
    point: &'a PicturePoint,
    number: String,
}

/// The rows with the axis below.
pub(super) fn lines(picture: &Picture, page: TextPage) -> Vec<String> {
    let rows = rows(picture);
    let length = |text: &str| text.chars().count();
    let name = rows.iter().map(|row| length(row.name) + 2 * usize::from(row.letter.is_some()));
    let name = name.max().unwrap_or(0);
    let number = rows.iter().map(|row| length(&row.number)).max().unwrap_or(0);
    // Beside the bars if there is room, else over them.
    let is_beside = name <= page.width / 3 && name + number + COLUMNS_MIN + 5 <= page.width;
    let left = if is_beside { name } else { 0 };
    let columns = page.width.saturating_sub(left + number + 4).max(COLUMNS_MIN);
    let scale = y_scale(picture, columns / TICK_ROOM);
    let mut lines = Vec::new();
    for row in &rows {
        let shown = match row.letter {
            Some(letter) => format!("{letter} {}", row.name),
            None => row.name.to_owned(),
        };
        if !is_beside {
            lines.extend(wrapped(&shown, page.width));
        }
        let begin = if is_beside { shown } else { String::new() };
        let edge = page.charset.pick('│', '|');
        let bar = bar(row, picture, &scale, columns, page);
        let noisy = if row.point.is_noisy { NOISY } else { ' ' };
        let line = format!("{begin:<left$} {edge}{bar} {noisy}{}", row.number);
        let emphasis =
            if row.point.label.contains("lost") { Emphasis::Lost } else { Emphasis::None };
        lines.push(page.color.paint(emphasis, line.trim_end()));
    }
    lines.extend(bottom(&scale.ticks, columns, left, page.charset));
    let label = cut(&axis_label(picture.y.as_ref()), page.width);
    let indent = (left + 2 + columns).saturating_sub(length(&label)) / 2 + left / 2;
    lines.push(" ".repeat(indent.min(page.width.saturating_sub(length(&label)))) + &label);
    lines.push(String::new());
    if rows.iter().any(|row| row.point.is_noisy) {
        lines.extend(entry(NOISY, "noisy: others kept the machine busy", page.width));
    }
    lines
}

/// Name by name, series by series.
fn rows(picture: &Picture) -> Vec<PictureRow<'_>> {
    let unit = picture.y.as_ref().map(|y| y.unit.as_str()).unwrap_or_default();
    let names = categories(picture);
    let has_letters = picture.series.len() > 1;
    let of_series = |at: usize, name| {
        let series = picture.series.iter().enumerate();
        series.flat_map(move |(place, series)| {
            let here = series.points.iter().filter(move |point| nearly(point.x, at));
            here.map(move |point| PictureRow {
                name,
                letter: has_letters.then(|| letter(place)),
                style: series.style(),
                point,
                number: value(unit, point),
            })
        })
    };
    names.iter().enumerate().flat_map(|(at, name)| of_series(at, name.as_str())).collect()
}

fn nearly(x: f64, at: usize) -> bool {
    (x - at as f64).abs() < 0.5
}

fn bar(
    row: &PictureRow<'_>,
    picture: &Picture,
    scale: &Scale,
    columns: usize,
    page: TextPage,
) -> String {
    let charset = page.charset;
    let last = columns - 1;
    let mut cells = vec![' '; columns];
    for at in picture.marks.iter().filter_map(|mark| scale.inside(mark.y?)) {
        cells[nearest(at, last)] = charset.pick('┊', ':');
    }
    let place = nearest(scale.at(row.point.y), last);
    if row.style == PictureStyle::Bars {
        let base = nearest(scale.base(), last);
        let (from, to) = (base.min(place), base.max(place));
        cells[from..=to].fill(charset.pick('█', '='));
    }
    if let (Some(low), Some(high)) = (row.point.low, row.point.high) {
        let ends = [low, high].map(|end| nearest(scale.at(end), last));
        cells[ends[0]..=ends[1]].fill(charset.pick('─', '-'));
        cells[ends[0]] = charset.pick('├', '[');
        cells[ends[1]] = charset.pick('┤', ']');
    }
    cells[place] = charset.pick('●', 'o');
    cells.into_iter().collect()
}
