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
        let (scale, prefix) = prefix(self.middle);
        let [middle, low, high] = [self.middle, self.low, self.high].map(|part| part / scale);
        let digits = usize::from(middle < 10.0);
        format!("{middle:.digits$}{prefix} [{low:.digits$}-{high:.digits$}]")
    }
}

/// A count, in full up to five digits, else scaled: `1234`, `1.2 M`.
pub fn count(number: u64) -> String {
    const SHOWN_IN_FULL_MAX: u64 = 99_999;
    if number <= SHOWN_IN_FULL_MAX {
        return number.to_string();
    }
    let (scale, prefix) = prefix(number as f64);
    let scaled = number as f64 / scale;
    let digits = usize::from(scaled < 10.0);
    format!("{scaled:.digits$}{prefix}")
}

fn prefix(value: f64) -> (f64, &'static str) {
    let fits = |(scale, _): &&(f64, &str)| value.abs() >= *scale;
    *PREFIXES.iter().find(fits).unwrap_or(&PREFIXES[3])
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
