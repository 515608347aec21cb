//! Legend of a picture: the name of each series, of each mark, and the notes.

use proto::v1::{Picture, PictureMark};

use crate::render::format::color::Emphasis;
use crate::render::format::wrap::wrapped;
use crate::render::picture::layout::{dropped_zeros, is_in_rows, is_wrong, letter, mark_text};
use crate::render::picture::shades::is_heatmap;
use crate::render::picture::text::page::TextPage;

/// Width of a sign and the gap after it.
const SIGN: usize = 3;

/// The lines below the axes.
pub(super) fn lines(picture: &Picture, page: TextPage) -> Vec<String> {
    let mut lines = Vec::new();
    let is_named = is_heatmap(picture) || is_in_rows(picture) && picture.series.len() == 1;
    for (place, series) in picture.series.iter().enumerate().filter(|_| !is_named) {
        let emphasis = if is_wrong(series) { Emphasis::Lost } else { Emphasis::None };
        let said = entry(letter(place), &series.name, page.width);
        lines.extend(said.iter().map(|line| page.color.paint(emphasis, line)));
    }
    for mark in &picture.marks {
        lines.extend(entry(sign(mark, picture, page), &mark_text(mark, picture), page.width));
    }
    let intervals = picture.series.iter().flat_map(|series| &series.points);
    if !is_heatmap(picture) && intervals.clone().any(|point| point.low.is_some()) {
        let sign = if is_in_rows(picture) {
            page.charset.pick('┤', ']')
        } else {
            page.charset.pick('⡇', '.')
        };
        lines.extend(entry(sign, "the interval of a point", page.width));
    }
    let dropped = dropped_zeros(picture);
    lines.extend(dropped.iter().flat_map(|said| wrapped(said, page.width)));
    if !picture.notes.is_empty() {
        lines.push(String::new());
    }
    lines.extend(picture.notes.iter().flat_map(|note| wrapped(note, page.width)));
    lines
}

/// A sign, and a text that hangs beside it.
pub(super) fn entry(sign: char, text: &str, width: usize) -> Vec<String> {
    let line = |(at, line): (usize, String)| {
        let sign = if at == 0 { sign } else { ' ' };
        format!("{sign:<SIGN$}{line}")
    };
    wrapped(text, width - SIGN).into_iter().enumerate().map(line).collect()
}

fn sign(mark: &PictureMark, picture: &Picture, page: TextPage) -> char {
    match (mark.x, mark.y) {
        (Some(_), Some(_)) => '+',
        (None, Some(_)) if !is_in_rows(picture) => page.charset.pick('┄', '-'),
        _ => page.charset.pick('┊', ':'),
    }
}
