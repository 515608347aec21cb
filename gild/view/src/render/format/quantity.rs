//! Number formats: percentages, scaled rates, times, ages. All rounding happens here.

use engine::stats::format::TINY_BELOW;
use strategies::model::ratio::{DIGITS, grouped, scientific};

/// A median with its quartiles, or an estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The figure itself.
    pub middle: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

const PREFIXES: [(f64, &str); 4] = [(1e9, " G"), (1e6, " M"), (1e3, " k"), (1.0, "")];
/// Units of time in nanoseconds, longest first.
const UNITS: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns")];

impl Spread {
    /// As a percentage with one decimal: `100.0 % [96.3-100.0]`; with more where they keep it from 0 and
    /// 100.
    pub fn percent(self) -> String {
        let [middle, low, high] = self.percents(1);
        format!("{middle} % [{low}-{high}]")
    }

    /// As a percentage for narrow columns: a decimal below ten only.
    pub fn short_percent(self) -> String {
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| 100.0 * part);
        let digits = usize::from(high.abs() < 10.0);
        format!("{middle:.digits$} % [{low:.digits$}-{high:.digits$}]")
    }

    /// The number of a percentage, under a heading that says so: `71 [62-79]`, `99.6 [98.1-99.9]`.
    pub fn bare_percent(self) -> String {
        let is_small = self.high.abs() < 0.1 && self.high > 0.0;
        let [middle, low, high] = self.percents(usize::from(is_small));
        format!("{middle} [{low}-{high}]")
    }

    /// Middle and ends in percent, with as many decimals as keep the middle from 0 and 100 unless it is
    /// that; the ends are rounded outwards.
    fn percents(self, least_decimals: usize) -> [String; 3] {
        const DECIMALS_MOST: usize = 3;
        /// A part of a last decimal that is an error of arithmetic.
        const ERROR: f64 = 1e-6;
        let all = [self.middle, self.low, self.high].map(|part| 100.0 * part);
        let [middle, low, high] = all;
        let is_kept = |digits: &usize| {
            let shown: f64 = format!("{middle:.digits$}").parse().unwrap_or(middle);
            let is_end = |percent: f64| percent <= 0.0 || percent >= 100.0;
            is_end(shown) == is_end(middle)
        };
        let Some(digits) = (least_decimals..=DECIMALS_MOST).find(is_kept) else {
            return all.map(|percent| format!("{percent:.0e}"));
        };
        let unit = [1.0, 10.0, 100.0, 1000.0][digits];
        let low = (low * unit + ERROR).floor() / unit;
        let high = (high * unit - ERROR).ceil() / unit;
        [middle, low, high].map(|percent| format!("{percent:.digits$}"))
    }

    /// As a percentage from a thousandth on, else as a share: `2.0 % [1.8-2.2]`, `6.2e-7 [0-1.4e-6]`.
    pub fn tiny_percent(self) -> String {
        if self.middle >= TINY_BELOW {
            return self.percent();
        }
        let [middle, low, high] = [self.middle, self.low, self.high].map(tiny_share);
        format!("{middle} [{low}-{high}]")
    }

    /// Scaled by thousands, all three by the middle's scale: `9.4 M [9.1-9.6]`.
    pub fn scaled(self) -> String {
        let (scale, prefix) = scale_of(self.middle, &PREFIXES);
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| part / scale);
        let digits = usize::from(middle < 10.0);
        format!("{middle:.digits$}{prefix} [{low:.digits$}-{high:.digits$}]")
    }

    /// The scaled middle of a single value: `9.4 M (n = 1)`.
    pub fn alone(self) -> String {
        let scaled = self.scaled();
        let middle = scaled.split(" [").next().unwrap_or_default();
        format!("{middle} (n = 1)")
    }

    /// A plain number: `540 [530-555]`.
    pub fn number(self) -> String {
        let Self { middle, low, high } = self;
        format!("{middle:.0} [{low:.0}-{high:.0}]")
    }

    /// A ratio with three decimals: `1.042 [1.035-1.049]`.
    pub fn ratio(self) -> String {
        let Self { middle, low, high } = self;
        format!("{middle:.3} [{low:.3}-{high:.3}]")
    }

    /// Nanoseconds with three digits, all three in the middle's unit: `12.3 ns [12.1-12.6]`.
    pub fn time(self) -> String {
        let (scale, unit) = scale_of(self.middle, &UNITS);
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| part / scale);
        let digits = decimals(middle);
        format!("{middle:.digits$} {unit} [{low:.digits$}-{high:.digits$}]")
    }
}

/// Nanoseconds with three digits: `1.06 ms`.
pub fn nanoseconds(nanos: u64) -> String {
    let (scale, unit) = scale_of(nanos as f64, &UNITS);
    let scaled = nanos as f64 / scale;
    // Whole nanoseconds have no decimals to round to.
    let digits = if unit == "ns" { 0 } else { decimals(scaled) };
    format!("{scaled:.digits$} {unit}")
}

/// Decimals that leave three digits.
fn decimals(value: f64) -> usize {
    match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    }
}

/// A count, in full up to five digits, else scaled: `1234`, `1.2 M`.
pub fn count(number: u64) -> String {
    const SHOWN_IN_FULL_MAX: u64 = 99_999;
    if number <= SHOWN_IN_FULL_MAX {
        return number.to_string();
    }
    let (scale, prefix) = scale_of(number as f64, &PREFIXES);
    let scaled = number as f64 / scale;
    let digits = usize::from(scaled < 10.0);
    format!("{scaled:.digits$}{prefix}")
}

/// The greatest scale that keeps the value at 1 or more, otherwise the least scale.
fn scale_of(value: f64, scales: &[(f64, &'static str); 4]) -> (f64, &'static str) {
    let fits = |(scale, _): &&(f64, &str)| value.abs() >= *scale;
    *scales.iter().find(fits).unwrap_or(&scales[3])
}

/// An age in one unit: `3 min`. Both times are in nanoseconds.
pub fn age(now_ns: u64, then_ns: u64) -> String {
    let seconds = now_ns.saturating_sub(then_ns) / 1_000_000_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A measured cost of a step: `15.2 ns`.
pub fn measured_nanoseconds(nanos: f64) -> String {
    format!("{nanos:.1} ns")
}

/// A number with its noun, in the plural unless it is 1.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A decimal number of any length with 17 digits and a power of ten, `1.3784652882000000e54`; up to 17
/// digits in full.
pub fn rounded(digits: &str) -> String {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && digits.len() > DIGITS { scientific(digits) } else { grouped(digits) }
}

/// A probability with four digits: `0.2500`, `5.804e-11`. One that is too small for a double is
/// computed from its logarithm; only an impossible value is `0` and only a certain one `1`.
pub fn probability(value: f64, log10: Option<f64>) -> String {
    const ROUNDS_TO_ONE: f64 = 0.999_95;
    match (value, log10) {
        (1.0, _) => "1".to_owned(),
        (ROUNDS_TO_ONE.., _) => ">0.9999".to_owned(),
        (0.1.., _) => format!("{value:.4}"),
        (0.01.., _) => format!("{value:.5}"),
        (0.001.., _) => format!("{value:.6}"),
        (f64::MIN_POSITIVE.., _) => format!("{value:.3e}"),
        (_, Some(log10)) if log10.is_finite() => {
            let mantissa = format!("{:.3}", 10_f64.powf(log10 - log10.floor()));
            // 9.9996 rounds to 10.000, so the exponent grows by one.
            match mantissa.as_str() {
                "10.000" => format!("1.000e{:.0}", log10.floor() + 1.0),
                mantissa => format!("{mantissa}e{:.0}", log10.floor()),
            }
        }
        _ => "0".to_owned(),
    }
}

fn tiny_share(share: f64) -> String {
    if share > 0.0 { format!("{share:.1e}") } else { "0".to_owned() }
}

/// A p-value: `0.0312`, at least `<0.0001`.
pub fn p_value(p: f64) -> String {
    const LEAST: f64 = 0.0001;
    if p < LEAST { format!("<{LEAST}") } else { format!("{p:.4}") }
}

/// Bytes with three digits: `4.19 MB`.
pub fn bytes(bytes: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")];
    let (scale, unit) = scale_of(bytes, &UNITS);
    let scaled = bytes / scale;
    let digits = if unit == "B" { 0 } else { decimals(scaled) };
    format!("{scaled:.digits$} {unit}")
}

/// An estimated time: `2 min`, `0.4 s`, `under 0.1 s`.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        ..0.1 => "under 0.1 s".to_owned(),
        ..10.0 => format!("{seconds:.1} s"),
        ..120.0 => format!("{seconds:.0} s"),
        ..7200.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.0} h", seconds / 3600.0),
    }
}

/// An estimated count, in full up to fifteen digits.
pub fn about(number: f64) -> String {
    const SHOWN_IN_FULL_MAX: f64 = 1e15;
    if number.abs() < SHOWN_IN_FULL_MAX {
        return grouped(&format!("{number:.0}"));
    }
    format!("{number:.1e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(middle: f64, low: f64, high: f64) -> Spread {
        Spread { middle, low, high }
    }

    #[test]
    fn figures_include_their_spread() {
        assert_eq!(spread(1.0, 0.963, 1.0).percent(), "100.0 % [96.3-100.0]");
        assert_eq!(spread(0.004, 0.0, 0.01).short_percent(), "0.4 % [0.0-1.0]");
        assert_eq!(spread(0.331, 0.302, 0.35).short_percent(), "33 % [30-35]");
        assert_eq!(spread(1.0, 0.839, 1.0).bare_percent(), "100 [83-100]");
        assert_eq!(spread(0.84, 0.84, 0.84).bare_percent(), "84 [84-84]");
        assert_eq!(spread(0.996, 0.981, 0.999).bare_percent(), "99.6 [98.1-99.9]");
        assert_eq!(spread(0.004, 0.0, 0.01).bare_percent(), "0.4 [0.0-1.0]");
        assert_eq!(spread(1e-6, 0.0, 2e-6).bare_percent(), "1e-4 [0e0-2e-4]");
        assert_eq!(spread(9.4e6, 9.1e6, 9.64e6).scaled(), "9.4 M [9.1-9.6]");
        assert_eq!(spread(412_300.0, 398_000.0, 1_020_000.0).scaled(), "412 k [398-1020]");
        assert_eq!(spread(0.0, 0.0, 0.0).scaled(), "0.0 [0.0-0.0]");
        assert_eq!(spread(2.1e9, 2.0e9, 2.2e9).scaled(), "2.1 G [2.0-2.2]");
        assert_eq!(spread(1.0421, 1.0346, 1.0494).ratio(), "1.042 [1.035-1.049]");
        assert_eq!([0.0, 0.031_23, 1.0].map(p_value), ["<0.0001", "0.0312", "1.0000"]);
        assert_eq!(spread(540.4, 530.0, 1554.6).number(), "540 [530-1555]");
        assert_eq!(spread(12.34, 12.1, 12.58).time(), "12.3 ns [12.1-12.6]");
        assert_eq!(spread(6_612.0, 980.0, 7000.0).time(), "6.61 us [0.98-7.00]");
    }

    #[test]
    fn tiny_shares_are_not_zero() {
        assert_eq!(spread(0.02, 0.018, 0.022).tiny_percent(), "2.0 % [1.8-2.2]");
        assert_eq!(spread(6.2e-7, 0.0, 1.41e-6).tiny_percent(), "6.2e-7 [0-1.4e-6]");
    }

    #[test]
    fn times_have_three_digits() {
        let times = [0, 812, 1_061_234, 50_200_000, 999_600, 12_300_000_000].map(nanoseconds);
        assert_eq!(times, ["0 ns", "812 ns", "1.06 ms", "50.2 ms", "1000 us", "12.3 s"]);
    }

    #[test]
    fn counts_are_scaled_and_ages_have_one_unit() {
        let counts = [0, 99_999, 100_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "99999", "100 k", "1.2 M"]);
        let ages = [0, 59, 60, 7200, 200_000].map(|s: u64| age(s * 1_000_000_000, 0));
        assert_eq!(ages, ["0 s", "59 s", "1 min", "2 h", "2 d"]);
        assert_eq!(age(0, 5_000_000_000), "0 s");
        assert_eq!([counted(1, "task"), counted(2, "task")], ["1 task", "2 tasks"]);
    }

    #[test]
    fn long_numbers_are_rounded() {
        let wide = ["123456789", "12345678901234567", "123456789012345675", "999999999999999995"];
        let rounded = wide.map(rounded);
        assert_eq!(rounded[..2], ["123,456,789", "12,345,678,901,234,567"]);
        assert_eq!(rounded[2..], ["1.2345678901234568e17", "1.0000000000000000e18"]);
        assert_eq!([about(1331.0), about(2.5e18)], ["1,331", "2.5e18"]);
    }

    #[test]
    fn possible_value_is_never_shown_as_0() {
        #[track_caller]
        fn shows(value: f64, log10: Option<f64>, wanted: &str) {
            assert_eq!(probability(value, log10), wanted);
        }
        shows(1.0, Some(0.0), "1");
        shows(0.999_99, Some(-4e-6), ">0.9999");
        shows(0.25, Some(-0.602), "0.2500");
        shows(0.060_726, Some(-1.217), "0.06073");
        shows(0.002_913_7, Some(-2.536), "0.002914");
        shows(5.804e-11, Some(-10.236), "5.804e-11");
        shows(0.0, Some(-1234.5), "3.162e-1235");
        shows(0.0, Some(-1e-6 - 1234.0), "1.000e-1234");
        shows(0.0, None, "0");
    }

    #[test]
    fn estimates_have_units() {
        let sizes = [640.0, 4_190_000.0, 2.1e9].map(bytes);
        assert_eq!(sizes, ["640 B", "4.19 MB", "2.10 GB"]);
        let times = [0.0, 0.42, 90.0, 600.0, 9000.0].map(seconds);
        assert_eq!(times, ["under 0.1 s", "0.4 s", "90 s", "10 min", "2 h"]);
    }
}
