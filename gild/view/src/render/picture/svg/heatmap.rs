//! A heat map: a row of rectangles for each series, each with its number and its interval or count in it.
//! Columns that have no room beside the others follow below.

use proto::v1::{Picture, PictureSeries};

use crate::render::format::wrap::{cut, wrapped};
use crate::render::picture::layout::{axis, categories};
use crate::render::picture::shades::row;
use crate::render::picture::svg::frame::{Frame, LETTER, LINE, MARGIN, WIDTH, letters, width_of};
use crate::render::picture::svg::shapes::{Anchor, Shapes};

/// Most width of the names of rows.
const NAMES_MAX: f64 = 260.0;
/// Least height of a row: two lines of text.
const ROW: f64 = 2.0 * LINE + 8.0;
const GAP: f64 = 10.0;
/// Room at both sides of the texts of a rectangle.
const SIDE: f64 = 8.0;

/// Where the rows and columns stand.
struct HeatGrid {
    /// Where the columns begin.
    left: f64,
    /// Width of a column.
    column: f64,
    /// Columns beside each other.
    beside: usize,
    /// The name of each row in lines.
    names: Vec<Vec<String>>,
}

impl HeatGrid {
    fn new(picture: &Picture) -> Self {
        let widths = picture.series.iter().map(|series| width_of(&series.name));
        let names = widths.fold(0.0, f64::max).min(NAMES_MAX);
        let left = MARGIN + names + GAP;
        let cells = picture.series.iter().flat_map(|series| row(picture, series));
        let texts = cells.flat_map(|(_, cell)| [cell.number, cell.below]);
        let texts = texts.map(|text| width_of(&text)).fold(0.0, f64::max);
        let heads = categories(picture).iter().map(|name| width_of(name)).fold(0.0, f64::max);
        let whole = WIDTH - MARGIN - left;
        let column = (texts.max(heads) + 2.0 * SIDE).min(whole);
        let lines = |series: &PictureSeries| wrapped(&series.name, letters(names, LETTER));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
        let beside = (whole / column) as usize;
        let names = picture.series.iter().map(lines).collect();
        Self { left, column, beside: beside.max(1), names }
    }

    fn row_height(&self, at: usize) -> f64 {
        ROW.max(self.names[at].len() as f64 * LINE + 8.0)
    }

    /// The height of all rows with the names of the columns above.
    fn block(&self) -> f64 {
        LINE + (0..self.names.len()).map(|at| self.row_height(at)).sum::<f64>() + GAP
    }
}

/// Where the plot stands if it begins at `top`.
pub(super) fn frame(picture: &Picture, top: f64) -> Frame {
    let grid = HeatGrid::new(picture);
    let blocks = categories(picture).len().div_ceil(grid.beside);
    let top = top - LINE;
    // The place of the labels that other axes have below is not needed.
    let bottom = top + blocks as f64 * grid.block() - 2.0 * LINE;
    Frame { left: grid.left, right: WIDTH - MARGIN, top, bottom }
}

/// Draws the rows, as often as the columns need.
pub(super) fn draw(shapes: &mut Shapes, picture: &Picture, frame: Frame) {
    let grid = HeatGrid::new(picture);
    let columns: Vec<usize> = (0..categories(picture).len()).collect();
    for (at, shown) in columns.chunks(grid.beside).enumerate() {
        draw_block(shapes, picture, &grid, (frame.top + at as f64 * grid.block(), shown));
    }
}

fn draw_block(
    shapes: &mut Shapes,
    picture: &Picture,
    grid: &HeatGrid,
    (top, shown): (f64, &[usize]),
) {
    let x = |place: usize| grid.left + place as f64 * grid.column;
    let room = letters(grid.column, LETTER);
    let label = axis(picture.x.as_ref()).label;
    shapes.text((grid.left - GAP, top + LINE - 6.0), "soft", Anchor::End, &label);
    for (place, column) in shown.iter().enumerate() {
        let middle = (x(place) + grid.column / 2.0, top + LINE - 6.0);
        shapes.text(middle, "name", Anchor::Middle, &cut(&categories(picture)[*column], room));
    }
    let mut y = top + LINE;
    for (at, series) in picture.series.iter().enumerate() {
        let height = grid.row_height(at);
        let middle = y + height / 2.0;
        let first = middle + 4.0 - (grid.names[at].len() as f64 - 1.0) * LINE / 2.0;
        for (line, name) in grid.names[at].iter().enumerate() {
            let place = (grid.left - GAP, first + line as f64 * LINE);
            shapes.text(place, "name", Anchor::End, name);
        }
        for (column, cell) in row(picture, series) {
            let Some(place) = shown.iter().position(|it| *it == column) else { continue };
            let class = format!("h{}", cell.level);
            shapes.bar((x(place), y), (x(place) + grid.column, y + height), &class);
            let centre = x(place) + grid.column / 2.0;
            shapes.text((centre, middle - 4.0), "name", Anchor::Middle, &cut(&cell.number, room));
            shapes.text((centre, middle + 14.0), "name", Anchor::Middle, &cut(&cell.below, room));
        }
        y += height;
    }
}
