//! The measurement of a cell: counts with intervals, medians with quartiles, and a verdict. Pure.

use crate::limits::PRECISE_FROM_ROUNDS;
use crate::measure::contention::Contention;
use crate::measure::model::model_fit::{ModelFit, ObservedValue};
use crate::measure::validity::Disturbance;
use crate::measure::validity::Validity;
use crate::stats::descriptive::{Share, Spread, TimesSummary};
use crate::stats::fairness::WorkerShare;
use crate::stats::lost_increments::LostIncrements;
use crate::sys::rusage::{ContextSwitches, CpuTime};

/// Verdict on a cell's promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No update was lost.
    Kept,
    /// Updates were lost, as a lossy strategy may.
    Lost,
    /// An exact strategy lost updates, or an impossible value appeared.
    Broken,
    /// No attempt was completed.
    Invalid,
}

/// Switches of a lock, over all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Forced: the former holder was asked to release the lock.
    pub forced: u64,
    /// Voluntary: the former holder released the lock by itself.
    pub voluntary: u64,
}

/// Durations over all attempts in nanoseconds, as HDR histograms in their V2 encoding with deflate;
/// `None` where nothing was timed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histograms {
    /// Waits that were timed.
    pub waits: Option<Vec<u8>>,
    /// Hand-overs that were timed.
    pub hand_overs: Option<Vec<u8>>,
    /// Time for which the lock was held until a forced release.
    pub slices: Option<Vec<u8>>,
    /// Durations of requests.
    pub latencies: Option<Vec<u8>>,
}

impl Histograms {
    /// Heap bytes that they hold.
    fn bytes_held(&self) -> usize {
        let Self { waits, hand_overs, slices, latencies } = self;
        [waits, hand_overs, slices, latencies].into_iter().flatten().map(Vec::len).sum()
    }
}

/// Statistics of a cell over its attempts so far. Counts, ranges and grades are of all attempts,
/// and so are quantiles of times. Medians and quartiles over attempts are of all up to
/// [`SAMPLE_MAX`](crate::limits::SAMPLE_MAX) attempts, and of a random sample of so many beyond.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts whose final value was the expected one.
    pub correct: u32,
    /// Share of correct attempts.
    pub correct_share: Share,
    /// Least and greatest share of correct attempts in a round.
    pub rounds: (f64, f64),
    /// Rounds so far.
    pub round_count: u32,
    /// Least and greatest final value.
    pub observed: (u64, u64),
    /// (expected - final) / expected.
    pub lost: Spread,
    /// Increments that were checked and lost, by which correctness is judged where a time or
    /// requests end an attempt; `None` where workers take tasks, whose attempts are alike and are
    /// counted, or where no worker increments.
    pub lost_increments: Option<LostIncrements>,
    /// Duration of an attempt in nanoseconds.
    pub duration_ns: Spread,
    /// Bodies done per second: increments, and reads where there are any.
    pub rate: Spread,
    /// The interval of its median at 95 %, by a bootstrap over rounds (see
    /// [`crate::stats::two_sample`]); it holds the median.
    pub rate_interval: (f64, f64),
    /// Jain's index of the workers' increments; median.
    pub jain: f64,
    /// Share of the time in which two workers were active; median.
    pub overlap: f64,
    /// Hand-overs; `None` without a lock.
    pub switches: Option<Switches>,
    /// Hand-overs per second; `None` without a lock.
    pub switch_rate: Option<Spread>,
    /// Hand-overs that were timed.
    pub hand_overs: u64,
    /// Median time from release to acquisition, in nanoseconds.
    pub hand_over_ns_p50: Option<u64>,
    /// The time that one hand-over in a hundred exceeds, in nanoseconds.
    pub hand_over_ns_p99: Option<u64>,
    /// The longest hand-over, in nanoseconds.
    pub hand_over_ns_max: Option<u64>,
    /// Waits that were timed.
    pub waits: TimesSummary,
    /// Time for which the lock was held until a forced release.
    pub slices: TimesSummary,
    /// Acquisitions by the longest waiter, the second longest and so on; empty where they are not
    /// counted.
    pub wait_ranks: Vec<u64>,
    /// Processor time of the workers, all attempts.
    pub cpu: CpuTime,
    /// Processor time per body, in nanoseconds.
    pub cpu_ns_per_increment: f64,
    /// Context switches of the workers, all attempts; `None` where they are not counted.
    pub context_switches: Option<ContextSwitches>,
    /// Requests made, all attempts.
    pub requests: u64,
    /// Requests answered per second; `None` without any.
    pub request_rate: Option<Spread>,
    /// Durations of requests.
    pub latencies: TimesSummary,
    /// The histograms of the durations above; only at the end of the cell.
    pub histograms: Option<Box<Histograms>>,
    /// Increments of each worker, by position; only at the end of the cell, and empty where an earlier
    /// version stored a turn or no worker increments.
    pub worker_shares: Vec<WorkerShare>,
    /// Measured duration of a step of the requested cost, in nanoseconds.
    pub step_cost_measured_ns: f64,
    /// The lock under load; `None` unless workers incremented for a time.
    pub contention: Option<Contention>,
    /// The agreement with the model; `None` where no model applies.
    pub modelled: Option<ModelFit>,
    /// Share of updates that a long run loses by the rare-switch law, where it applies.
    pub lost_predicted: Option<f64>,
    /// Interference with its turns.
    pub disturbance: Disturbance,
    /// Validity of the figures.
    pub validity: Validity,
    /// Verdict on the promise.
    pub verdict: Verdict,
}

impl Measurement {
    /// Whether the interval of the median rate reaches at most `permille` thousandths of it up and
    /// down, from enough rounds for that interval to hold.
    pub fn is_precise(&self, permille: u32) -> bool {
        let (middle, (low, high)) = (self.rate.median, self.rate_interval);
        let reach = middle * f64::from(permille) / 1000.0;
        self.round_count >= PRECISE_FROM_ROUNDS && middle - low <= reach && high - middle <= reach
    }

    /// Heap bytes that it holds.
    pub fn bytes_held(&self) -> usize {
        let of = |it: &ModelFit| it.reachable.len() + it.seen.len() * size_of::<ObservedValue>();
        let histograms = self.histograms.as_ref().map_or(0, |it| it.bytes_held());
        let lists = self.wait_ranks.len() * size_of::<u64>()
            + self.worker_shares.len() * size_of::<WorkerShare>();
        self.modelled.as_ref().map_or(0, of) + lists + histograms
    }
}

#[cfg(test)]
#[path = "tests/measurement.rs"]
pub(crate) mod tests;
