//! Accumulator of a cell's observations, in bounded memory, and its conversion to a measurement.

use strategies::catalog::Promise;
use strategies::harness::counters::WorkerStats;
use strategies::harness::durations::Durations;

use crate::exec::attempt::Observation;
use crate::exec::timed::Timed;
use crate::limits::TIMED_SAMPLE_MAX;
use crate::measure::attempt_stats::{Attempt, Attempts};
use crate::measure::contention::Contention;
use crate::measure::measurement::{Histograms, Measurement, Switches, Verdict};
use crate::measure::model::model_fit::{ModelFit, ObservedValue};
use crate::measure::model::prediction::{Grade, Prediction, lost_by_law};
use crate::measure::turn::StoredTurn;
use crate::measure::validity::{Disturbance, validity};
use crate::plan::cell::Cell;
use crate::plan::seed::of_attempt;
use crate::plan::turns::PlannedTurn;
use crate::stats::descriptive::{TimesSummary, wilson};
use crate::stats::fairness::WorkerShares;
use crate::stats::reservoir::Reservoir;
use crate::stats::two_sample::Sample;
use crate::sys::rusage::{ContextSwitches, CpuTime};
use strategies::harness::rng::SplitMix64;

/// A cell's observations so far, in bounded memory.
#[derive(Debug)]
pub struct CellAccumulator {
    cell: Cell,
    step_cost_measured_ns: f64,
    attempts: Attempts,
    grade: Option<Grade>,
    timed: Reservoir<Timed>,
    longest_ns: u64,
    tally: WorkerStats,
    worker_shares: WorkerShares,
    cpu: CpuTime,
    context_switches: Option<ContextSwitches>,
    prediction: Option<Prediction>,
    impossible: Option<(u64, u64)>,
    /// Interference with its turns, as their runner measured it.
    pub disturbance: Disturbance,
}

impl CellAccumulator {
    /// No observations yet.
    pub fn new(cell: Cell, step_cost_measured_ns: f64) -> Self {
        Self {
            cell,
            step_cost_measured_ns,
            attempts: Attempts::new(),
            grade: None,
            timed: Reservoir::new(TIMED_SAMPLE_MAX),
            longest_ns: 0,
            tally: WorkerStats::default(),
            worker_shares: WorkerShares::default(),
            cpu: CpuTime::default(),
            context_switches: Some(ContextSwitches::default()),
            prediction: None,
            impossible: None,
            disturbance: Disturbance::default(),
        }
    }

    /// Adds the model's prediction for the cell; to be called before the first attempt.
    #[must_use]
    pub fn predicted(self, prediction: Option<Prediction>) -> Self {
        Self { prediction, ..self }
    }

    /// Keeps the seed of the first attempt with an impossible value.
    pub fn keep_impossible(&mut self, total: u64, seed: u64) {
        let graded = self.prediction.as_ref().map(|prediction| prediction.grade(total));
        if graded == Some(Grade::Impossible) {
            self.impossible.get_or_insert((total, seed));
        }
    }

    /// Whether these observations break the cell's promise or contain an impossible value.
    pub fn is_broken_by(&self, seen: &[Observation]) -> bool {
        let promise = self.cell.subject.promise(&self.cell.workload, self.cell.workers);
        let prediction = self.prediction.as_ref();
        let grade = |total| prediction.map(|prediction| prediction.grade(total));
        let is_torn =
            |seen: &Observation| seen.tally.probe.overlapped > 0 || seen.tally.torn_reads > 0;
        if promise == Promise::Exact && seen.iter().any(is_torn) {
            return true;
        }
        seen.iter().map(|seen| self.attempt(seen)).any(|attempt| {
            let is_wrong = promise == Promise::Exact && !attempt.is_correct();
            is_wrong || !attempt.is_possible() || grade(attempt.total) == Some(Grade::Impossible)
        })
    }

    /// Adds the observations of one round.
    pub fn add_round(&mut self, round: &[Observation]) {
        let attempts: Vec<_> = round.iter().map(|seen| self.attempt(seen)).collect();
        self.attempts.add_round(attempts.into_iter());
        for seen in round {
            let grade = self.prediction.as_ref().map(|prediction| prediction.grade(seen.total));
            self.grade = self.grade.max(grade);
            self.tally.merge(&seen.tally);
            self.worker_shares.merge(&seen.worker_shares);
            self.cpu = self.cpu.plus(seen.cpu);
            if let Some(timed) = seen.timed.as_deref() {
                self.longest_ns = self.longest_ns.max(timed.longest_ns);
                self.timed.add(*timed);
            }
            let both = self.context_switches.zip(seen.context_switches);
            self.context_switches = both.map(|(sum, seen)| sum.plus(seen));
        }
    }

    /// Adds a turn's observations, and keeps the seed of an impossible value.
    pub fn add_turn(&mut self, seen: &[Observation], sweep_seed: u64, turn: PlannedTurn) {
        self.add_round(seen);
        for (seen, attempt) in seen.iter().zip(turn.first_attempt..) {
            self.keep_impossible(seen.total, of_attempt(sweep_seed, turn.cell, attempt));
        }
    }

    /// Adds a turn that an earlier run has stored.
    pub fn restore_turn(&mut self, kept: &StoredTurn, sweep_seed: u64) {
        let StoredTurn { sequence: _, cell, round, first_attempt, ref seen, disturbance } = *kept;
        let attempts = u32::try_from(seen.len()).unwrap_or(u32::MAX);
        self.add_turn(seen, sweep_seed, PlannedTurn { cell, round, first_attempt, attempts });
        self.disturbance = disturbance;
    }

    /// Bodies done per second in an attempt.
    pub fn rate(&self, seen: &Observation) -> f64 {
        self.attempt(seen).rate
    }

    fn attempt(&self, seen: &Observation) -> Attempt {
        let Observation {
            total,
            duration_ns,
            overlap,
            jain,
            worker_shares: _,
            ref tally,
            cpu: _,
            context_switches: _,
            ref timed,
        } = *seen;
        let expected = expected(&self.cell, tally);
        let whole = expected as f64 * 1e9 / duration_ns as f64;
        Attempt {
            total,
            expected,
            rate: timed.as_ref().map_or(whole, |timed| timed.rate),
            duration_ns,
            overlap: timed.as_ref().map_or(overlap, |timed| timed.overlap),
            jain: timed.as_ref().map_or(jain, |timed| timed.jain_whole),
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

    /// Bodies per second, the median of each round.
    pub fn rates(&self) -> Sample {
        self.attempts.rates()
    }

    /// Upper bound of [`Self::bytes_held`].
    pub const BYTES_HELD_MAX: usize =
        Attempts::BYTES_HELD_MAX + TIMED_SAMPLE_MAX * size_of::<Timed>();

    /// Heap bytes held, without the histograms of times, which have their own bound.
    pub fn bytes_held(&self) -> usize {
        self.attempts.bytes_held() + self.timed.bytes_held()
    }

    /// The statistics so far.
    pub fn measurement(&self) -> Measurement {
        let correct = self.attempts.correct;
        let rate = self.attempts.spread(|a| a.rate);
        let overlap = self.attempts.spread(|a| a.overlap).median;
        let switches = self.switches();
        let has_requests = self.tally.requests > 0;
        let (waits, hand_overs) = self.waits_and_hand_overs();
        let hand_overs = TimesSummary::of(hand_overs);
        let contention = Contention::of(self.timed.kept(), self.longest_ns, &self.tally);
        let validity = validity(&self.cell, overlap, &self.disturbance, contention.as_ref());
        Measurement {
            attempts: self.len(),
            correct,
            correct_share: wilson(correct.into(), self.len().into()),
            rounds: self.attempts.rounds(),
            round_count: self.attempts.round_count,
            observed: self.attempts.finals.range(),
            lost: self.attempts.spread(Attempt::lost),
            lost_increments: self
                .cell
                .is_judged_by_increments()
                .then(|| self.attempts.lost_increments()),
            duration_ns: self.attempts.spread(|a| a.duration_ns as f64),
            rate,
            rate_interval: self.rate_interval(rate.median),
            jain: self.attempts.spread(|a| a.jain).median,
            overlap,
            switches,
            switch_rate: switches.map(|_| self.attempts.spread(|a| a.per_second(a.switches))),
            hand_overs: hand_overs.count,
            hand_over_ns_p50: hand_overs.p50_ns,
            hand_over_ns_p99: hand_overs.p99_ns,
            hand_over_ns_max: hand_overs.max_ns,
            waits: TimesSummary::of(waits),
            slices: TimesSummary::of(&self.tally.slices),
            wait_ranks: self.wait_ranks(),
            cpu: self.cpu,
            cpu_ns_per_increment: self.cpu_ns_per_increment(),
            context_switches: self.context_switches,
            requests: self.tally.requests,
            request_rate: has_requests.then(|| self.attempts.spread(|a| a.per_second(a.requests))),
            latencies: TimesSummary::of(&self.tally.latencies),
            histograms: None,
            worker_shares: Vec::new(),
            step_cost_measured_ns: self.step_cost_measured_ns,
            contention,
            modelled: self.modelled(),
            lost_predicted: lost_by_law(&self.cell, self.switches_per_attempt()),
            disturbance: self.disturbance,
            validity,
            verdict: self.verdict(correct),
        }
    }

    /// The bootstrap's interval of the median rate, over rounds. Where rounds are of few attempts, and
    /// these of two kinds, the median of rounds may lie far from that of attempts, which is the figure
    /// that is shown: the interval reaches to it.
    fn rate_interval(&self, shown: f64) -> (f64, f64) {
        // One fixed stream: the draws depend only on the number of values.
        let (low, high) = self.rates().median_interval(&mut SplitMix64::of(&[0]));
        (low.min(shown), high.max(shown))
    }

    /// The statistics with the list of observed values, the histograms and the shares of workers, for the
    /// end of the cell.
    pub fn final_measurement(&self) -> Measurement {
        let mut measurement = self.measurement();
        if let (Some(modelled), Some(prediction)) = (&mut measurement.modelled, &self.prediction) {
            modelled.seen = self.seen(prediction);
        }
        measurement.histograms = Some(Box::new(self.histograms()));
        // Turns of an earlier version know none.
        if self.worker_shares.attempts == self.len() {
            measurement.worker_shares.clone_from(&self.worker_shares.workers);
        }
        measurement
    }

    fn histograms(&self) -> Histograms {
        let (waits, hand_overs) = self.waits_and_hand_overs();
        Histograms {
            waits: waits.to_hdr_deflated(),
            hand_overs: hand_overs.to_hdr_deflated(),
            slices: self.tally.slices.to_hdr_deflated(),
            latencies: self.tally.latencies.to_hdr_deflated(),
        }
    }

    fn modelled(&self) -> Option<ModelFit> {
        let prediction = self.prediction.as_ref()?;
        Some(ModelFit {
            reachable: prediction.reachable.clone(),
            tightness: prediction.tightness,
            correct: prediction.chance(self.cell.workload.expected()),
            grade: self.grade,
            impossible: self.impossible,
            seen: Vec::new(),
        })
    }

    fn seen(&self, prediction: &Prediction) -> Vec<ObservedValue> {
        let seen = |(value, times)| ObservedValue {
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
        let WorkerStats { switches_forced: forced, switches_voluntary: voluntary, .. } = self.tally;
        self.cell.subject.counts_switches().then_some(Switches { forced, voluntary })
    }

    /// Those that watching workers saw, where they could; else what the strategy itself counts.
    fn waits_and_hand_overs(&self) -> (&Durations, &Durations) {
        let WorkerStats { waits, hand_overs, probe, .. } = &self.tally;
        if probe.acquisitions.count() > 0 {
            (&probe.acquisitions, &probe.hand_overs)
        } else {
            (waits, hand_overs)
        }
    }

    fn cpu_ns_per_increment(&self) -> f64 {
        let bodies = self.tally.increments + self.tally.reads;
        (self.cpu.user_ns + self.cpu.system_ns) as f64 / bodies.max(1) as f64
    }

    fn wait_ranks(&self) -> Vec<u64> {
        let ranks = self.tally.wait_ranks;
        let used = ranks.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        ranks[..used].to_vec()
    }

    fn verdict(&self, correct: u32) -> Verdict {
        if self.is_empty() {
            return Verdict::Invalid;
        }
        if self.impossible.is_some() || !self.attempts.are_possible {
            return Verdict::Broken;
        }
        // Overlapping sections without a lost update are chance, not correctness.
        let is_whole = self.tally.probe.overlapped == 0 && self.tally.torn_reads == 0;
        match self.cell.subject.promise(&self.cell.workload, self.cell.workers) {
            _ if correct == self.len() && is_whole => Verdict::Kept,
            Promise::Exact => Verdict::Broken,
            Promise::Lossy => Verdict::Lost,
        }
    }
}

/// The expected total of an attempt: planned, unless workers increment until other workers are
/// done.
pub fn expected(cell: &Cell, tally: &WorkerStats) -> u64 {
    if cell.workload.is_endless() { tally.increments } else { cell.workload.expected() }
}
