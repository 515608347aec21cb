//! Universal Scalability Law (Gunther 1993), fitted to rates by least squares, with intervals by a
//! bootstrap over rounds. Pure.
//!
//! `X(N) = lambda N / (1 + sigma (N-1) + kappa N (N-1))`: lambda is the rate of one worker, sigma the
//! share of work that waits for others (contention), kappa the cost of agreeing with each of them
//! (coherency). Neither share is below 0. `N / X(N)` is linear in `1/lambda`, `sigma/lambda` and
//! `kappa/lambda`; that gives the start, from which Gauss and Newton's steps lead to the least squares
//! of the rates themselves.

use crate::stats::descriptive::quantile;
use crate::stats::two_sample::{REPLICATES, Sample};
use strategies::harness::rng::SplitMix64;

/// Fewest numbers of workers for a fit: one more than the law has parameters.
pub const WORKERS_LEAST: usize = 4;
/// Most steps of Gauss and Newton; from a linear start five suffice.
const STEPS_MAX: usize = 30;
/// Most times that a step is halved.
const HALVINGS_MAX: usize = 20;
/// A step that changes the sum of squares by less than this share is the last.
const CONVERGED: f64 = 1e-12;
/// Share of a bootstrap on each side of a 95 % interval.
const TAIL: f64 = 0.025;

/// The law with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scalability {
    /// Rate of one worker, above 0.
    pub lambda: f64,
    /// Contention, at least 0.
    pub sigma: f64,
    /// Coherency, at least 0.
    pub kappa: f64,
}

impl Scalability {
    /// The rate of so many workers.
    pub fn rate(&self, workers: f64) -> f64 {
        let Self { lambda, sigma, kappa } = *self;
        let others = workers - 1.0;
        lambda * workers / (1.0 + sigma * others + kappa * workers * others)
    }

    /// The number of workers with the greatest rate, at least 1; infinite where the rate never falls.
    pub fn peak(&self) -> f64 {
        if self.sigma >= 1.0 {
            return 1.0;
        }
        ((1.0 - self.sigma) / self.kappa).sqrt().max(1.0)
    }

    /// The least squares of these numbers of workers and rates; `None` with fewer than
    /// [`WORKERS_LEAST`] of them, or where a rate is 0.
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        let scale = points.iter().map(|point| point.1).fold(0.0, f64::max);
        let is_above_0 = points.iter().all(|point| point.1 > 0.0 && point.0 >= 1.0);
        if points.len() < WORKERS_LEAST || !is_above_0 {
            return None;
        }
        let scaled: Vec<_> = points.iter().map(|&(n, rate)| (n, rate / scale)).collect();
        // Inside the bounds if possible, else the best on them.
        let inside = least(&scaled, &[0, 1, 2]).filter(|found| found.iter().all(|it| *it >= 0.0));
        let on_bounds = || {
            let subsets: [&[usize]; 3] = [&[0, 1], &[0, 2], &[0]];
            let found = subsets.iter().filter_map(|active| least(&scaled, active));
            let feasible = found.filter(|found| found.iter().all(|it| *it >= 0.0));
            feasible.min_by(|a, b| squares(&scaled, a).total_cmp(&squares(&scaled, b)))
        };
        let [a, b, c] = inside.or_else(on_bounds)?;
        Some(Self { lambda: scale / a, sigma: b / a, kappa: c / a })
    }
}

/// What multiplies each of the three linear parameters in `N / X(N)`.
fn basis(n: f64) -> [f64; 3] {
    [1.0, n - 1.0, n * (n - 1.0)]
}

fn sum(parameters: &[f64; 3], n: f64) -> f64 {
    parameters.iter().zip(basis(n)).map(|(parameter, factor)| parameter * factor).sum()
}

/// The sum of squared residuals; infinite where the law has no rate.
fn squares(points: &[(f64, f64)], parameters: &[f64; 3]) -> f64 {
    let square = |&(n, rate): &(f64, f64)| {
        let time = sum(parameters, n);
        if time > 0.0 { (rate - n / time).powi(2) } else { f64::INFINITY }
    };
    points.iter().map(square).sum()
}

/// The least squares over the active parameters, the others being 0.
fn least(points: &[(f64, f64)], active: &[usize]) -> Option<[f64; 3]> {
    // A small error of n / x weighs as x^2 / n in x.
    let weighted = points.iter().map(|&(n, rate)| {
        let weight = rate * rate / n;
        (basis(n).map(|factor| factor * weight), n / rate * weight)
    });
    let mut parameters = solved(weighted, active)?;
    let mut before = squares(points, &parameters);
    for _ in 0..STEPS_MAX {
        let tangents = points.iter().map(|&(n, rate)| {
            let time = sum(&parameters, n);
            (basis(n).map(|factor| -n * factor / (time * time)), rate - n / time)
        });
        let Some(step) = solved(tangents, active) else { break };
        let moved = |share: f64| {
            let mut moved = parameters;
            moved.iter_mut().zip(step).for_each(|(at, step)| *at += share * step);
            moved
        };
        let shares =
            (0..HALVINGS_MAX).map(|halvings| 0.5_f64.powi(halvings.try_into().unwrap_or(0)));
        let better = shares.map(moved).find(|it| squares(points, it) < before);
        let Some(better) = better else { break };
        let after = squares(points, &better);
        parameters = better;
        if before - after <= CONVERGED * before {
            break;
        }
        before = after;
    }
    before.is_finite().then_some(parameters)
}

/// The linear least squares of rows of factors and a right side, over the active columns; `None` where
/// they are not independent.
#[expect(clippy::needless_range_loop, reason = "the elimination is written with its indices")]
fn solved(rows: impl Iterator<Item = ([f64; 3], f64)>, active: &[usize]) -> Option<[f64; 3]> {
    let count = active.len();
    let mut matrix = [[0.0; 4]; 3];
    for (factors, right) in rows {
        for (i, &row) in active.iter().enumerate() {
            for (j, &column) in active.iter().enumerate() {
                matrix[i][j] += factors[row] * factors[column];
            }
            matrix[i][3] += factors[row] * right;
        }
    }
    for i in 0..count {
        let pivot =
            (i..count).max_by(|&a, &b| matrix[a][i].abs().total_cmp(&matrix[b][i].abs()))?;
        matrix.swap(i, pivot);
        if matrix[i][i].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for row in 0..count {
            if row != i {
                let factor = matrix[row][i] / matrix[i][i];
                for column in i..4 {
                    matrix[row][column] -= factor * matrix[i][column];
                }
            }
        }
    }
    let mut parameters = [0.0; 3];
    for (i, &column) in active.iter().enumerate() {
        parameters[column] = matrix[i][3] / matrix[i][i];
    }
    parameters.iter().all(|it| it.is_finite()).then_some(parameters)
}

/// A fitted law with its uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalabilityFit {
    /// The fit to the medians.
    pub law: Scalability,
    /// Greatest distance of a median from the law, as a share of the median.
    pub deviation: f64,
    /// Laws fitted to resampled medians.
    replicates: Vec<Scalability>,
}

impl ScalabilityFit {
    /// Fits the law to the medians of these numbers of workers, each with the rates of its rounds. The
    /// bootstrap has one fixed stream, so that equal rounds have equal intervals.
    pub fn of(samples: &[(u32, Sample)]) -> Option<Self> {
        let medians = samples.iter().map(|(n, rates)| (f64::from(*n), rates.median()));
        let medians: Vec<_> = medians.collect();
        let law = Scalability::fit(&medians)?;
        let off = medians.iter().map(|&(n, rate)| (law.rate(n) / rate - 1.0).abs());
        let deviation = off.fold(0.0, f64::max);
        let mut stream = SplitMix64::of(&[4]);
        let mut replicate = || {
            let drawn = samples
                .iter()
                .map(|(n, rates)| (f64::from(*n), rates.resampled_median(&mut stream)));
            Scalability::fit(&drawn.collect::<Vec<_>>())
        };
        let replicates = (0..REPLICATES).filter_map(|_| replicate()).collect();
        Some(Self { law, deviation, replicates })
    }

    /// The 95 % interval of a figure of the law; its ends may be infinite.
    pub fn interval(&self, figure: impl Fn(&Scalability) -> f64) -> (f64, f64) {
        let mut figures: Vec<f64> = self.replicates.iter().map(figure).collect();
        figures.sort_unstable_by(f64::total_cmp);
        let at = |share| {
            let found = quantile(&figures, share);
            // Between a number and an infinite one there is no middle.
            if found.is_nan() { f64::INFINITY } else { found }
        };
        (at(TAIL), at(1.0 - TAIL))
    }
}

#[cfg(test)]
#[path = "scalability_tests.rs"]
mod tests;
