//! Limits of a picture: most series, most points of each, and the note on what is left out.

use crate::picture::data::{Picture, Point, ScaleKind, Series, SeriesStyle};
use crate::stats::descriptive::quantile;

/// Most series: each has a letter and a line of the legend.
pub const SERIES_MAX: usize = 24;
/// Most points of all series together.
pub const POINTS_TOTAL_MAX: usize = 4800;
/// Most points of a series: no screen shows more next to each other.
pub const POINTS_MAX: usize = 400;
/// Most letters of a name; of a longer one, such as a path, the end is left out.
pub const NAME_LETTERS_MAX: usize = 120;
/// Most notes.
pub const NOTES_MAX: usize = 32;
/// Most bytes of a note.
pub const NOTE_BYTES_MAX: usize = 2 << 10;
/// Most bytes of a label of a point.
pub const LABEL_BYTES_MAX: usize = 48;
/// Most names of an axis: a row each.
pub const CATEGORIES_MAX: usize = 100;

/// The picture within its limits, with a note for each thing that was left out.
pub(crate) fn thinned(mut picture: Picture) -> Picture {
    if picture.series.len() > SERIES_MAX {
        let more = picture.series.len() - SERIES_MAX;
        picture.series.truncate(SERIES_MAX);
        picture.notes.push(format!(
            "{more} more series are not drawn: a picture has at most {SERIES_MAX}; name fewer cells."
        ));
    }
    if picture.x.scale == ScaleKind::Category {
        cut_categories(&mut picture);
    }
    let most = POINTS_MAX.min(POINTS_TOTAL_MAX / picture.series.len().max(1));
    for series in &mut picture.series {
        shorten(&mut series.name);
        let whole = series.points.len();
        if whole <= most {
            continue;
        }
        let each = whole.div_ceil(most);
        series.points = series.points.chunks(each).map(|bin| binned(bin, series.style)).collect();
        let drawn = series.points.len();
        let (name, said) = (
            &series.name,
            match series.style {
                SeriesStyle::Bars => "their sum",
                SeriesStyle::Line
                | SeriesStyle::Points
                | SeriesStyle::Steps
                | SeriesStyle::Cells => {
                    "their median, with their least and greatest as its interval"
                }
            },
        );
        picture.notes.push(format!(
            "{name}: {drawn} points stand for {whole}, each for up to {each} neighbours by {said}."
        ));
    }
    picture.x.categories.iter_mut().for_each(shorten);
    shorten(&mut picture.title);
    picture.bands.truncate(SERIES_MAX);
    for band in &mut picture.bands {
        shorten(&mut band.name);
        let each = band.points.len().div_ceil(POINTS_MAX).max(1);
        band.points = band.points.iter().step_by(each).copied().collect();
    }
    // Later notes are about the whole sweep, and few.
    picture.notes.truncate(NOTES_MAX - 4);
    picture
}

/// Cuts a name after [`NAME_LETTERS_MAX`] letters.
fn shorten(name: &mut String) {
    const CUT: &str = "...";
    if name.chars().count() > NAME_LETTERS_MAX {
        *name = name.chars().take(NAME_LETTERS_MAX - CUT.len()).chain(CUT.chars()).collect();
    }
}

fn cut_categories(picture: &mut Picture) {
    let whole = picture.x.categories.len();
    if whole <= CATEGORIES_MAX {
        return;
    }
    picture.x.categories.truncate(CATEGORIES_MAX);
    for series in &mut picture.series {
        series.points.retain(|point| point.x < CATEGORIES_MAX as f64);
    }
    picture.notes.push(format!(
        "{} more rows are not drawn: a picture has at most {CATEGORIES_MAX}; name fewer cells.",
        whole - CATEGORIES_MAX
    ));
}

/// Neighbours as one point. Bars are shares of a whole, and shares add up.
fn binned(bin: &[Point], style: SeriesStyle) -> Point {
    let mut values: Vec<f64> = bin.iter().map(|point| point.y).collect();
    values.sort_unstable_by(f64::total_cmp);
    let (first, last) = (values[0], values[values.len() - 1]);
    let counts: Option<Vec<u64>> = bin.iter().map(|point| point.count).collect();
    let (y, interval, count) = match style {
        SeriesStyle::Bars => (values.iter().sum(), None, bin[0].count),
        SeriesStyle::Line | SeriesStyle::Points | SeriesStyle::Steps | SeriesStyle::Cells => {
            (quantile(&values, 0.5), Some((first, last)), counts.map(|all| all.iter().sum()))
        }
    };
    Point {
        x: f64::midpoint(bin[0].x, bin[bin.len() - 1].x),
        y,
        interval,
        count,
        is_noisy: bin.iter().any(|point| point.is_noisy),
        label: String::new(),
    }
}

/// A series of bars or points by position, one for each name.
pub(crate) fn in_rows(name: &str, style: SeriesStyle, points: Vec<Point>) -> Series {
    let place = |(at, point): (usize, Point)| Point { x: at as f64, ..point };
    let points = points.into_iter().enumerate().map(place).collect();
    Series { name: name.to_owned(), style, points }
}
