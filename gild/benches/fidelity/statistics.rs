//! Medians with bootstrap intervals. Pure.

use std::fmt;

/// Resamples of a bootstrap: enough for two digits of its ends.
const RESAMPLES: usize = 2000;
/// Share of the resampled medians below the lower end, and above the upper: 95 % lie between.
const TAIL: f64 = 0.025;
/// Seed of the resampling, so that the same samples give the same interval.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A median with its 95 % bootstrap interval (percentile method, Efron 1979).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Median {
    pub(crate) low: f64,
    pub(crate) middle: f64,
    pub(crate) high: f64,
    pub(crate) samples: usize,
}

impl Median {
    /// Of at least one sample.
    pub(crate) fn of(samples: &[f64]) -> Self {
        let mut state = SEED;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % samples.len() as u64).unwrap_or(0)
        };
        let medians: Vec<f64> = (0..RESAMPLES)
            .map(|_| middle((0..samples.len()).map(|_| samples[draw()]).collect()))
            .collect();
        Self {
            low: quantile(medians.clone(), TAIL),
            middle: middle(samples.to_vec()),
            high: quantile(medians, 1.0 - TAIL),
            samples: samples.len(),
        }
    }

    /// Whether all of this lies below all of that.
    pub(crate) fn is_below(&self, other: &Self) -> bool {
        self.high < other.low
    }
}

impl fmt::Display for Median {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, middle, high, .. } = *self;
        let digits = if middle.abs() >= 100.0 { 0 } else { 3 };
        write!(f, "{middle:.digits$} [{low:.digits$}-{high:.digits$}]")
    }
}

/// The middle value.
pub(crate) fn middle(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

fn quantile(mut values: Vec<f64>, q: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to len")]
    let at = (q * last as f64).round() as usize;
    values.get(at).copied().unwrap_or(0.0)
}
