//! A picture of a report: its drawing, the table of its numbers, and what is left out of both.

use proto::v1::{Picture, PicturePoint, PictureSeries, PictureStyle};

use crate::render::format::color::Emphasis;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::quantity::bytes;
use crate::render::picture::document::kind;
use crate::render::picture::layout::{axis, category};
use crate::render::picture::numbers::{at_mark, value};
use crate::render::picture::svg;
use crate::render::sweep::command_line::shell_line;

/// Most rows of the table of numbers.
const ROWS_MAX: usize = 128;
/// Most bytes of a drawing.
const DRAWING_MAX: usize = 200 << 10;

/// Most bytes of a drawing's description, about; the table of numbers is beside it.
const DESCRIPTION_MAX: usize = 1_200;

/// A picture with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Illustration {
    /// What is drawn.
    pub picture: Picture,
    /// The name of its kind, as `--picture` takes it.
    pub kind: &'static str,
    /// The measured points; computed curves have none.
    pub numbers: Grid,
    /// What is left out, in sentences.
    pub remarks: Vec<String>,
    /// The drawing as an element of a page; absent if it is too large.
    pub element: Option<String>,
}

impl Illustration {
    /// The picture of the sweeps with these short ids.
    pub fn new(picture: Picture, ids: &[&str]) -> Self {
        let kind = kind(picture.kind());
        let words = [&["gilctl", "plot"], ids, &["--picture", kind]].concat();
        let command = shell_line(words.into_iter().map(str::to_owned));
        let (numbers, count) = numbers(&picture);
        let mut remarks = Vec::new();
        if count > ROWS_MAX {
            let all = format!("`{command} --output csv`");
            remarks.push(format!("The first {ROWS_MAX} of {count} points; {all} has all."));
        }
        let element = svg::element(&described(&picture));
        let is_large = element.len() > DRAWING_MAX;
        if is_large {
            let size = bytes(element.len() as f64);
            let into = format!("`{command} --svg {kind}.svg`");
            remarks.push(format!("The drawing is left out: it has {size}; {into} writes it."));
        }
        Self { picture, kind, numbers, remarks, element: (!is_large).then_some(element) }
    }
}

/// The picture with the first sentences of its description.
fn described(picture: &Picture) -> Picture {
    let mut picture = picture.clone();
    let text = &picture.description;
    let rest = text.get(text.floor_char_boundary(DESCRIPTION_MAX)..).unwrap_or_default();
    if let Some((_, left_out)) = rest.split_once(". ") {
        let end = text.len() - left_out.len() - 1;
        picture.description = format!("{} The table below has the numbers.", &text[..end]);
    }
    picture
}

/// The first of the measured points, and how many there are.
fn numbers(picture: &Picture) -> (Grid, usize) {
    let (x, y) = (axis(picture.x.as_ref()), axis(picture.y.as_ref()));
    let columns = [("series", Align::Left), (&x.label, Align::Right), (&y.label, Align::Right)];
    let has_remarks =
        |series: &PictureSeries| series.points.iter().any(|it| !remark(it).is_empty());
    let has_remarks = picture.series.iter().any(has_remarks);
    let last = has_remarks.then_some(("remark", Align::Left));
    let mut grid = Grid::new(columns.into_iter().chain(last));
    let is_computed = |series: &PictureSeries| {
        series.style() == PictureStyle::Line && series.points.iter().all(|it| it.count.is_none())
    };
    let measured = picture.series.iter().filter(|series| !is_computed(series));
    let points = measured.flat_map(|series| series.points.iter().map(move |it| (series, it)));
    let mut count = 0;
    for (series, point) in points {
        count += 1;
        if count <= ROWS_MAX {
            let place = category(&x.categories, point)
                .map_or_else(|| at_mark(&x.unit, point.x), str::to_owned);
            let number = value(&y.unit, point);
            let texts = [series.name.clone(), place, number];
            let last = has_remarks.then(|| remark(point));
            grid.push(texts.into_iter().chain(last), Emphasis::None);
        }
    }
    (grid, count)
}

fn remark(point: &PicturePoint) -> String {
    let noisy = point.is_noisy.then_some("noisy");
    let said = Some(point.label.as_str()).filter(|label| !label.is_empty());
    [said, noisy].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
