//! Observations to a measurement: counts with intervals, medians with quartiles, a verdict. Pure:
//! knows no thread, clock or wire.

use strategies::catalog::Promise;
use strategies::tally::{Tally, Times};
use strategies::workload::Workload;

use crate::attempt::{CpuTime, Observation};
use crate::plan::Cell;

/// The standard normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;
/// Below this median overlap the workers ran one after the other.
const SEQUENTIAL_BELOW: f64 = 0.1;

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

/// A share with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Share {
    /// The observed share, 0 to 1.
    pub fraction: f64,
    /// Lower end at 95 %.
    pub low: f64,
    /// Upper end at 95 %.
    pub high: f64,
}

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

/// Times of one kind, over all attempts; in nanoseconds, absent where nothing was timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimesSummary {
    /// How many were timed.
    pub count: u64,
    /// 10th percentile.
    pub p10_ns: Option<u64>,
    /// Median.
    pub p50_ns: Option<u64>,
    /// 90th percentile.
    pub p90_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
    /// Longest.
    pub max_ns: Option<u64>,
}

impl TimesSummary {
    fn of(times: &Times) -> Self {
        let at = |q| times.quantile_ns(q);
        Self {
            count: times.count(),
            p10_ns: at(0.1),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            max_ns: times.max_ns(),
        }
    }
}

/// Statistics of a cell over its attempts so far.
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
    /// Whether the figures mean what they seem to.
    pub validity: Validity,
    /// What became of the promise.
    pub verdict: Verdict,
}

/// A cell's observations so far; grows by 56 bytes an attempt.
#[derive(Debug)]
pub struct Series {
    cell: Cell,
    step_cost_measured_ns: f64,
    attempts: Vec<Attempt>,
    round_shares: Vec<f64>,
    tally: Tally,
    cpu: CpuTime,
}

/// What the medians need of one attempt.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    total: u64,
    expected: u64,
    duration_ns: u64,
    overlap: f64,
    jain: f64,
    switches: u64,
    requests: u64,
}

impl Attempt {
    fn is_correct(&self) -> bool {
        self.total == self.expected
    }

    /// Share of the increments that is missing; negative if more was counted than done.
    fn lost(&self) -> f64 {
        (self.expected as f64 - self.total as f64) / (self.expected as f64).max(1.0)
    }

    fn per_second(&self, count: u64) -> f64 {
        count as f64 * 1e9 / self.duration_ns as f64
    }

    /// No strategy can count more than was done, and the last store of all leaves at least 1.
    fn is_possible(&self) -> bool {
        (self.expected.min(1)..=self.expected).contains(&self.total)
    }
}

impl Series {
    /// No observations yet.
    pub fn new(cell: Cell, step_cost_measured_ns: f64) -> Self {
        Self {
            cell,
            step_cost_measured_ns,
            attempts: Vec::new(),
            round_shares: Vec::new(),
            tally: Tally::default(),
            cpu: CpuTime::default(),
        }
    }

    /// Adds the observations of one round.
    pub fn add_round(&mut self, round: &[Observation]) {
        let attempts = round.iter().map(|seen| self.attempt(seen));
        let attempts: Vec<_> = attempts.collect();
        let correct = attempts.iter().filter(|attempt| attempt.is_correct()).count();
        if !round.is_empty() {
            self.round_shares.push(correct as f64 / round.len() as f64);
        }
        self.attempts.extend(attempts);
        for seen in round {
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
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is no attempt yet.
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    /// The statistics as they stand.
    pub fn measurement(&self) -> Measurement {
        let correct = self.attempts.iter().filter(|attempt| attempt.is_correct()).count();
        let correct = u32::try_from(correct).unwrap_or(u32::MAX);
        let totals = || self.attempts.iter().map(|a| a.total);
        let overlap = self.spread(|a| a.overlap).median;
        let switches = self.switches();
        let has_requests = self.tally.requests > 0;
        Measurement {
            attempts: self.len(),
            correct,
            correct_share: wilson(correct, self.len()),
            rounds: range(&self.round_shares),
            round_count: u32::try_from(self.round_shares.len()).unwrap_or(u32::MAX),
            observed: (totals().min().unwrap_or(0), totals().max().unwrap_or(0)),
            lost: self.spread(Attempt::lost),
            duration_ns: self.spread(|a| a.duration_ns as f64),
            rate: self.spread(|a| a.per_second(a.expected)),
            jain: self.spread(|a| a.jain).median,
            overlap,
            switches,
            switch_rate: switches.map(|_| self.spread(|a| a.per_second(a.switches))),
            hand_over_ns_p50: self.tally.hand_overs.quantile_ns(0.5),
            waits: TimesSummary::of(&self.tally.waits),
            slices: TimesSummary::of(&self.tally.slices),
            wait_ranks: self.wait_ranks(),
            cpu: self.cpu,
            requests: self.tally.requests,
            request_rate: has_requests.then(|| self.spread(|a| a.per_second(a.requests))),
            latencies: TimesSummary::of(&self.tally.latencies),
            step_cost_measured_ns: self.step_cost_measured_ns,
            validity: self.validity(overlap),
            verdict: self.verdict(correct),
        }
    }

    fn spread(&self, of: impl Fn(&Attempt) -> f64) -> Spread {
        let mut values: Vec<f64> = self.attempts.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |q| quantile(&values, q);
        Spread { low: at(0.25), median: at(0.5), high: at(0.75) }
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
        if !self.attempts.iter().all(Attempt::is_possible) {
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

/// Wilson's score interval at 95 % (Wilson 1927): stays within 0 to 1 and says something of 0 of n.
pub fn wilson(hits: u32, of: u32) -> Share {
    if of == 0 {
        return Share { fraction: 0.0, low: 0.0, high: 1.0 };
    }
    let (n, p) = (f64::from(of), f64::from(hits) / f64::from(of));
    let z2 = Z_95 * Z_95;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    // At the ends the interval touches 0 or 1 exactly; floats would miss it by a hair.
    let low = if hits == 0 { 0.0 } else { middle - half };
    let high = if hits == of { 1.0 } else { middle + half };
    Share { fraction: p, low, high }
}

/// The value that a share `q` of sorted values does not exceed, interpolated between neighbours;
/// 0 without values.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let position = q * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to len")]
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() { (0.0, 0.0) } else { (low, high) }
}

#[cfg(test)]
#[path = "measure_tests.rs"]
pub(crate) mod tests;
