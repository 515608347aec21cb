//! The layout of a picture that all pens share: the scales of both axes, and which letter a series has.

use proto::v1::{
    Picture, PictureAxis, PictureKind, PictureMark, PicturePoint, PictureScale, PictureSeries,
    PictureStyle,
};

use crate::render::picture::numbers::at_mark;
use crate::render::picture::scale::Scale;

/// Room above the greatest number of an axis, as a share of it.
const HEADROOM: f64 = 0.04;
/// Room at each end of an axis that does not begin at 0, as a share of its span.
const SIDE: f64 = 0.03;
/// The same of a logarithmic axis, as a factor.
const LOG_SIDE: f64 = 1.15;

/// Numbers from here on are not drawn: their sums would not be finite.
const BEYOND: f64 = 1e290;

/// Most ticks of each axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickCounts {
    /// Of the x axis.
    pub x: usize,
    /// Of the y axis.
    pub y: usize,
}

/// A picture whose x axis has numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureLayout<'a> {
    /// What is drawn.
    pub picture: &'a Picture,
    /// From left to right.
    pub x: Scale,
    /// From bottom to top.
    pub y: Scale,
}

/// Whether the picture has a row for each name, instead of numbers from left to right.
pub fn is_in_rows(picture: &Picture) -> bool {
    picture.x.as_ref().is_some_and(|x| x.scale() == PictureScale::Category)
}

/// An axis of a picture, which a faulty daemon may leave out.
pub fn axis(axis: Option<&PictureAxis>) -> PictureAxis {
    axis.cloned().unwrap_or_default()
}

/// The label of an axis with the unit that its ticks lack.
pub fn axis_label(of: Option<&PictureAxis>) -> String {
    let PictureAxis { label, unit, .. } = axis(of);
    if unit == "%" { format!("{label} in %") } else { label }
}

/// The names on the x axis; none where it has numbers.
pub fn categories(picture: &Picture) -> &[String] {
    picture.x.as_ref().map(|x| x.categories.as_slice()).unwrap_or_default()
}

/// The name at which a point stands.
pub fn category<'a>(categories: &'a [String], point: &PicturePoint) -> Option<&'a str> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
    categories.get(point.x as usize).map(String::as_str)
}

/// A mark's label with its place: `nothing lost (100)`.
pub fn mark_text(mark: &PictureMark, picture: &Picture) -> String {
    let at = |value: Option<f64>, of| Some(at_mark(&axis(of).unit, value?));
    let places = [at(mark.x, picture.x.as_ref()), at(mark.y, picture.y.as_ref())];
    let places: Vec<String> = places.into_iter().flatten().collect();
    format!("{} ({})", mark.label, places.join(", "))
}

/// What a logarithmic axis leaves out, in a sentence.
pub fn dropped_zeros(picture: &Picture) -> Option<String> {
    let axes = [&picture.x, &picture.y].into_iter().flatten();
    let points = match axes.map(|axis| u64::from(axis.dropped_zeros)).sum::<u64>() {
        0 => return None,
        1 => "1 point is".to_owned(),
        several => format!("{several} points are"),
    };
    Some(format!("{points} 0, which a logarithmic axis cannot show."))
}

/// The letter of a series by its place: a to z, and `+` for any more.
pub fn letter(place: usize) -> char {
    u8::try_from(place)
        .ok()
        .filter(|place| *place < 26)
        .map_or('+', |place| char::from(b'a' + place))
}

/// Which series share a colour: one whose name continues another's, such as its fit, has that one's.
pub fn color_places(series: &[PictureSeries]) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    for (at, one) in series.iter().enumerate() {
        let base = series[..at].iter().position(|before| one.name.starts_with(&before.name));
        let next = places.iter().max().map_or(0, |most| most + 1);
        places.push(base.map_or(next, |base| places[base]));
    }
    places
}

/// Whether a series is wrong: some point says so, or its name does.
pub fn is_wrong(series: &PictureSeries) -> bool {
    let says = |text: &str| text.contains("lost updates");
    says(&series.name) || series.points.iter().any(|point| says(&point.label))
}

impl<'a> PictureLayout<'a> {
    /// Lays out a picture with at most so many ticks.
    pub fn new(picture: &'a Picture, most: TickCounts) -> Self {
        let marks = |of: fn(&PictureMark) -> Option<f64>| picture.marks.iter().filter_map(of);
        let xs = points(picture).map(|point| point.x).chain(marks(|mark| mark.x));
        // Workers and final values are whole, and curves between them are not.
        let whole = points(picture).filter(|it| it.count.is_some()).all(|it| it.x.fract() == 0.0);
        let room = Room { from_0: false, whole };
        let x = scale(picture.x.as_ref(), &xs.collect::<Vec<_>>(), most.x, room);
        Self { picture, x, y: y_scale(picture, most.y) }
    }
}

/// The scale of the y axis, with the ends of intervals and bands.
pub fn y_scale(picture: &Picture, most: usize) -> Scale {
    let of_point = |point: &PicturePoint| [Some(point.y), point.low, point.high];
    let bands = picture.bands.iter().flat_map(|band| &band.points);
    let ys: Vec<f64> = points(picture)
        .flat_map(of_point)
        .flatten()
        .chain(bands.flat_map(|point| [point.low, point.high]))
        .chain(picture.marks.iter().filter_map(|mark| mark.y))
        .collect();
    let style = |series: &PictureSeries| series.style() == PictureStyle::Bars;
    let rates = picture.y.as_ref().is_some_and(|y| y.unit == "1/s" || y.unit == "%");
    let is_index = picture.kind() == PictureKind::Shares;
    let from_0 = rates || is_index || picture.series.iter().any(style);
    scale(picture.y.as_ref(), &ys, most, Room { from_0, whole: false })
}

fn points(picture: &Picture) -> impl Iterator<Item = &PicturePoint> {
    picture.series.iter().flat_map(|series| &series.points)
}

/// How an axis of numbers is laid out.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// From 0 on.
    from_0: bool,
    /// Its numbers are whole.
    whole: bool,
}

fn scale(axis: Option<&PictureAxis>, values: &[f64], most: usize, room: Room) -> Scale {
    let (unit, spacing) =
        axis.map_or(("", PictureScale::Linear), |it| (it.unit.as_str(), it.scale()));
    let is_log = spacing == PictureScale::Log;
    let usable = |value: &&f64| value.abs() < BEYOND && (!is_log || **value > 1.0 / BEYOND);
    let usable: Vec<f64> = values.iter().filter(usable).copied().collect();
    let low = usable.iter().copied().fold(f64::INFINITY, f64::min);
    let high = usable.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match (usable.is_empty(), is_log) {
        (true, _) => Scale::linear(0.0, 1.0, most, unit, false),
        (false, true) => Scale::logarithmic(low / LOG_SIDE, high * LOG_SIDE, most, unit),
        (false, false) if room.from_0 => {
            let high = high * (1.0 + HEADROOM);
            let high = if unit == "%" && high >= 90.0 { 100.0 } else { high };
            Scale::linear(low.min(0.0), high.max(f64::MIN_POSITIVE), most, unit, false)
        }
        (false, false) => {
            let side = (high - low) * SIDE;
            Scale::linear(low - side, high + side, most, unit, room.whole)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fit_of_a_series_has_its_color_and_others_have_their_own() {
        let named = |name: &str| PictureSeries { name: name.into(), ..PictureSeries::default() };
        let series = ["a", "a: fitted law", "b", "b: fitted law"].map(named);
        assert_eq!(color_places(&series), [0, 0, 1, 1]);
    }
}
