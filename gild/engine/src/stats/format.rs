//! Formatting of numbers for people: rates, percentages, probabilities, lists. Pure.

use strategies::model::ratio;

/// A rate with three significant digits and an SI prefix: `9.43 M`.
pub fn scaled(value: f64) -> String {
    const PREFIXES: [(f64, &str); 3] = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let (size, prefix) =
        PREFIXES.into_iter().find(|&(size, _)| value >= size).unwrap_or((1.0, " "));
    let scaled = value / size;
    let decimals = if scaled >= 100.0 {
        0
    } else if scaled >= 10.0 {
        1
    } else {
        2
    };
    format!("{scaled:.decimals$}{prefix}")
}

/// A share as a percentage with one decimal.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A count with its thousands separated: `4,812,345`.
pub fn grouped(count: u64) -> String {
    ratio::grouped(&count.to_string())
}

/// Below this, a share has too few digits as a percentage with one decimal.
pub const TINY_BELOW: f64 = 0.001;

/// A share that may be tiny: as a percentage from a thousandth on, `6.2e-7` below, and `0`.
pub fn tiny(share: f64) -> String {
    match share {
        TINY_BELOW.. => percent(share),
        share if share > 0.0 => format!("{share:.1e}"),
        _ => "0".to_owned(),
    }
}

/// A p-value: `p = 0.31`, and `p < 0.0001` below that.
pub fn p_value(p: f64) -> String {
    const LEAST: f64 = 0.0001;
    match p {
        p if p < LEAST => format!("p < {LEAST}"),
        p if p < 0.01 => format!("p = {p:.4}"),
        p => format!("p = {p:.2}"),
    }
}

/// Items separated by commas, cut after `most` with a count of the rest.
pub fn list(items: &[String], most: usize) -> String {
    let shown = items.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match items.len().checked_sub(most) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

/// A sentence with its first letter in upper case.
pub fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_rate_has_three_digits() {
        let shown = [9_432_100.0, 123_456_789.0, 12_345.0, 7.5].map(scaled);
        assert_eq!(shown, ["9.43 M", "123 M", "12.3 k", "7.50 "]);
    }

    #[test]
    fn counts_are_grouped_and_tiny_shares_are_not_zero() {
        let counts = [0, 999, 1_000, 4_812_345, 100_000].map(grouped);
        assert_eq!(counts, ["0", "999", "1,000", "4,812,345", "100,000"]);
        let shares = [0.0, 6.23e-7, 0.000_94, 0.001, 0.312, 1.0].map(tiny);
        assert_eq!(shares, ["0", "6.2e-7", "9.4e-4", "0.1 %", "31.2 %", "100.0 %"]);
    }

    #[test]
    fn p_value_near_zero_is_shown_as_an_upper_bound() {
        let shown = [1.0, 0.314, 0.01, 0.0042, 0.000_01, 0.0].map(p_value);
        let wanted = ["p = 1.00", "p = 0.31", "p = 0.01", "p = 0.0042", "p < 0.0001", "p < 0.0001"];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn list_beyond_limit_counts_the_rest() {
        let items: Vec<_> = ["a", "b", "c"].map(String::from).into();
        assert_eq!((list(&items, 3), list(&items, 1)), ("a, b, c".into(), "a and 2 more".into()));
    }
}
