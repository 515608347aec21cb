//! A heat map: a row for each series, two lines high, with its shade, its number and its interval in each
//! column. Columns that have no room beside the others follow below.

use proto::v1::Picture;

use crate::render::format::color::{Color, Emphasis};
use crate::render::format::wrap::{cut, wrapped};
use crate::render::picture::layout::{axis, categories};
use crate::render::picture::shades::{ShadedCell, meanings, noise, row};
use crate::render::picture::text::page::{Charset, TextPage};

/// Characters of a shade.
const SHADE: usize = 2;
/// Characters between the shade and its number, and between columns.
const GAP: usize = 1;
/// Most characters of a column's texts.
const TEXT_MAX: usize = 24;
const UNICODE: [char; 5] = [' ', '░', '▒', '▓', '█'];
const ASCII: [char; 5] = [' ', '.', ':', '+', '#'];

/// The rows, and what the shades mean.
pub(super) fn lines(picture: &Picture, page: TextPage) -> Vec<String> {
    let names = picture.series.iter().map(|series| series.name.chars().count());
    let name = names.max().unwrap_or(0);
    let left = if name <= page.width / 3 { name + 2 * GAP } else { 0 };
    let text = text_width(picture).min(TEXT_MAX);
    let each = SHADE + GAP + text + 2 * GAP;
    let columns: Vec<usize> = (0..categories(picture).len()).collect();
    let fit = ((page.width + 2 * GAP).saturating_sub(left) / each).max(1);
    let mut lines = Vec::new();
    for shown in columns.chunks(fit) {
        lines.push(heading(picture, shown, left, text));
        for series in &picture.series {
            if left == 0 {
                lines.extend(wrapped(&series.name, page.width));
            }
            let cells = row(picture, series);
            let at = |column: &usize| cells.iter().find(|(at, _)| at == column).map(|it| &it.1);
            let cells: Vec<Option<&ShadedCell<'_>>> = shown.iter().map(at).collect();
            let name = if left == 0 { "" } else { &series.name };
            lines.push(format!("{name:<left$}{}", line(&cells, text, page, |it| &it.number)));
            lines.push(" ".repeat(left) + &line(&cells, text, page, |it| &it.below));
        }
        lines.push(String::new());
    }
    lines.extend(legend(picture, page));
    lines
}

fn text_width(picture: &Picture) -> usize {
    let cells = picture.series.iter().flat_map(|series| row(picture, series));
    let texts = cells.flat_map(|(_, cell)| [cell.number, cell.below]);
    let texts = texts.map(|text| text.chars().count());
    texts.chain(categories(picture).iter().map(|name| name.chars().count())).max().unwrap_or(0)
}

/// The names of the columns, over their texts.
fn heading(picture: &Picture, shown: &[usize], left: usize, text: usize) -> String {
    let label = cut(&axis(picture.x.as_ref()).label, left.saturating_sub(GAP));
    let begin = if left == 0 { String::new() } else { format!("{label:<left$}") };
    let name = |at: &usize| {
        let name = cut(&categories(picture)[*at], text);
        format!("{:SHADE$} {name:<text$}  ", "")
    };
    begin + &shown.iter().map(name).collect::<String>()
}

/// One of the two lines of a row: in each column the shade and a text.
fn line(
    cells: &[Option<&ShadedCell<'_>>],
    width: usize,
    page: TextPage,
    text: for<'a> fn(&'a ShadedCell<'a>) -> &'a str,
) -> String {
    let cell = |cell: Option<&ShadedCell<'_>>| {
        let Some(cell) = cell else { return " ".repeat(SHADE + GAP + width + 2 * GAP) };
        let shade = shade(cell.level, page.charset).repeat(SHADE);
        let text = cut(text(cell), width);
        let room = " ".repeat(width.saturating_sub(text.chars().count()) + 2 * GAP);
        format!("{shade} {}{room}", painted(cell, page.color, &text))
    };
    cells.iter().copied().map(cell).collect()
}

fn painted(cell: &ShadedCell<'_>, color: Color, text: &str) -> String {
    let emphasis = match cell.point.label.as_str() {
        label if label.contains("broken") => Emphasis::Broken,
        label if label.contains("lost") => Emphasis::Lost,
        _ => Emphasis::None,
    };
    if text.is_empty() { String::new() } else { color.paint(emphasis, text) }
}

fn shade(level: usize, charset: Charset) -> String {
    charset.pick(UNICODE[level], ASCII[level]).to_string()
}

/// What the shades mean, in one line or several.
fn legend(picture: &Picture, page: TextPage) -> Vec<String> {
    let meaning = |(level, text): (usize, String)| match level {
        0 => format!("blank {text}"),
        level => format!("{} {text}", shade(level, page.charset).repeat(SHADE)),
    };
    let all: Vec<String> = meanings(picture).into_iter().map(meaning).collect();
    let mut lines = wrapped(&all.join(", "), page.width);
    lines.extend(noise(picture).iter().flat_map(|said| wrapped(said, page.width)));
    lines
}
