//! Scales: where a number stands between the ends of an axis, and the ticks of the axis.

use crate::render::picture::numbers::tick;

/// A tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Its number.
    pub value: f64,
    /// Where it stands, 0 to 1.
    pub at: f64,
    /// Its label.
    pub label: String,
}

/// How numbers are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Even,
    Logarithmic,
}

/// An axis from its least to its greatest number.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    spacing: Spacing,
    low: f64,
    high: f64,
    /// The ticks, from the least on.
    pub ticks: Vec<Tick>,
}

/// Least span of an axis, as a share of its greatest number: below, ticks are not distinct doubles.
const SPAN_LEAST: f64 = 1e-9;
/// Least ratio between the ends of a logarithmic axis.
const RATIO_LEAST: f64 = 1.0 + 1e-6;
/// Powers of ten between the ends of a double.
const DECADES_MAX: i32 = 700;
/// Numbers that steps between ticks begin with.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];

impl Scale {
    /// Evenly spaced numbers from `low` to `high`, both finite, with at most `most` ticks (at least 2) at
    /// multiples of 1, 2 or 5 times a power of ten; of whole numbers only if `whole`. Equal ends are moved
    /// apart.
    pub fn linear(low: f64, high: f64, most: usize, unit: &str, whole: bool) -> Self {
        let narrow = (low.abs().max(high.abs()) * SPAN_LEAST).max(f64::MIN_POSITIVE);
        let (low, high) = if high - low > narrow {
            (low, high)
        } else {
            let half = (low.abs() * 0.1).max(0.5);
            (low - half, high + half)
        };
        let step = step(low, high, most, whole);
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        let scale = Self { spacing: Spacing::Even, low, high, ticks: Vec::new() };
        let ticks = multiples(first, last, step);
        let label = |value: &f64| tick(unit, *value, step);
        scale.with(ticks, label)
    }

    /// Numbers spaced by their logarithm from `low` to `high`, both above 0, with at most `most` ticks (at
    /// least 2): powers of ten where there are enough, else also 2 and 5 times them.
    pub fn logarithmic(low: f64, high: f64, most: usize, unit: &str) -> Self {
        let (low, high) =
            if high / low > RATIO_LEAST { (low, high) } else { (low / 2.0, high * 2.0) };
        let scale = Self { spacing: Spacing::Logarithmic, low, high, ticks: Vec::new() };
        let decades = |every: i32| -> Vec<f64> {
            let powers = exponent(low)..=exponent(high) + 1;
            powers.filter(|power| power % every == 0).map(|power| 10_f64.powi(power)).collect()
        };
        let inside = |values: Vec<f64>| -> Vec<f64> {
            values.into_iter().filter(|value| (low..=high).contains(value)).collect()
        };
        let finer =
            || decades(1).into_iter().flat_map(|ten| STEPS.map(|first| first * ten)).collect();
        let fine = inside(finer());
        let coarse =
            (1..=DECADES_MAX).map(|every| inside(decades(every))).find(|ticks| ticks.len() <= most);
        let (ticks, apart) = match coarse.unwrap_or_default() {
            few if few.len() < 2 && (2..=most).contains(&fine.len()) => (fine, None),
            few if few.len() < 2 => {
                let step = step(low, high, most, false);
                let even = multiples((low / step).ceil(), (high / step).floor(), step);
                (inside(even), Some(step))
            }
            enough => (enough, None),
        };
        let label = |value: &f64| tick(unit, *value, apart.unwrap_or(*value));
        scale.with(ticks, label)
    }

    fn with(mut self, values: Vec<f64>, label: impl Fn(&f64) -> String) -> Self {
        let tick =
            |value: f64| Tick { value, at: self.at(value).clamp(0.0, 1.0), label: label(&value) };
        self.ticks = values.into_iter().map(tick).collect();
        self
    }

    /// Where a number stands, 0 to 1 between the ends.
    pub fn at(&self, value: f64) -> f64 {
        match self.spacing {
            Spacing::Even => (value - self.low) / (self.high - self.low),
            Spacing::Logarithmic => (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln()),
        }
    }

    /// The same, `None` outside the ends.
    pub fn inside(&self, value: f64) -> Option<f64> {
        let at = self.at(value);
        (-1e-9..=1.0 + 1e-9).contains(&at).then_some(at.clamp(0.0, 1.0))
    }

    /// Where a bar begins: at 0, or at the nearer end.
    pub fn base(&self) -> f64 {
        match self.spacing {
            Spacing::Even => self.at(0.0).clamp(0.0, 1.0),
            Spacing::Logarithmic => 0.0,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a double's exponent is small")]
fn exponent(value: f64) -> i32 {
    value.log10().floor() as i32
}

/// The least step of 1, 2 or 5 times a power of ten that makes no more ticks.
fn step(low: f64, high: f64, most: usize, whole: bool) -> f64 {
    let most = most.max(2);
    let begin = exponent((high - low) / most as f64) - 1;
    let begin = if whole { begin.max(0) } else { begin };
    let steps = (begin..).flat_map(|power| STEPS.map(|first| first * 10_f64.powi(power)));
    let fits = |step: &f64| (high / step).floor() - (low / step).ceil() + 1.0 <= most as f64;
    steps.take(60).find(fits).unwrap_or(high - low)
}

/// Multiples of a step that are different numbers.
#[expect(clippy::cast_possible_truncation, reason = "at most as many as there are ticks")]
fn multiples(first: f64, last: f64, step: f64) -> Vec<f64> {
    let count = (last - first).max(-1.0) as i64 + 1;
    // Adding 0 turns the negative zero into zero.
    let mut values: Vec<f64> = (0..count).map(|at| (first + at as f64) * step + 0.0).collect();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(
            labels(&Scale::linear(0.0, 10.4e6, 6, "1/s", false)),
            ["0", "2 M", "4 M", "6 M", "8 M", "10 M"]
        );
        assert_eq!(labels(&Scale::linear(1.0, 4.0, 8, "", true)), ["1", "2", "3", "4"]);
        assert_eq!(
            labels(&Scale::logarithmic(1.0, 5e6, 8, "ns")),
            ["1 ns", "10 ns", "100 ns", "1 us", "10 us", "100 us", "1 ms"]
        );
        assert_eq!(labels(&Scale::logarithmic(0.5, 3.0, 6, "")), ["0.5", "1", "2"]);
        assert_eq!(labels(&Scale::logarithmic(1e-9, 1.0, 4, "")), ["1e-9", "1e-6", "0.001", "1"]);
    }

    #[test]
    fn equal_ends_are_moved_apart() {
        let scale = Scale::linear(5.0, 5.0, 5, "", false);
        assert_eq!(scale.inside(5.0), Some(0.5));
        assert!(!Scale::logarithmic(7.0, 7.0, 5, "").ticks.is_empty());
    }

    fn check(scale: &Scale, low: f64, high: f64, most: usize) {
        assert!(scale.ticks.len() <= most, "{} ticks, at most {most}", scale.ticks.len());
        for tick in &scale.ticks {
            assert!((0.0..=1.0).contains(&tick.at), "{tick:?}");
            assert!(scale.inside(tick.value).is_some(), "{tick:?} of {low} to {high}");
        }
        for pair in scale.ticks.windows(2) {
            assert!(pair[0].value < pair[1].value && pair[0].at < pair[1].at, "{pair:?}");
            assert_ne!(pair[0].label, pair[1].label, "{low} to {high}");
        }
    }

    proptest! {
        #[test]
        fn linear_ticks_are_inside_distinct_and_few(
            low in -1e9..1e9, span in 1e-3..1e9, most in 2_usize..12, whole: bool,
        ) {
            check(&Scale::linear(low, low + span, most, "", whole), low, low + span, most);
        }

        #[test]
        fn logarithmic_ticks_are_inside_distinct_and_few(
            low in -30.0..12.0, decades in 0.01..30.0, most in 2_usize..12,
        ) {
            let (low, high) = (10_f64.powf(low), 10_f64.powf(low + decades));
            check(&Scale::logarithmic(low, high, most, ""), low, high, most);
            check(&Scale::logarithmic(low.max(1.0), high.max(2.0), most, "ns"), low, high, most);
        }
    }
}
