//! Figures of a timed attempt from its workers' timelines: rate, fairness by window, cost of the
//! probe. Pure.

use strategies::harness::worker::site::Probing;
use strategies::harness::worker::timed::probing_at;
use strategies::harness::worker::timeline::{Timeline, WINDOW_NS};

use crate::stats::fairness::jain;
use crate::stats::warmup::WarmUp;

/// Lengths of the windows for which fairness is reported, in multiples of [`WINDOW_NS`].
const FAIRNESS_WINDOWS: [usize; 3] = [1, 10, 100];

/// The figures of a timed attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed {
    /// Bodies per second of all workers after [`Timed::warm_up`]; where slices alternate, of those
    /// without the probe.
    pub rate: f64,
    /// Jain's index of the workers' bodies in windows of 1, 10 and 100 ms, averaged over non-empty
    /// windows; `None` where no whole window fits.
    pub jain: [Option<f64>; 3],
    /// Jain's index over all counted windows.
    pub jain_whole: f64,
    /// The windows dropped at the start: until every worker has done a body, and until the rate is
    /// steady.
    pub warm_up: WarmUp,
    /// Bodies of the slowest worker as a share of an even part: 1 is fair, 0 is starved.
    pub slowest: f64,
    /// Share of the windows of 1 ms in which at least two workers did a body.
    pub overlap: f64,
    /// Speed with the probe as a share of the speed without; `None` where slices do not alternate
    /// or one kind is empty.
    pub watching: Option<f64>,
    /// Longest time between two clock reads of a worker, in nanoseconds: an upper bound of every
    /// wait.
    pub longest_ns: u64,
}

/// Whether slices of time alternate between probing and not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slices {
    /// Every other slice is probed.
    InTurns,
    /// All slices are probed, or none.
    Alike,
}

impl Timed {
    /// The figures of timelines of the same length, one for each worker.
    pub fn of(timelines: &[Timeline], slices: Slices) -> Self {
        let windows = timelines.iter().map(|one| one.bodies.len()).min().unwrap_or(0);
        let together: Vec<u64> = (0..windows)
            .map(|at| timelines.iter().map(|one| u64::from(one.bodies[at])).sum())
            .collect();
        let warm_up = WarmUp::of(&together, all_workers_from(timelines, windows));
        let begin = warm_up.windows();
        let counted: Vec<&[u32]> =
            timelines.iter().map(|one| &one.bodies[begin..windows]).collect();
        let shares: Vec<u64> = counted.iter().map(|one| sum(one)).collect();
        let done: u64 = shares.iter().sum();
        let plain = match slices {
            Slices::InTurns => per_window(&counted, begin, Probing::Off),
            Slices::Alike => None,
        };
        let all = done as f64 / (windows - begin).max(1) as f64;
        let even = done as f64 / timelines.len().max(1) as f64;
        let least = shares.iter().min().copied().unwrap_or(0) as f64;
        Self {
            rate: plain.unwrap_or(all) * 1e9 / WINDOW_NS as f64,
            warm_up,
            jain: FAIRNESS_WINDOWS.map(|length| jain_by_window(&counted, length)),
            jain_whole: jain(&shares),
            slowest: if even > 0.0 { least / even } else { 0.0 },
            overlap: overlap(&counted),
            watching: plain
                .and_then(|plain| Some(per_window(&counted, begin, Probing::Full)? / plain)),
            longest_ns: timelines.iter().map(|one| one.longest_ns).max().unwrap_or(0),
        }
    }

    /// The warm-up in nanoseconds.
    pub fn warm_up_ns(&self) -> u64 {
        self.warm_up.windows() as u64 * WINDOW_NS
    }

    /// Whether the counted windows may still be warm-up.
    pub fn is_unsteady(&self) -> bool {
        matches!(self.warm_up, WarmUp::Outlasts(_))
    }
}

fn sum(bodies: &[u32]) -> u64 {
    bodies.iter().map(|&count| u64::from(count)).sum()
}

/// The first window by which every worker has done a body, because a worker alone in a lock is much
/// faster. If one never does, the first of all.
fn all_workers_from(timelines: &[Timeline], windows: usize) -> usize {
    let first = |one: &Timeline| one.bodies[..windows].iter().position(|&count| count > 0);
    let firsts: Option<Vec<usize>> = timelines.iter().map(first).collect();
    let latest = firsts.and_then(|firsts| firsts.into_iter().max());
    latest.unwrap_or(0)
}

fn jain_by_window(counted: &[&[u32]], length: usize) -> Option<f64> {
    let windows = counted.first()?.len() / length;
    let shares = |window: usize| -> Vec<u64> {
        counted.iter().map(|one| sum(&one[window * length..(window + 1) * length])).collect()
    };
    let indices: Vec<f64> = (0..windows)
        .map(shares)
        .filter(|shares| shares.iter().any(|&share| share > 0))
        .map(|shares| jain(&shares))
        .collect();
    (!indices.is_empty()).then(|| indices.iter().sum::<f64>() / indices.len() as f64)
}

fn overlap(counted: &[&[u32]]) -> f64 {
    let windows = counted.first().map_or(0, |one| one.len());
    let is_shared = |at: &usize| counted.iter().filter(|one| one[*at] > 0).count() > 1;
    (0..windows).filter(is_shared).count() as f64 / windows.max(1) as f64
}

/// Bodies in a window in which the eye was so; `None` where there are none.
fn per_window(counted: &[&[u32]], begin: usize, eye: Probing) -> Option<f64> {
    let windows = counted.first()?.len();
    let is_so = |window: &usize| probing_at((begin + window) as u64 * WINDOW_NS) == eye;
    let those: Vec<usize> = (0..windows).filter(is_so).collect();
    let done: u64 =
        those.iter().flat_map(|&at| counted.iter().map(move |one| u64::from(one[at]))).sum();
    (done > 0).then(|| done as f64 / those.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(bodies: Vec<u32>) -> Timeline {
        Timeline { bodies: bodies.into(), longest_ns: 7 }
    }

    fn of(timelines: &[Timeline]) -> Timed {
        Timed::of(timelines, Slices::InTurns)
    }

    #[test]
    fn jain_index_depends_on_the_window_length() {
        // Two workers that alternate every 10 ms.
        let turns =
            |first: u32| (0..200).map(move |ms| if (ms / 10) % 2 == first { 10 } else { 0 });
        let all = [0, 1].map(|first| timeline(turns(first).collect()));
        let timed = of(&all);
        let [ms, ten_ms, hundred_ms] = timed.jain.map(|index| index.expect("windows fit"));
        assert!((ms - 0.5).abs() < 1e-9, "{ms}");
        assert!(ten_ms < 0.7 && hundred_ms > 0.98, "{ten_ms} {hundred_ms}");
        assert!(timed.jain_whole > 0.99 && timed.slowest > 0.9, "{timed:?}");
        assert!(timed.overlap < 1e-9, "never both in one window");
    }

    #[test]
    fn windows_before_all_workers_started_are_not_counted() {
        let alone = vec![1000, 1000, 5, 5, 5, 5];
        let timed = of(&[timeline(alone), timeline(vec![0, 0, 5, 5, 5, 5])]);
        assert_eq!(timed.warm_up_ns(), 2 * WINDOW_NS);
        assert!((timed.rate - 10_000.0).abs() < 1e-6, "{}", timed.rate);
    }

    #[test]
    fn starved_worker_has_a_share_of_zero() {
        let timed = of(&[timeline(vec![9; 10]), timeline(vec![0; 10])]);
        assert_eq!((timed.slowest, timed.warm_up_ns(), timed.longest_ns), (0.0, 0, 7));
        assert!((timed.jain_whole - 0.5).abs() < 1e-9);
    }

    #[test]
    fn probe_cost_is_the_ratio_of_probed_to_plain_slices() {
        let bodies = (0..80).map(|ms| if (ms / 10) % 2 == 0 { 90 } else { 100 }).collect();
        let ratio = of(&[timeline(bodies)]).watching.expect("both kinds");
        assert!((ratio - 0.9).abs() < 1e-9, "{ratio}");
        assert_eq!(of(&[timeline(vec![5; 8])]).watching, None, "no shut slice");
    }

    #[test]
    fn empty_timelines_do_not_panic() {
        let timed = of(&[timeline(vec![]), timeline(vec![])]);
        assert_eq!((timed.rate, timed.jain[0], timed.watching), (0.0, None, None));
    }
}
