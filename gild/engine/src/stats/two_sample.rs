//! Two-sample statistics of rates, one value per round: the confidence interval of a median, the
//! ratio of two medians, and a rank test. Pure; knows neither strategy nor cell.
//!
//! The values of a sample are assumed to be independent. Attempts of one round run close together
//! in time, so a round contributes one value, its median. The results hold for these rounds, not
//! for another day.
//!
//! A comparison costs two sorts and [`REPLICATES`] draws, independent of the number of rounds.

use std::f64::consts::{PI, TAU};

use crate::stats::descriptive::quantile;
use strategies::harness::rng::SplitMix64;

/// Medians that a bootstrap draws: a thousand suffice for the ends of a 95 % interval (Efron and
/// Tibshirani 1993, 13.3) and cost less than a tenth of a millisecond.
pub const REPLICATES: usize = 1000;
/// With fewer values than this in both samples, the rank test is exact: it counts arrangements
/// instead of approximating.
pub const EXACT_BELOW: usize = 8;
/// Below this p a rank test counts as a difference. Stricter than the usual 0.05, because readers
/// pick the most extreme of the many pairs of a sweep.
pub const P_DIFFERENT: f64 = 0.01;

/// Share of a bootstrap's medians on each side of a 95 % interval.
const TAIL: f64 = 0.025;

/// A sample: values in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// Sorts the values.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the sample has no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The median; 0 without values.
    pub fn median(&self) -> f64 {
        quantile(&self.0, 0.5)
    }

    /// The 95 % interval of the median by the percentiles of a bootstrap (Efron 1979), determined
    /// by the stream; 0 to 0 without values. With fewer than ten values it is too narrow, because a
    /// bootstrap never draws beyond the least and the greatest.
    pub fn median_interval(&self, stream: &mut SplitMix64) -> (f64, f64) {
        percentiles(|| self.resampled_median(stream))
    }

    /// The median of a resample of the same size, drawn with replacement.
    pub(crate) fn resampled_median(&self, stream: &mut SplitMix64) -> f64 {
        if self.is_empty() {
            return 0.0;
        }
        let (lower, upper) = middle_ranks(self.len(), stream);
        f64::midpoint(self.0[lower], self.0[upper])
    }
}

/// The ranks, from 0, of the middle two of `n` values drawn with repetition out of `n` in order;
/// the same rank twice where `n` is odd. `n` is at least 1.
///
/// The `n` values are not drawn one by one: each draw is the floor of `n` times a uniform number,
/// so the middle ranks are those of the middle of `n` uniform numbers. The middle one of `2m + 1`
/// has the symmetric beta distribution with parameter `m + 1`. With an even number there is one
/// more value beside such a middle; the other middle is the nearest of the `m` numbers on that
/// side.
fn middle_ranks(n: usize, stream: &mut SplitMix64) -> (usize, usize) {
    let half = n.div_ceil(2);
    let middle = symmetric_beta(half, stream);
    if n % 2 == 1 {
        let rank = rank(middle, n);
        return (rank, rank);
    }
    let nearest = stream.unit().powf(1.0 / half as f64);
    let (lower, upper) = if stream.unit() < middle {
        (middle * nearest, middle)
    } else {
        (middle, 1.0 - (1.0 - middle) * nearest)
    };
    (rank(lower, n), rank(upper, n))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to n")]
fn rank(share: f64, n: usize) -> usize {
    ((share * n as f64) as usize).min(n - 1)
}

/// A number of the beta distribution whose parameters are both `shape`, at least 1 (Ulrich 1984).
fn symmetric_beta(shape: usize, stream: &mut SplitMix64) -> f64 {
    let exponent = 2.0 / (2.0 * shape as f64 - 1.0);
    let radius = (1.0 - stream.unit().powf(exponent)).sqrt();
    f64::midpoint(1.0, radius * (TAU * stream.unit()).cos())
}

/// The 2.5th and the 97.5th percentile of [`REPLICATES`] values.
pub(crate) fn percentiles(mut replicate: impl FnMut() -> f64) -> (f64, f64) {
    let mut replicates: Vec<f64> = (0..REPLICATES).map(|_| replicate()).collect();
    replicates.sort_unstable_by(f64::total_cmp);
    (quantile(&replicates, TAIL), quantile(&replicates, 1.0 - TAIL))
}

/// The comparison of two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Median of the first over median of the second.
    pub ratio: f64,
    /// Lower end of the ratio's 95 % interval.
    pub low: f64,
    /// Upper end of the ratio's 95 % interval.
    pub high: f64,
    /// The two-sided p of the rank test, 0 to 1.
    pub p: f64,
    /// Number of values of each sample.
    pub counts: (usize, usize),
}

impl Comparison {
    /// Compares two samples of rates. The interval is of the bootstrap's percentiles, both samples
    /// drawn anew each time. `None` where there is no ratio: a sample is empty, or a rate of the
    /// other is 0.
    pub fn of(one: &Sample, other: &Sample, stream: &mut SplitMix64) -> Option<Self> {
        let has_ratio = !one.is_empty() && other.0.first().is_some_and(|&least| least > 0.0);
        has_ratio.then(|| {
            let (low, high) =
                percentiles(|| one.resampled_median(stream) / other.resampled_median(stream));
            let ratio = one.median() / other.median();
            Self { ratio, low, high, p: rank_test(one, other), counts: (one.len(), other.len()) }
        })
    }

    /// Whether the samples differ: the rank test rejects equality, and the interval excludes 1.
    pub fn differs(&self) -> bool {
        self.p < P_DIFFERENT && !(self.low..=self.high).contains(&1.0)
    }

    /// Whether the whole interval lies within a factor, at least 1, of equality.
    pub fn is_within(&self, factor: f64) -> bool {
        self.low >= 1.0 / factor && self.high <= factor
    }

    /// The comparison of a sample with a copy of itself: not two measurements, so that no chance is
    /// in their ratio.
    #[must_use]
    pub fn of_copies(self) -> Self {
        Self { ratio: 1.0, low: 1.0, high: 1.0, p: 1.0, ..self }
    }
}

/// The two-sided p of the rank test of Mann and Whitney 1947: the probability that two samples of
/// one distribution differ in rank at least as much. Exact where both samples are smaller than
/// [`EXACT_BELOW`] and no two values are equal; otherwise by the normal distribution, corrected for
/// ties and for continuity. 1 without values.
pub fn rank_test(one: &Sample, other: &Sample) -> f64 {
    let (n, m) = (one.len(), other.len());
    let Ranked { u, ties } = Ranked::of(one, other);
    let pairs = n * m;
    if ties == 0.0 && n.max(m) < EXACT_BELOW {
        return exact(n, m, u.min(pairs as f64 - u));
    }
    let (pairs, all) = (pairs as f64, (n + m) as f64);
    let variance = pairs / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    let apart = ((u - pairs / 2.0).abs() - 0.5).max(0.0);
    if variance > 0.0 { two_sided_tail(apart / variance.sqrt()) } else { 1.0 }
}

/// The rank statistic and the correction of its variance for ties.
struct Ranked {
    /// Pairs in which the first sample's value is greater; ties count half.
    u: f64,
    /// The sum of t^3 - t over all groups of t equal values.
    ties: f64,
}

impl Ranked {
    fn of(one: &Sample, other: &Sample) -> Self {
        let ours = one.0.iter().map(|&value| (value, 1.0));
        let mut all: Vec<(f64, f64)> = ours.chain(other.0.iter().map(|&v| (v, 0.0))).collect();
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (mut before, mut rank_sum, mut ties) = (0.0, 0.0, 0.0);
        for equal in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let size = equal.len() as f64;
            let ours: f64 = equal.iter().map(|&(_, is_ours)| is_ours).sum();
            rank_sum += ours * (before + f64::midpoint(size, 1.0));
            ties += size.powi(3) - size;
            before += size;
        }
        let n = one.len() as f64;
        Self { u: rank_sum - n * (n + 1.0) / 2.0, ties }
    }
}

/// Twice the share of arrangements whose statistic is at most `u`, and at most 1.
fn exact(n: usize, m: usize, u: f64) -> f64 {
    let counts = arrangements(n, m);
    let below: u64 =
        (0_u32..).zip(&counts).filter(|&(at, _)| f64::from(at) <= u).map(|it| it.1).sum();
    (2.0 * below as f64 / counts.iter().sum::<u64>() as f64).min(1.0)
}

/// How many arrangements of `n` and `m` values have each statistic from 0 to `n m`: the
/// coefficients of Gauss's binomial, the product of (1 - q^(m+i)) / (1 - q^i) for i from 1 to n.
fn arrangements(n: usize, m: usize) -> Vec<u64> {
    let mut counts = vec![0_u64; n * m + 1];
    counts[0] = 1;
    for i in 1..=n {
        // Differences may wrap below zero until the sums restore them.
        for at in (m + i..counts.len()).rev() {
            counts[at] = counts[at].wrapping_sub(counts[at - m - i]);
        }
        for at in i..counts.len() {
            counts[at] = counts[at].wrapping_add(counts[at - i]);
        }
    }
    counts
}

/// Probability that a standard normal number is at least `z` away from 0 (Abramowitz and Stegun
/// 1964, 26.2.17; accurate to 2e-7).
fn two_sided_tail(z: f64) -> f64 {
    const COEFFICIENTS: [f64; 5] =
        [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let density = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    let polynomial = COEFFICIENTS.iter().rev().fold(0.0, |sum, c| (sum + c) * t);
    (2.0 * density * polynomial).clamp(0.0, 1.0)
}

#[cfg(test)]
#[path = "two_sample_tests.rs"]
mod tests;
