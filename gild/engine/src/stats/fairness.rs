//! Fairness: the share of time in which workers overlap, Jain's index of how evenly they share, and the
//! share of each.

use serde::{Deserialize, Serialize};

/// Share of `duration_ns` covered by at least two of the spans. Rounded to thousandths at once, so
/// that the value shown and stored is the value that was judged.
pub(crate) fn overlap(spans: &[(u64, u64)], duration_ns: u64) -> f64 {
    (overlap_ns(spans) as f64 / duration_ns.max(1) as f64 * 1000.0).round() / 1000.0
}

/// Nanoseconds covered by at least two of the spans.
fn overlap_ns(spans: &[(u64, u64)]) -> u64 {
    // At one instant ends sort before beginnings, so that touching spans do not overlap.
    let mut edges: Vec<(u64, i32)> =
        spans.iter().flat_map(|&(first, last)| [(first, 1), (last, -1)]).collect();
    edges.sort_unstable();
    let (mut inside, mut since, mut sum) = (0, 0, 0);
    for (at, change) in edges {
        if inside >= 2 {
            sum += at - since;
        }
        since = at;
        inside += change;
    }
    sum
}

/// Jain's fairness index: (sum x)^2 / (n sum x^2), from 1/n (one worker did all) to 1 (all equal).
/// Jain, Chiu and Hawe 1984, DEC-TR-301.
pub(crate) fn jain(shares: &[u64]) -> f64 {
    let sum: f64 = shares.iter().map(|&x| x as f64).sum();
    let squares: f64 = shares.iter().map(|&x| (x as f64).powi(2)).sum();
    if squares > 0.0 { sum * sum / (shares.len() as f64 * squares) } else { 1.0 }
}

/// The increments of one worker, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WorkerShare {
    /// Increments, all attempts.
    pub increments: u64,
    /// Least share of an attempt's increments, 0 to 1.
    pub least: f64,
    /// Greatest share of an attempt's increments, 0 to 1.
    pub greatest: f64,
}

/// The increments of each worker over attempts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct WorkerShares {
    /// Attempts that they are of.
    pub attempts: u32,
    /// The workers that increment, by position; empty before the first attempt.
    pub workers: Vec<WorkerShare>,
}

impl WorkerShares {
    /// Those of one attempt, from the increments of each worker. Without any increment each share is 0.
    pub fn of(increments: &[u64]) -> Self {
        let sum = increments.iter().sum::<u64>().max(1);
        let worker = |&increments: &u64| {
            let share = increments as f64 / sum as f64;
            WorkerShare { increments, least: share, greatest: share }
        };
        Self { attempts: 1, workers: increments.iter().map(worker).collect() }
    }

    /// The increments of all workers; saturating.
    pub fn sum(workers: &[WorkerShare]) -> u64 {
        workers.iter().fold(0, |sum, worker| sum.saturating_add(worker.increments))
    }

    /// Adds those of other attempts of the same cell.
    pub fn merge(&mut self, other: &Self) {
        if self.attempts == 0 {
            self.clone_from(other);
            return;
        }
        self.attempts = self.attempts.saturating_add(other.attempts);
        for (sum, more) in self.workers.iter_mut().zip(&other.workers) {
            sum.increments = sum.increments.saturating_add(more.increments);
            sum.least = sum.least.min(more.least);
            sum.greatest = sum.greatest.max(more.greatest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_workers_are_sums_with_their_range_in_any_order_of_attempts() {
        let attempts = [[3, 1], [1, 1], [0, 0], [1, 4]].map(|all: [u64; 2]| WorkerShares::of(&all));
        let sum = |order: [usize; 4]| {
            let mut sum = WorkerShares::default();
            for at in order {
                sum.merge(&attempts[at]);
            }
            sum
        };
        let all = sum([0, 1, 2, 3]);
        assert_eq!(all, sum([3, 2, 1, 0]));
        let first = WorkerShare { increments: 5, least: 0.0, greatest: 0.75 };
        let second = WorkerShare { increments: 6, least: 0.0, greatest: 0.8 };
        assert_eq!(all, WorkerShares { attempts: 4, workers: vec![first, second] });
    }

    #[test]
    fn overlap_counts_time_with_two_or_more_workers() {
        assert_eq!(overlap_ns(&[]), 0);
        assert_eq!(overlap_ns(&[(0, 10)]), 0);
        assert_eq!(overlap_ns(&[(0, 10), (10, 20)]), 0);
        assert_eq!(overlap_ns(&[(0, 10), (5, 20)]), 5);
        assert_eq!(overlap_ns(&[(0, 10), (0, 10), (0, 10)]), 10);
        assert_eq!(overlap_ns(&[(0, 100), (10, 20), (30, 40)]), 20);
    }
}
