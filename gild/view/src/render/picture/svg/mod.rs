//! The pen for documents: a picture in SVG. Equal pictures give equal bytes: no fonts are measured, and no
//! clock or randomness is used. Texts stand in the margins, and never over what is plotted.

mod frame;
mod heatmap;
mod numbered;
mod rows;
mod shapes;

use proto::v1::{Picture, PictureStyle};

use crate::render::format::wrap::wrapped;
use crate::render::picture::layout::{color_places, dropped_zeros, is_in_rows, mark_text};
use crate::render::picture::shades::{is_heatmap, meanings, noise};
use crate::render::picture::svg::frame::{
    Frame, LETTER, LINE, MARGIN, TITLE_LETTER, TITLE_LINE, WIDTH, letters,
};
use crate::render::picture::svg::shapes::{Anchor, Home, Shapes, class};

/// Room for the sample beside a name in the legend.
const SAMPLE: f64 = 44.0;

/// A line of text below the plot, perhaps with a sample of a series or a mark.
enum Caption {
    Series { style: PictureStyle, is_fitted: bool, place: usize, text: String },
    Mark(String),
    Shade { level: usize, text: String },
    Text(String),
}

/// The SVG of a picture, as a file of its own.
pub fn drawing(picture: &Picture) -> String {
    drawn(picture, Home::File)
}

/// The SVG of a picture as an element of an HTML page that has [`page_style`]. Equal to the file but for
/// names of spaces, the style, the notes, which the page is to have as text, and texts of single marks,
/// which it is to have as a table.
pub fn element(picture: &Picture) -> String {
    drawn(picture, Home::Page)
}

/// The style sheet of all drawings of a page.
pub fn page_style() -> String {
    shapes::style()
}

fn drawn(picture: &Picture, home: Home) -> String {
    let title = wrapped(&picture.title, letters(WIDTH - 2.0 * MARGIN, TITLE_LETTER));
    let top = MARGIN + title.len() as f64 * TITLE_LINE + LINE + 8.0;
    let (frame, draw) = pen(picture);
    let frame = frame(picture, top);
    let below = below(picture, home);
    let begin = frame.bottom + 3.5 * LINE;
    let height = begin + below.len() as f64 * LINE + MARGIN;
    let mut shapes = Shapes::new((WIDTH, height), &picture.title, &picture.description, home);
    for (at, line) in title.iter().enumerate() {
        let place = (MARGIN, MARGIN + 18.0 + at as f64 * TITLE_LINE);
        shapes.text(place, "title", Anchor::Start, line);
    }
    draw(&mut shapes, picture, frame);
    for (at, line) in below.iter().enumerate() {
        draw_below(&mut shapes, line, begin + at as f64 * LINE);
    }
    shapes.finish()
}

/// Where a plot that begins at a height stands, and the plot.
type Pen = (fn(&Picture, f64) -> Frame, fn(&mut Shapes, &Picture, Frame));

fn pen(picture: &Picture) -> Pen {
    match (is_heatmap(picture), is_in_rows(picture)) {
        (true, _) => (heatmap::frame, heatmap::draw),
        (false, true) => (rows::frame, rows::draw),
        (false, false) => (numbered::frame, numbered::draw),
    }
}

/// The legend and the notes, wrapped; a page has the notes beside the drawing.
fn below(picture: &Picture, home: Home) -> Vec<Caption> {
    let room = letters(WIDTH - 2.0 * MARGIN - SAMPLE, LETTER);
    let places = color_places(&picture.series);
    let mut lines = Vec::new();
    let mut entry = |first: &dyn Fn(String) -> Caption, text: &str| {
        let lines_of = wrapped(text, room);
        let rest = |(at, line)| if at == 0 { first(line) } else { Caption::Text(line) };
        lines.extend(lines_of.into_iter().enumerate().map(rest));
    };
    let is_heatmap = is_heatmap(picture);
    let is_named = is_heatmap || is_in_rows(picture) && picture.series.len() == 1;
    for (at, series) in picture.series.iter().enumerate().filter(|_| !is_named) {
        let (place, style) = (places[at], series.style());
        let is_fitted = series.points.iter().all(|point| point.count.is_none());
        entry(&|text| Caption::Series { style, is_fitted, place, text }, &series.name);
    }
    for mark in &picture.marks {
        entry(&Caption::Mark, &mark_text(mark, picture));
    }
    for (level, meaning) in meanings(picture).into_iter().filter(|_| is_heatmap) {
        entry(&|text| Caption::Shade { level, text }, &meaning);
    }
    let points = || picture.series.iter().flat_map(|series| &series.points);
    let plain = |text: String| Caption::Text(text);
    if is_heatmap {
        if let Some(said) = noise(picture) {
            entry(&plain, &said);
        }
    } else if points().any(|point| point.is_noisy) {
        entry(&plain, "Hollow points are noisy: others kept the machine busy.");
    }
    if !is_heatmap && points().any(|point| point.low.is_some()) {
        entry(&plain, "A thin line through a point is its interval.");
    }
    let dropped = dropped_zeros(picture);
    let notes = picture.notes.iter().filter(|_| home == Home::File);
    dropped.iter().chain(notes).for_each(|note| entry(&plain, note));
    lines
}

fn draw_below(shapes: &mut Shapes, line: &Caption, y: f64) {
    let at = |text: &str, shapes: &mut Shapes, class| {
        shapes.text((MARGIN + SAMPLE, y), class, Anchor::Start, text);
    };
    let (from, to) = ((MARGIN, y - 4.0), (MARGIN + SAMPLE - 12.0, y - 4.0));
    match line {
        Caption::Series { style, is_fitted, place, text } => {
            match style {
                PictureStyle::Line | PictureStyle::Steps => {
                    shapes.line(from, to, &class("l", *place));
                }
                PictureStyle::Bars => {
                    shapes.bar((from.0, y - 10.0), (to.0, y + 1.0), &class("b", *place));
                }
                PictureStyle::Points | PictureStyle::Cells | PictureStyle::Unspecified => {}
            }
            if !is_fitted || *style != PictureStyle::Line {
                shapes.mark((f64::midpoint(from.0, to.0), from.1), *place, false, text);
            }
            at(text, shapes, "name");
        }
        Caption::Mark(text) => {
            shapes.line(from, to, "mark");
            at(text, shapes, "name");
        }
        Caption::Shade { level, text } => {
            shapes.bar((from.0, y - 12.0), (to.0, y + 3.0), &format!("h{level}"));
            at(text, shapes, "name");
        }
        Caption::Text(text) => at(text, shapes, "soft"),
    }
}
