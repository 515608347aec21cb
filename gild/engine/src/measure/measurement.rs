//! What is known of a cell once it was measured: counts with intervals, medians with quartiles, a
//! verdict. Pure: knows no thread, clock or wire.

use crate::measure::contention::Contention;
use crate::measure::model::model_fit::{ModelFit, ObservedValue};
use crate::measure::validity::Disturbance;
use crate::measure::validity::Validity;
use crate::stats::descriptive::{Share, Spread, TimesSummary};
use crate::sys::rusage::{ContextSwitches, CpuTime};

/// What became of a cell's promise.
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
    /// After which the former holder had to leave.
    pub forced: u64,
    /// After which it left by itself.
    pub voluntary: u64,
}

/// Statistics of a cell over its attempts so far. Counts, ranges and grades are of all attempts,
/// and so are quantiles of times. Medians and quartiles over attempts are of all up to
/// [`SAMPLE_MAX`](crate::limits::SAMPLE_MAX) attempts, and of a random sample of so many beyond.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Attempts so far.
    pub attempts: u32,
    /// Those whose final value was the expected one.
    pub correct: u32,
    /// Their share.
    pub correct_share: Share,
    /// Least and greatest share of a round.
    pub rounds: (f64, f64),
    /// Rounds so far.
    pub round_count: u32,
    /// Least and greatest final value.
    pub observed: (u64, u64),
    /// (expected - final) / expected.
    pub lost: Spread,
    /// Duration of an attempt in nanoseconds.
    pub duration_ns: Spread,
    /// Bodies done per second: increments, and reads where there are any.
    pub rate: Spread,
    /// The interval of its median at 95 %, by a bootstrap (see [`crate::stats::two_sample`]).
    pub rate_interval: (f64, f64),
    /// Jain's index of the workers' increments; median.
    pub jain: f64,
    /// Share of the time in which two workers were at work; median.
    pub overlap: f64,
    /// Hand-overs; `None` without a lock.
    pub switches: Option<Switches>,
    /// Hand-overs per second; `None` without a lock.
    pub switch_rate: Option<Spread>,
    /// Hand-overs that were timed.
    pub hand_overs: u64,
    /// Median time from letting go to having, in nanoseconds.
    pub hand_over_ns_p50: Option<u64>,
    /// The time that one hand-over in a hundred exceeds, in nanoseconds.
    pub hand_over_ns_p99: Option<u64>,
    /// Waits that were timed.
    pub waits: TimesSummary,
    /// How long the lock was kept until it had to be let go.
    pub slices: TimesSummary,
    /// How often the longest waiter got the lock, the second longest and so on; empty where no such
    /// account is kept.
    pub wait_ranks: Vec<u64>,
    /// The workers' time on a processor, all attempts.
    pub cpu: CpuTime,
    /// The same per body done, in nanoseconds.
    pub cpu_ns_per_increment: f64,
    /// How often they left it, all attempts; `None` where it is not counted.
    pub context_switches: Option<ContextSwitches>,
    /// Requests made, all attempts.
    pub requests: u64,
    /// Requests answered per second; `None` without any.
    pub request_rate: Option<Spread>,
    /// How long they took.
    pub latencies: TimesSummary,
    /// What a step of the asked cost really takes, in nanoseconds.
    pub step_cost_measured_ns: f64,
    /// The lock under load; `None` unless workers incremented for a time.
    pub contention: Option<Contention>,
    /// What the model says of it; `None` where it does not apply.
    pub modelled: Option<ModelFit>,
    /// The share that a long run loses by the rare-switch law, where it applies.
    pub lost_predicted: Option<f64>,
    /// How the machine disturbed its turns.
    pub disturbance: Disturbance,
    /// Whether the figures mean what they seem to.
    pub validity: Validity,
    /// What became of the promise.
    pub verdict: Verdict,
}

impl Measurement {
    /// Heap bytes that it holds.
    pub fn bytes_held(&self) -> usize {
        let of = |it: &ModelFit| it.reachable.len() + it.seen.len() * size_of::<ObservedValue>();
        self.modelled.as_ref().map_or(0, of) + self.wait_ranks.len() * size_of::<u64>()
    }
}

#[cfg(test)]
#[path = "tests/measurement.rs"]
pub(crate) mod tests;
