//! Numbers of a picture as text: labels of ticks, and values with their intervals.

use proto::v1::PicturePoint;

use crate::render::format::quantity::Spread;

/// Scales of plain numbers and rates.
const PREFIXES: [(f64, &str); 4] = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];
/// Scales of nanoseconds.
const TIMES: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns")];
/// Plain numbers are written out below this.
const PLAIN_BELOW: f64 = 1e4;
/// With more decimals a number is written with a power of ten.
const DECIMALS_MAX: f64 = 4.0;

/// The label of a tick in a unit of an axis; ticks that are so far apart have different labels.
pub fn tick(unit: &str, value: f64, apart: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    match unit {
        "ns" => scaled(value, apart, &TIMES, " "),
        "1/s" => scaled(value, apart, &PREFIXES, " "),
        _ if value.abs() >= PLAIN_BELOW => scaled(value, apart, &PREFIXES, " "),
        _ => decimal(value, apart),
    }
}

fn scaled(value: f64, apart: f64, scales: &[(f64, &str)], space: &str) -> String {
    let fits = scales.iter().find(|(size, _)| value.abs() >= *size);
    let (size, name) = fits.copied().unwrap_or((1.0, scales[scales.len() - 1].1));
    let number = decimal(value / size, apart / size);
    if name.is_empty() { number } else { format!("{number}{space}{name}") }
}

/// A number with as many decimals as numbers so far apart need.
fn decimal(value: f64, apart: f64) -> String {
    // Also what is off by rounding: 0.999... apart is 1 apart.
    let power = |value: f64| (value.abs().log10() + 1e-9).floor();
    let digits = -power(apart);
    if digits > DECIMALS_MAX || value.abs() >= PLAIN_BELOW * PLAIN_BELOW {
        let digits = whole(power(value) - power(apart));
        return format!("{value:.digits$e}");
    }
    let digits = whole(digits);
    format!("{value:.digits$}")
}

/// A number of decimals.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
fn whole(digits: f64) -> usize {
    digits.clamp(0.0, 9.0) as usize
}

/// The place of a mark: a whole number in full.
pub fn at_mark(unit: &str, value: f64) -> String {
    match unit {
        "" | "%" if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
        unit => tick(unit, value, value / 100.0),
    }
}

/// The value of a point with its interval, or with its count where it has none: `9.4 M [9.1-9.6]`.
pub fn value(unit: &str, point: &PicturePoint) -> String {
    let PicturePoint { y, low, high, count, .. } = *point;
    let (Some(low), Some(high)) = (low, high) else {
        let number = match unit {
            "1/s" | "ns" => tick(unit, y, y / 100.0),
            "%" => format!("{y:.1} %"),
            _ => decimal(y, y.abs().clamp(1e-6, 1.0) / 100.0),
        };
        return match count {
            Some(count) => format!("{number} (of {count})"),
            None => number,
        };
    };
    let spread = Spread { middle: y, low, high };
    match unit {
        "1/s" => spread.scaled(),
        "ns" => spread.time(),
        "%" => Spread { middle: y / 100.0, low: low / 100.0, high: high / 100.0 }.percent(),
        _ => spread.ratio(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_the_decimals_that_tell_them_apart() {
        assert_eq!(tick("1/s", 2_500_000.0, 500_000.0), "2.5 M");
        assert_eq!(tick("1/s", 40_000_000.0, 1e7), "40 M");
        assert_eq!(tick("ns", 1_500.0, 500.0), "1.5 us");
        assert_eq!(tick("%", 40.0, 20.0), "40");
        assert_eq!(tick("", 0.25, 0.25), "0.2");
        assert_eq!(tick("", 0.25, 0.05), "0.25");
        assert_eq!(tick("", 1e-9, 1e-9), "1e-9");
        assert_eq!(tick("", 0.0, 5.0), "0");
    }

    #[test]
    fn values_have_their_interval_or_their_count() {
        let point =
            PicturePoint { y: 9.4e6, low: Some(9.1e6), high: Some(9.6e6), ..Default::default() };
        assert_eq!(value("1/s", &point), "9.4 M [9.1-9.6]");
        let point =
            PicturePoint { y: 97.0, low: Some(91.5), high: Some(99.0), ..Default::default() };
        assert_eq!(value("%", &point), "97.0 % [91.5-99.0]");
        let point = PicturePoint { y: 0.98, count: Some(20), ..Default::default() };
        assert_eq!(value("", &point), "0.980 (of 20)");
    }
}
