//! Descriptive statistics: medians with quartiles, shares with intervals, quantiles of times. Pure.

use strategies::harness::durations::Durations;

/// The standard normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;
/// A median with its quartiles over attempts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Lower quartile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Upper quartile.
    pub high: f64,
}

impl Spread {
    /// The median and quartiles of `values`; zeros without any.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |q| quantile(&values, q);
        Self { low: at(0.25), median: at(0.5), high: at(0.75) }
    }
}

/// An observed share with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Share {
    /// The observed share, 0 to 1.
    pub fraction: f64,
    /// Lower end at 95 %.
    pub low: f64,
    /// Upper end at 95 %.
    pub high: f64,
}

/// Quantiles of one kind of duration over all attempts, in nanoseconds; `None` where nothing was
/// timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimesSummary {
    /// Number of durations.
    pub count: u64,
    /// 10th percentile.
    pub p10_ns: Option<u64>,
    /// Median.
    pub p50_ns: Option<u64>,
    /// 90th percentile.
    pub p90_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile.
    pub p999_ns: Option<u64>,
    /// Longest, exactly.
    pub max_ns: Option<u64>,
}

impl TimesSummary {
    /// The quantiles of a histogram.
    pub fn of(times: &Durations) -> Self {
        let at = |q| times.quantile_ns(q);
        Self {
            count: times.count(),
            p10_ns: at(0.1),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p999_ns: at(0.999),
            max_ns: times.max_ns(),
        }
    }
}

/// Wilson's score interval at 95 % (Wilson 1927): it stays within 0 to 1 and has a width even for 0
/// of n.
pub fn wilson(hits: u64, trials: u64) -> Share {
    if trials == 0 {
        return Share { fraction: 0.0, low: 0.0, high: 1.0 };
    }
    let (n, p) = (trials as f64, hits as f64 / trials as f64);
    let z2 = Z_95 * Z_95;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    // At the ends the interval touches 0 or 1 exactly; floating-point rounding would miss it.
    let low = if hits == 0 { 0.0 } else { middle - half };
    let high = if hits == trials { 1.0 } else { middle + half };
    Share { fraction: p, low, high }
}

/// The value that a share `q` of sorted values does not exceed, interpolated between neighbours;
/// 0 without values.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let position = q * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to len")]
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}
