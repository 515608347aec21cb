//! Numbers for people: percentages, scaled rates, ages. Rounding happens here and nowhere else.

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
    /// As a percentage with one decimal: `100.0 % [96.3-100.0]`.
    pub fn percent(self) -> String {
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| 100.0 * part);
        format!("{middle:.1} % [{low:.1}-{high:.1}]")
    }

    /// As a percentage for narrow columns: a decimal below ten only.
    pub fn short_percent(self) -> String {
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| 100.0 * part);
        let digits = usize::from(high.abs() < 10.0);
        format!("{middle:.digits$} % [{low:.digits$}-{high:.digits$}]")
    }

    /// Scaled by thousands, all three by the middle's scale: `9.4 M [9.1-9.6]`.
    pub fn scaled(self) -> String {
        let (scale, prefix) = scale_of(self.middle, &PREFIXES);
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| part / scale);
        let digits = usize::from(middle < 10.0);
        format!("{middle:.digits$}{prefix} [{low:.digits$}-{high:.digits$}]")
    }

    /// A plain number: `540 [530-555]`.
    pub fn number(self) -> String {
        let Self { middle, low, high } = self;
        format!("{middle:.0} [{low:.0}-{high:.0}]")
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

/// The greatest scale that leaves at least 1, or the least.
fn scale_of(value: f64, scales: &[(f64, &'static str); 4]) -> (f64, &'static str) {
    let fits = |(scale, _): &&(f64, &str)| value.abs() >= *scale;
    *scales.iter().find(fits).unwrap_or(&scales[3])
}

/// How long ago something was, in one unit: `3 min`.
pub fn age(now_ns: u64, then_ns: u64) -> String {
    let seconds = now_ns.saturating_sub(then_ns) / 1_000_000_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A step's cost as it was measured: `15.2 ns`.
pub fn measured_nanoseconds(nanos: f64) -> String {
    format!("{nanos:.1} ns")
}

/// A number with the noun that it counts, in the plural where it needs one.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(middle: f64, low: f64, high: f64) -> Spread {
        Spread { middle, low, high }
    }

    #[test]
    fn figures_carry_their_spread() {
        assert_eq!(spread(1.0, 0.963, 1.0).percent(), "100.0 % [96.3-100.0]");
        assert_eq!(spread(0.004, 0.0, 0.01).short_percent(), "0.4 % [0.0-1.0]");
        assert_eq!(spread(0.331, 0.302, 0.35).short_percent(), "33 % [30-35]");
        assert_eq!(spread(9.4e6, 9.1e6, 9.64e6).scaled(), "9.4 M [9.1-9.6]");
        assert_eq!(spread(412_300.0, 398_000.0, 1_020_000.0).scaled(), "412 k [398-1020]");
        assert_eq!(spread(0.0, 0.0, 0.0).scaled(), "0.0 [0.0-0.0]");
        assert_eq!(spread(2.1e9, 2.0e9, 2.2e9).scaled(), "2.1 G [2.0-2.2]");
        assert_eq!(spread(540.4, 530.0, 1554.6).number(), "540 [530-1555]");
        assert_eq!(spread(12.34, 12.1, 12.58).time(), "12.3 ns [12.1-12.6]");
        assert_eq!(spread(6_612.0, 980.0, 7000.0).time(), "6.61 us [0.98-7.00]");
    }

    #[test]
    fn times_have_three_digits() {
        let times = [0, 812, 1_061_234, 50_200_000, 999_600, 12_300_000_000].map(nanoseconds);
        assert_eq!(times, ["0 ns", "812 ns", "1.06 ms", "50.2 ms", "1000 us", "12.3 s"]);
    }

    #[test]
    fn counts_and_ages() {
        let counts = [0, 99_999, 100_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "99999", "100 k", "1.2 M"]);
        let ages = [0, 59, 60, 7200, 200_000].map(|s: u64| age(s * 1_000_000_000, 0));
        assert_eq!(ages, ["0 s", "59 s", "1 min", "2 h", "2 d"]);
        assert_eq!(age(0, 5_000_000_000), "0 s");
        assert_eq!([counted(1, "task"), counted(2, "task")], ["1 task", "2 tasks"]);
    }
}
