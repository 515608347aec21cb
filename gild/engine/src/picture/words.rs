//! Numbers of a picture in words, and its description from its data.

use std::fmt::Write as _;

use crate::picture::data::{Axis, Picture, Point, ScaleKind, Series};
use crate::stats::format::{scaled, tiny};

/// Most points of a series that a description lists one by one.
const LISTED_MAX: usize = 12;
/// From so many bytes on a description ends with the number of series that it leaves out.
const LONG_BYTES: usize = 8 << 10;
/// Most bytes of a description: one more series with long names may follow.
pub const DESCRIPTION_BYTES_MAX: usize = 32 << 10;
/// Nanoseconds of each unit of time.
const TIMES: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "us"), (0.0, "ns")];

/// A number in a unit of an axis, with three digits: `9.43 M/s`, `97.0 %`, `1.2 ms`.
pub(crate) fn value(unit: &str, number: f64) -> String {
    match unit {
        "1/s" => format!("{}/s", scaled(number)),
        "%" => {
            let share = tiny(number / 100.0);
            if share.ends_with('%') { share } else { format!("{} %", plain(number)) }
        }
        "ns" => {
            let (size, name) = TIMES.iter().find(|time| number >= time.0).unwrap_or(&TIMES[3]);
            format!("{} {name}", plain(number / size.max(1.0)))
        }
        "" => plain(number),
        unit => format!("{} {unit}", plain(number)),
    }
}

/// A number with up to three digits after its first, without zeros at its end.
fn plain(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return format!("{number}");
    }
    if !(1e-3..1e9).contains(&number.abs()) {
        return format!("{number:.2e}");
    }
    let decimals = match number.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 5,
    };
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A number with its interval: `9.43 M/s [9.1 M/s to 9.8 M/s]`.
pub(crate) fn with_interval(unit: &str, number: f64, interval: Option<(f64, f64)>) -> String {
    let number = value(unit, number);
    match interval {
        Some((low, high)) => {
            format!("{number} [{} to {}]", value(unit, low), value(unit, high))
        }
        None => number,
    }
}

fn position(axis: &Axis, at: f64) -> String {
    if axis.scale != ScaleKind::Category {
        return value(axis.unit, at);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
    let name = axis.categories.get(at as usize);
    name.cloned().unwrap_or_default()
}

/// What can be seen, in sentences.
pub(crate) fn description(picture: &Picture) -> String {
    let Picture { title, x, y, series, .. } = picture;
    let mut said = format!("{title}, {} by {}.", y.label, x.label);
    for (at, one) in series.iter().enumerate() {
        if said.len() > LONG_BYTES {
            let _ = write!(said, " {} more series.", series.len() - at);
            break;
        }
        said.push(' ');
        said.push_str(&of_series(x, y, one));
    }
    said
}

fn of_series(x: &Axis, y: &Axis, Series { name, points, .. }: &Series) -> String {
    let at = |point: &Point| {
        let number = with_interval(y.unit, point.y, point.interval);
        let noisy = if point.is_noisy { ", noisy" } else { "" };
        format!("{number} at {}{noisy}", position(x, point.x))
    };
    match points.as_slice() {
        [] => format!("{name}: no points."),
        few if few.len() <= LISTED_MAX => {
            format!("{name}: {}.", few.iter().map(at).collect::<Vec<_>>().join("; "))
        }
        [first, .., last] => {
            let by_y = |a: &&Point, b: &&Point| a.y.total_cmp(&b.y);
            let lowest = points.iter().min_by(by_y).unwrap_or(first);
            let highest = points.iter().max_by(by_y).unwrap_or(first);
            format!(
                "{name}: {} points from {} to {}; the least {}, the greatest {}.",
                points.len(),
                at(first),
                at(last),
                at(lowest),
                at(highest)
            )
        }
        [only] => format!("{name}: {}.", at(only)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_unit_of_their_axis() {
        assert_eq!(value("1/s", 9_432_100.0), "9.43 M/s");
        assert_eq!(value("%", 97.0), "97.0 %");
        assert_eq!(value("%", 0.000_062), "6.20e-5 %");
        assert_eq!(value("ns", 1_250_000.0), "1.25 ms");
        assert_eq!(value("ns", 0.5), "0.5 ns");
        assert_eq!(value("", 16.0), "16");
        assert_eq!(value("", 0.25), "0.25");
        assert_eq!(with_interval("ns", 800.0, Some((700.0, 900.0))), "800 ns [700 ns to 900 ns]");
    }
}
