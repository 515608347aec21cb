//! One sweep from start to end: turns on the crew, each stored as an event. Called by the lane's
//! thread; names neither an executor nor the wire.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use strategies::machine::native::busy_work::BusyWork;
use strategies::machine::native::memory;

use crate::exec::attempt::{AttemptError, Observation};
use crate::exec::executor::Executor;
use crate::jobs::event::{AppendError, EventSink, SweepEvent};
use crate::jobs::state::{IllegalTransition, StopReason, Transition};
use crate::jobs::sweep::job::SweepJob;
use crate::limits::PRECISE_FROM_ROUNDS;
use crate::measure::accumulator::CellAccumulator;
use crate::measure::measurement::Measurement;
use crate::measure::model::prediction::predictions;
use crate::measure::overhead::Overhead;
use crate::measure::reruns::{RerunPolicy, TurnInterference};
use crate::measure::turn::{Expected, Turn};
use crate::plan::cell::Cell;
use crate::plan::seed::of_attempt;
use crate::plan::sweep_plan::Plan;
use crate::plan::turns::PlannedTurn;
use crate::report::notes::{notes, overhead_note};
use crate::report::verdict;
use crate::stats::two_sample::Sample;
use crate::sys::host::Host;
use crate::sys::interference::Interference;
use crate::sys::rusage::CpuTime;

/// Why a sweep's log could not be kept: a bug, or a sweep that was forgotten while it ran.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state machine refused.
    #[error(transparent)]
    Transition(#[from] IllegalTransition),
    /// The store refused.
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// Runs a queued sweep to its end.
pub fn run(
    live: &SweepJob,
    stage: &mut Executor,
    store: &Arc<dyn EventSink>,
) -> Result<(), RunError> {
    live.apply(Transition::Start)?;
    store.append(&live.id, SweepEvent::Started(Host::detect()))?;
    // The step cost is one for all cells of a sweep.
    let asked_ns = live.plan.cells.first().map_or(0, |cell| cell.workload.step_cost_ns);
    let mut running = Running::new(live, store, BusyWork::measured().check_ns(asked_ns));
    running.predict();
    let stopped = || live.stop_reason().unwrap_or(StopReason::Interrupted);
    match running.recall(&|| live.stop_reason().is_none()) {
        Ok(Recalled::All | Recalled::Nothing) => running.end_complete_cells()?,
        Ok(Recalled::Part) => return end_unread(live, store, stopped(), None),
        Err(problem) => return end_unread(live, store, stopped(), Some(&problem)),
    }
    let outcome = running.turns(stage);
    stage.clear();
    let outcome = outcome?;
    running.end_cells()?;
    let mut words = running.words();
    words.notes.extend(stage.note());
    end(live, store, outcome, words)
}

/// Ends a sweep that never ran.
pub fn end_unstarted(
    live: &SweepJob,
    store: &Arc<dyn EventSink>,
    reason: StopReason,
) -> Result<(), RunError> {
    let mut running = Running::new(live, store, 0.0);
    match running.recall(&|| true) {
        // What an earlier run has told of the cells stays as it is.
        Ok(Recalled::All) => running.end_complete_cells()?,
        Ok(Recalled::Nothing) => running.end_cells()?,
        Ok(Recalled::Part) => return end_unread(live, store, reason, None),
        Err(problem) => return end_unread(live, store, reason, Some(&problem)),
    }
    end(live, store, Outcome::Stopped(reason), running.words())
}

/// Ends a sweep whose earlier run was not read to its end, since that was not possible or nobody
/// wanted it: it is as it was, and may go on later.
fn end_unread(
    live: &SweepJob,
    store: &Arc<dyn EventSink>,
    reason: StopReason,
    problem: Option<&AppendError>,
) -> Result<(), RunError> {
    let (done, all) = (live.progress().attempts, live.plan.attempts());
    let why =
        problem.map_or(String::new(), |problem| format!(", but not readable now ({problem})"));
    let verdict = format!(
        "Ended before it went on: {done} of {all} attempts are stored{why}; `gilctl resume` runs \
         the others."
    );
    end(live, store, Outcome::Stopped(reason), Words { verdict, notes: Vec::new() })
}

/// Ends a sweep whose run panicked: a bug, which must not leave its watchers waiting.
pub fn end_panicked(live: &SweepJob, store: &Arc<dyn EventSink>) -> Result<(), RunError> {
    let error = AttemptError::Panicked("the lab itself, while it ran this sweep".into());
    // What was measured may be what it stumbled over.
    end(live, store, Outcome::Failed(error), Words::of(&live.plan, &[]))
}

/// What there was of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recalled {
    All,
    /// Somebody wanted the sweep to stop.
    Part,
    Nothing,
}

/// How the turns ended.
enum Outcome {
    Finished,
    Stopped(StopReason),
    Failed(AttemptError),
}

struct Running<'a> {
    live: &'a SweepJob,
    store: &'a Arc<dyn EventSink>,
    series: Vec<CellAccumulator>,
    /// Which cells need no further turn.
    ended: Vec<bool>,
    own: Overhead,
}

/// A cell's share of a round as it went.
struct Round {
    seen: Vec<Observation>,
    ended: Result<(), AttemptError>,
}

impl<'a> Running<'a> {
    fn new(live: &'a SweepJob, store: &'a Arc<dyn EventSink>, measured_ns: f64) -> Self {
        let series =
            live.plan.cells.iter().map(|&cell| CellAccumulator::new(cell, measured_ns)).collect();
        let ended = vec![false; live.plan.cells.len()];
        Self { live, store, series, ended, own: Overhead::default() }
    }

    /// Says beforehand what each cell may come to, so that values can be judged as they come.
    fn predict(&mut self) {
        let series = std::mem::take(&mut self.series).into_iter();
        let go_on = || self.live.stop_reason().is_none();
        let predicted = series.zip(predictions(&self.live.plan.cells, &go_on));
        self.series = predicted.map(|(series, prediction)| series.predicted(prediction)).collect();
        memory::give_back();
    }

    /// Goes on from what an earlier run has stored, as if that had just been seen.
    fn recall(&mut self, go_on: &dyn Fn() -> bool) -> Result<Recalled, AppendError> {
        let Some(earlier) = self.live.take_earlier() else { return Ok(Recalled::Nothing) };
        let (series, seed) = (&mut self.series, self.live.plan.seed);
        let recalled = earlier.recall(&mut |kept| {
            if let Some(series) = series.get_mut(kept.cell) {
                series.restore_turn(kept, seed);
            }
            if go_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let ControlFlow::Continue(complete) = recalled else { return Ok(Recalled::Part) };
        for cell in complete {
            if let Some(ended) = self.ended.get_mut(cell) {
                *ended = true;
            }
        }
        Ok(Recalled::All)
    }

    /// A lab may die between a cell's last turn and what is said of it.
    fn end_complete_cells(&mut self) -> Result<(), AppendError> {
        let begun = (0..self.series.len()).filter(|&cell| !self.series[cell].is_empty());
        begun.collect::<Vec<_>>().into_iter().try_for_each(|cell| self.end_if_complete(cell))
    }

    fn turns(&mut self, stage: &mut Executor) -> Result<Outcome, RunError> {
        let mut watch = RerunPolicy::new(stage.snapshot());
        for turn in self.live.plan.turns() {
            if self.ended[turn.cell] {
                continue;
            }
            let Some(turn) = turn.after(self.series[turn.cell].len()) else { continue };
            let ended = self.turn(stage, turn, &mut watch)?;
            match (ended, self.live.stop_reason()) {
                (Ok(()), None) => {}
                (Err(error @ (AttemptError::Stuck(_) | AttemptError::Panicked(_))), _)
                | (Err(error), None) => return Ok(Outcome::Failed(error)),
                // Whatever else went wrong while it was stopped, it was stopped.
                (_, Some(reason)) => return Ok(Outcome::Stopped(reason)),
            }
        }
        Ok(Outcome::Finished)
    }

    /// One turn, stored with as many of its attempts as were completed. Run again, with the same
    /// seeds, while the machine was too busy.
    fn turn(
        &mut self,
        stage: &mut Executor,
        turn: PlannedTurn,
        watch: &mut RerunPolicy,
    ) -> Result<Result<(), AttemptError>, RunError> {
        let mut reruns = 0;
        loop {
            // One that comes back meanwhile was there at the start.
            let is_degraded = stage.is_degraded();
            let round = self.attempts(stage, turn);
            let watched = watch.end_turn(turn.cell, stage.snapshot());
            // After an error nothing is said of noise: an interpreter that was ended took its
            // account along.
            if round.ended.is_ok() {
                self.tell(&watched.attributed);
                if self.may_discard(turn, &round.seen) && watch.repeats(&watched, reruns) {
                    self.live.discard_attempts(round.seen.len());
                    reruns += 1;
                    self.series[turn.cell].disturbance.reruns += 1;
                    continue;
                }
                watch.keep(&watched);
                self.disturb(turn, &watched);
            }
            let is_degraded = is_degraded || (round.ended.is_ok() && stage.is_degraded());
            let degraded_turns = &mut self.series[turn.cell].disturbance.degraded_turns;
            *degraded_turns += u32::from(is_degraded && !round.seen.is_empty());
            if !round.seen.is_empty() {
                self.store_turn(turn, round.seen)?;
            }
            return Ok(round.ended);
        }
    }

    /// Whether a complete turn may be run again as if it had not been: nobody wants the sweep to
    /// stop, and nothing was seen that must not be forgotten.
    fn may_discard(&self, turn: PlannedTurn, seen: &[Observation]) -> bool {
        self.live.stop_reason().is_none() && !self.series[turn.cell].is_broken_by(seen)
    }

    /// A turn counts with the noise around it.
    fn disturb(&mut self, turn: PlannedTurn, watched: &TurnInterference) {
        let disturbance = &mut self.series[turn.cell].disturbance;
        disturbance.noisy_turns += u32::from(watched.is_noisy());
        if let Some(noise) = watched.noise {
            disturbance.add(noise);
        }
    }

    /// What is learnt of a cell that has ended comes too late for its row.
    fn tell(&mut self, told: &[(usize, Interference)]) {
        for &(cell, noise) in told {
            if !self.ended[cell] {
                self.series[cell].disturbance.add(noise);
            }
        }
    }

    fn attempts(&mut self, stage: &mut Executor, turn: PlannedTurn) -> Round {
        let cell = self.live.plan.cells[turn.cell];
        let (started, process) = (Instant::now(), stage.process_used());
        let mut ended = Ok(());
        let mut observations: Vec<Observation> = Vec::new();
        for attempt in turn.first_attempt..turn.first_attempt + turn.attempts {
            let seed = of_attempt(self.live.plan.seed, turn.cell, attempt);
            match stage.attempt(&cell, self.live.plan.pin, seed, &self.live.begin_attempt()) {
                Ok(mut observation) => {
                    self.live.count_attempt();
                    // One set of histograms a turn: they are only ever looked at together.
                    if let Some(first) = observations.first_mut() {
                        first.tally.take_durations_from(&mut observation.tally);
                    }
                    observations.push(observation);
                }
                Err(error) => {
                    ended = Err(error);
                    break;
                }
            }
        }
        if let (Ok(()), Some(now), Some(before)) = (&ended, stage.process_used(), process) {
            let workers = workers_cpu(&cell, &observations);
            self.own.add_turn(now.since(before).cpu, workers, started.elapsed());
        }
        Round { seen: observations, ended }
    }

    fn store_turn(&mut self, turn: PlannedTurn, seen: Vec<Observation>) -> Result<(), AppendError> {
        let sweep_seed = self.live.plan.seed;
        let series = &mut self.series[turn.cell];
        series.add_turn(&seen, sweep_seed, turn);
        let measurement = series.measurement();
        let is_endless = self.live.plan.cells[turn.cell].workload.is_endless();
        let event = Turn {
            sweep_seed,
            cell: turn.cell,
            round: turn.round,
            first_attempt: turn.first_attempt,
            rates: seen.iter().map(|seen| series.rate(seen)).collect(),
            seen,
            expected: if is_endless { Expected::OfAttempt } else { Expected::OfCell },
            disturbance: series.disturbance,
            measurement,
        };
        self.store.append(&self.live.id, SweepEvent::Turn(Box::new(event)))?;
        self.end_if_complete(turn.cell)
    }

    /// A cell that needs no further turn says so once.
    fn end_if_complete(&mut self, cell: usize) -> Result<(), AppendError> {
        let (series, plan) = (&self.series[cell], &self.live.plan);
        let complete = series.len() == plan.cells[cell].attempts
            || is_precise(&series.measurement(), &series.rates(), plan.precision_permille);
        if complete && !self.ended[cell] {
            let measurement = Box::new(series.final_measurement());
            self.store
                .append(&self.live.id, SweepEvent::CellEnded { cell, complete, measurement })?;
            self.ended[cell] = true;
        }
        Ok(())
    }

    /// Says of each cell that is not complete what there is of it.
    fn end_cells(&self) -> Result<(), AppendError> {
        for (cell, series) in self.series.iter().enumerate() {
            if !self.ended[cell] {
                let measurement = Box::new(series.final_measurement());
                let ended = SweepEvent::CellEnded { cell, complete: false, measurement };
                self.store.append(&self.live.id, ended)?;
            }
        }
        Ok(())
    }

    /// What is said of it all.
    fn words(&self) -> Words {
        let mut words = Words::of(&self.live.plan, &self.series);
        words.notes.extend(overhead_note(&self.own));
        words
    }
}

/// Whether the median rate is known as well as was asked for.
fn is_precise(measured: &Measurement, rates: &Sample, precision_permille: Option<u32>) -> bool {
    let Measurement { rate_interval: (low, high), round_count, .. } = measured;
    let median = rates.median();
    precision_permille.is_some_and(|permille| {
        let reach = median * f64::from(permille) / 1000.0;
        let is_within = median - low <= reach && high - median <= reach;
        *round_count >= PRECISE_FROM_ROUNDS && is_within
    })
}

/// What a turn's workers took of the process's time; an interpreter's threads are another
/// process's.
fn workers_cpu(cell: &Cell, observations: &[Observation]) -> CpuTime {
    let own = observations.iter().filter(|_| !cell.subject.is_python());
    own.fold(CpuTime::default(), |sum, seen| sum.plus(seen.cpu))
}

/// A sweep's last words.
struct Words {
    verdict: String,
    notes: Vec<String>,
}

impl Words {
    fn of(plan: &Plan, series: &[CellAccumulator]) -> Self {
        let measurements: Vec<_> = series.iter().map(CellAccumulator::measurement).collect();
        let rates: Vec<_> = series.iter().map(CellAccumulator::rates).collect();
        let verdict = verdict::verdict(plan, &measurements, &rates);
        Self { verdict, notes: notes(plan, &measurements) }
    }
}

/// The last event, and the state that goes with it.
fn end(
    live: &SweepJob,
    store: &Arc<dyn EventSink>,
    outcome: Outcome,
    Words { verdict, notes }: Words,
) -> Result<(), RunError> {
    let (transition, error) = match outcome {
        Outcome::Finished => (Transition::Finish, String::new()),
        Outcome::Failed(error) => (Transition::Fail, error.to_string()),
        Outcome::Stopped(StopReason::Cancelled) => (Transition::End, String::new()),
        Outcome::Stopped(StopReason::Interrupted) => (Transition::Interrupt, String::new()),
    };
    live.end(transition, &error, |state| {
        let error = error.clone();
        store.append(&live.id, SweepEvent::Ended { state, verdict, notes, error })?;
        Ok(())
    })
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
