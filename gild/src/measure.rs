//! Observations to a measurement: counts with intervals, medians with quartiles, a verdict. Pure:
//! knows no thread, clock or wire. What it keeps does not grow with the attempts.

use strategies::catalog::Promise;
use strategies::model::reach::Tightness;
use strategies::tally::Tally;
use strategies::workload::Workload;

use crate::attempt::{CpuTime, Observation};
use crate::attempts::{Attempt, Attempts};
use crate::compare::Sample;
use crate::plan::Cell;
use crate::predict::{Grade, Prediction, lost_by_law};
use crate::seed::Stream;
pub use crate::statistics::{Share, Spread, TimesSummary, wilson};

/// Below this median overlap the workers ran one after the other.
const SEQUENTIAL_BELOW: f64 = 0.1;

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

/// Whether the figures mean what they seem to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// The workers ran as the cell says.
    Ok,
    /// Their times hardly overlapped: being right proves little here.
    Sequential,
}

/// Switches of a lock, over all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// After which the former holder had to leave.
    pub forced: u64,
    /// After which it left by itself.
    pub voluntary: u64,
}

/// Statistics of a cell over its attempts so far. Counts, ranges and grades are of all attempts, and so
/// are quantiles of times. Medians and quartiles over attempts are of all up to
/// [`SAMPLE_MAX`](crate::config::SAMPLE_MAX) attempts, and of a random sample of so many beyond.
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
    /// Increments done per second.
    pub rate: Spread,
    /// The interval of its median at 95 %, by a bootstrap (see [`crate::compare`]).
    pub rate_interval: (f64, f64),
    /// Jain's index of the workers' increments; median.
    pub jain: f64,
    /// Share of the time in which two workers were at work; median.
    pub overlap: f64,
    /// Hand-overs; `None` without a lock.
    pub switches: Option<Switches>,
    /// Hand-overs per second; `None` without a lock.
    pub switch_rate: Option<Spread>,
    /// Median time from letting go to having, in nanoseconds.
    pub hand_over_ns_p50: Option<u64>,
    /// Waits that were timed.
    pub waits: TimesSummary,
    /// How long the lock was kept until it had to be let go.
    pub slices: TimesSummary,
    /// How often the longest waiter got the lock, the second longest and so on; empty where no such
    /// account is kept.
    pub wait_ranks: Vec<u64>,
    /// The workers' time on a processor, all attempts.
    pub cpu: CpuTime,
    /// Requests made, all attempts.
    pub requests: u64,
    /// Requests answered per second; `None` without any.
    pub request_rate: Option<Spread>,
    /// How long they took.
    pub latencies: TimesSummary,
    /// What a step of the asked cost really takes, in nanoseconds.
    pub step_cost_measured_ns: f64,
    /// What the model says of it; `None` where it does not apply.
    pub modelled: Option<Modelled>,
    /// The share that a long run loses by the rare-switch law, where it applies.
    pub lost_predicted: Option<f64>,
    /// Whether the figures mean what they seem to.
    pub validity: Validity,
    /// What became of the promise.
    pub verdict: Verdict,
}

impl Measurement {
    /// Bytes that it holds besides itself.
    pub fn bytes_held(&self) -> usize {
        let of = |it: &Modelled| it.reachable.len() + it.seen.len() * size_of::<Seen>();
        self.modelled.as_ref().map_or(0, of) + self.wait_ranks.len() * size_of::<u64>()
    }
}

/// What was seen beside what can come out.
#[derive(Debug, Clone, PartialEq)]
pub struct Modelled {
    /// All that can come out, in words.
    pub reachable: String,
    /// Whether each of that can really be reached.
    pub tightness: Tightness,
    /// How likely the expected value is if at each step all who may move are equally likely.
    pub correct: Option<f64>,
    /// The worst grade of the values seen; `None` before the first.
    pub grade: Option<Grade>,
    /// The first impossible value, and the seed of its attempt.
    pub impossible: Option<(u64, u64)>,
    /// The values seen, least first; at most [`SEEN_MAX`], and none before the cell's end.
    pub seen: Vec<Seen>,
}

/// Most values that a cell's end lists one by one.
pub const SEEN_MAX: usize = 64;

/// A final value that was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The counter.
    pub value: u64,
    /// In how many attempts.
    pub times: u32,
    /// How likely it is by chance, where that was computed.
    pub probability: Option<f64>,
    /// How it stands to the model.
    pub grade: Grade,
}

/// A cell's observations so far, in bounded memory.
#[derive(Debug)]
pub struct Series {
    cell: Cell,
    step_cost_measured_ns: f64,
    attempts: Attempts,
    grade: Option<Grade>,
    tally: Tally,
    cpu: CpuTime,
    prediction: Option<Prediction>,
    impossible: Option<(u64, u64)>,
}

impl Series {
    /// No observations yet.
    pub fn new(cell: Cell, step_cost_measured_ns: f64) -> Self {
        Self {
            cell,
            step_cost_measured_ns,
            attempts: Attempts::new(),
            grade: None,
            tally: Tally::default(),
            cpu: CpuTime::default(),
            prediction: None,
            impossible: None,
        }
    }

    /// The same, to be judged by what the model says of the cell. Before the first attempt.
    #[must_use]
    pub fn predicted(self, prediction: Option<Prediction>) -> Self {
        Self { prediction, ..self }
    }

    /// Keeps the seed of the first attempt whose value no schedule leads to.
    pub fn keep_impossible(&mut self, total: u64, seed: u64) {
        let graded = self.prediction.as_ref().map(|prediction| prediction.grade(total));
        if graded == Some(Grade::Impossible) {
            self.impossible.get_or_insert((total, seed));
        }
    }

    /// Adds the observations of one round.
    pub fn add_round(&mut self, round: &[Observation]) {
        let attempts: Vec<_> = round.iter().map(|seen| self.attempt(seen)).collect();
        self.attempts.add_round(attempts.into_iter());
        for seen in round {
            let grade = self.prediction.as_ref().map(|prediction| prediction.grade(seen.total));
            self.grade = self.grade.max(grade);
            self.tally.merge(&seen.tally);
            self.cpu = self.cpu.plus(seen.cpu);
        }
    }

    fn attempt(&self, seen: &Observation) -> Attempt {
        let Observation { total, duration_ns, overlap, jain, ref tally, cpu: _ } = *seen;
        Attempt {
            total,
            expected: expected(&self.cell, tally),
            duration_ns,
            overlap,
            jain,
            switches: tally.switches(),
            requests: tally.requests,
        }
    }

    /// Attempts so far.
    pub fn len(&self) -> u32 {
        self.attempts.count
    }

    /// Whether there is no attempt yet.
    pub fn is_empty(&self) -> bool {
        self.attempts.count == 0
    }

    /// Increments per second of each attempt in the sample.
    pub fn rates(&self) -> Sample {
        self.attempts.rates()
    }

    /// The most that [`Self::bytes_held`] comes to.
    pub const BYTES_HELD_MAX: usize = Attempts::BYTES_HELD_MAX;

    /// Bytes that it holds besides itself and the histograms of times, which have a bound of their own.
    pub fn bytes_held(&self) -> usize {
        self.attempts.bytes_held()
    }

    /// The statistics as they stand.
    pub fn measurement(&self) -> Measurement {
        let correct = self.attempts.correct;
        let overlap = self.attempts.spread(|a| a.overlap).median;
        let switches = self.switches();
        let has_requests = self.tally.requests > 0;
        Measurement {
            attempts: self.len(),
            correct,
            correct_share: wilson(correct, self.len()),
            rounds: self.attempts.rounds(),
            round_count: self.attempts.round_count,
            observed: self.attempts.finals.range(),
            lost: self.attempts.spread(Attempt::lost),
            duration_ns: self.attempts.spread(|a| a.duration_ns as f64),
            rate: self.attempts.spread(Attempt::rate),
            // One stream for all: how a cell's values are drawn depends on their number alone.
            rate_interval: self.rates().median_interval(&mut Stream::of(&[0])),
            jain: self.attempts.spread(|a| a.jain).median,
            overlap,
            switches,
            switch_rate: switches.map(|_| self.attempts.spread(|a| a.per_second(a.switches))),
            hand_over_ns_p50: self.tally.hand_overs.quantile_ns(0.5),
            waits: TimesSummary::of(&self.tally.waits),
            slices: TimesSummary::of(&self.tally.slices),
            wait_ranks: self.wait_ranks(),
            cpu: self.cpu,
            requests: self.tally.requests,
            request_rate: has_requests.then(|| self.attempts.spread(|a| a.per_second(a.requests))),
            latencies: TimesSummary::of(&self.tally.latencies),
            step_cost_measured_ns: self.step_cost_measured_ns,
            modelled: self.modelled(),
            lost_predicted: lost_by_law(&self.cell, self.switches_per_attempt()),
            validity: self.validity(overlap),
            verdict: self.verdict(correct),
        }
    }

    /// The same with the values that were seen, for the cell's end.
    pub fn final_measurement(&self) -> Measurement {
        let mut measurement = self.measurement();
        if let (Some(modelled), Some(prediction)) = (&mut measurement.modelled, &self.prediction) {
            modelled.seen = self.seen(prediction);
        }
        measurement
    }

    fn modelled(&self) -> Option<Modelled> {
        let prediction = self.prediction.as_ref()?;
        Some(Modelled {
            reachable: prediction.reachable.clone(),
            tightness: prediction.tightness,
            correct: prediction.chance(self.cell.workload.expected()),
            grade: self.grade,
            impossible: self.impossible,
            seen: Vec::new(),
        })
    }

    fn seen(&self, prediction: &Prediction) -> Vec<Seen> {
        let seen = |(value, times)| Seen {
            value,
            times,
            probability: prediction.chance(value),
            grade: prediction.grade(value),
        };
        self.attempts.finals.least().map(seen).collect()
    }

    fn switches_per_attempt(&self) -> Option<f64> {
        self.switches().map(|_| self.attempts.spread(|attempt| attempt.switches as f64).median)
    }

    fn switches(&self) -> Option<Switches> {
        let Tally { switches_forced: forced, switches_voluntary: voluntary, .. } = self.tally;
        self.cell.subject.counts_switches().then_some(Switches { forced, voluntary })
    }

    fn wait_ranks(&self) -> Vec<u64> {
        let ranks = self.tally.wait_ranks;
        let used = ranks.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        ranks[..used].to_vec()
    }

    fn validity(&self, overlap: f64) -> Validity {
        let Workload { tasks, service, .. } = self.cell.workload;
        // Who makes requests sleeps most of the time.
        let alone = self.cell.workers == 1 || tasks == 1 || service.is_some();
        if alone || overlap >= SEQUENTIAL_BELOW { Validity::Ok } else { Validity::Sequential }
    }

    fn verdict(&self, correct: u32) -> Verdict {
        if self.is_empty() {
            return Verdict::Invalid;
        }
        if self.impossible.is_some() || !self.attempts.are_possible {
            return Verdict::Broken;
        }
        match self.cell.subject.promise(&self.cell.workload, self.cell.workers) {
            _ if correct == self.len() => Verdict::Kept,
            Promise::Exact => Verdict::Broken,
            Promise::Lossy => Verdict::Lost,
        }
    }
}

/// What an attempt should have counted: known before, unless its workers went on until others were
/// done.
pub fn expected(cell: &Cell, tally: &Tally) -> u64 {
    match cell.workload.service {
        None => cell.workload.expected(),
        Some(_) => tally.increments,
    }
}

#[cfg(test)]
#[path = "measure_tests.rs"]
pub(crate) mod tests;
