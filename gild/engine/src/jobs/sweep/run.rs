//! One sweep from start to end: turns on the executor, each stored as an event.

use std::ops::ControlFlow;
use std::time::Instant;

use strategies::machine::native::busy_work::BusyWork;
use strategies::machine::native::memory;

use crate::exec::attempt::{AttemptError, Observation};
use crate::exec::executor::Executor;
use crate::jobs::event::sink::{AppendError, EventSink};
use crate::jobs::event::sweep::SweepEvent;
use crate::jobs::job::{Job, JobKind, RunError};
use crate::jobs::state::{StopReason, Transition};
use crate::jobs::sweep::end::{Summary, TurnsEnd, end, end_unread};
use crate::jobs::sweep::job::Sweep;
use crate::measure::accumulator::CellAccumulator;
use crate::measure::measurement::Measurement;
use crate::measure::model::prediction::predictions;
use crate::measure::overhead::Overhead;
use crate::measure::reruns::{RerunPolicy, TurnInterference};
use crate::measure::turn::{Expected, Turn};
use crate::plan::cell::Cell;
use crate::plan::seed::of_attempt;
use crate::plan::turns::PlannedTurn;
use crate::python::line_process::withheld_variables;
use crate::report::notes::{overhead_note, withheld_note};
use crate::sys::host::Host;
use crate::sys::interference::Interference;
use crate::sys::rusage::CpuTime;

impl JobKind for Sweep {
    fn name(&self) -> &'static str {
        "sweep"
    }

    fn attempts(&self) -> Option<(u64, u64)> {
        Some((self.attempts_done(), self.plan.attempts()))
    }

    fn run(
        &self,
        job: &Job,
        executor: &mut Executor,
        sink: &dyn EventSink,
    ) -> Result<(), RunError> {
        job.lifecycle().apply(Transition::Start)?;
        sink.append(job.id(), SweepEvent::Started(Host::detect()).into())?;
        // The step cost is one for all cells of a sweep.
        let requested_ns = self.plan.cells.first().map_or(0, |cell| cell.workload.step_cost_ns);
        let step_ns = BusyWork::measured().check_ns(requested_ns);
        let mut run = SweepRun::new(job, self, sink, step_ns);
        run.predict();
        let stop_reason = || job.lifecycle().stop_reason().unwrap_or(StopReason::Interrupted);
        match run.restore(&|| run_on(job)) {
            Ok(Restored::All | Restored::Nothing) => run.end_complete_cells()?,
            Ok(Restored::Part) => return end_unread(job, self, sink, stop_reason(), None),
            Err(problem) => return end_unread(job, self, sink, stop_reason(), Some(&problem)),
        }
        let turns = run.turns(executor);
        executor.clear();
        let turns = turns?;
        run.end_cells()?;
        let mut summary = run.summary();
        summary.notes.extend(executor.note());
        end(job, sink, turns, summary)
    }

    fn end_unstarted(
        &self,
        job: &Job,
        sink: &dyn EventSink,
        reason: StopReason,
    ) -> Result<(), RunError> {
        let mut run = SweepRun::new(job, self, sink, 0.0);
        match run.restore(&|| true) {
            // What an earlier run has stored of the cells stays as it is.
            Ok(Restored::All) => run.end_complete_cells()?,
            Ok(Restored::Nothing) => run.end_cells()?,
            Ok(Restored::Part) => return end_unread(job, self, sink, reason, None),
            Err(problem) => return end_unread(job, self, sink, reason, Some(&problem)),
        }
        end(job, sink, TurnsEnd::Stopped(reason), run.summary())
    }

    fn end_panicked(&self, job: &Job, sink: &dyn EventSink) -> Result<(), RunError> {
        let error = AttemptError::Panicked("the lab itself, while it ran this sweep".into());
        // Summarising the measurements may be what panicked.
        end(job, sink, TurnsEnd::Failed(error), Summary::of(&self.plan, &[]))
    }
}

/// How much of an earlier run was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restored {
    All,
    /// A stop came first.
    Part,
    /// There was no earlier run.
    Nothing,
}

/// A sweep that is running, or that ends without running.
struct SweepRun<'a> {
    job: &'a Job,
    sweep: &'a Sweep,
    sink: &'a dyn EventSink,
    cells: Vec<CellAccumulator>,
    /// Which cells need no further turn.
    ended: Vec<bool>,
    overhead: Overhead,
}

/// The attempts of one turn.
struct TurnAttempts {
    observations: Vec<Observation>,
    ended: Result<(), AttemptError>,
}

/// Whether nothing asks a job to stop.
fn run_on(job: &Job) -> bool {
    job.lifecycle().stop_reason().is_none()
}

impl<'a> SweepRun<'a> {
    fn new(job: &'a Job, sweep: &'a Sweep, sink: &'a dyn EventSink, step_ns: f64) -> Self {
        let cells = &sweep.plan.cells;
        let ended = vec![false; cells.len()];
        let cells = cells.iter().map(|&cell| CellAccumulator::new(cell, step_ns)).collect();
        Self { job, sweep, sink, cells, ended, overhead: Overhead::default() }
    }

    fn append(&self, event: SweepEvent) -> Result<(), AppendError> {
        self.sink.append(self.job.id(), event.into()).map(drop)
    }

    /// Computes the prediction of each cell, so that values can be judged as they come.
    fn predict(&mut self) {
        let cells = std::mem::take(&mut self.cells).into_iter();
        let predicted = cells.zip(predictions(&self.sweep.plan.cells, &|| run_on(self.job)));
        self.cells = predicted.map(|(cell, prediction)| cell.predicted(prediction)).collect();
        memory::give_back();
    }

    /// Restores what an earlier run has stored, as if it had just been measured.
    fn restore(&mut self, go_on: &dyn Fn() -> bool) -> Result<Restored, AppendError> {
        let Some(previous_run) = self.sweep.take_previous_run() else {
            return Ok(Restored::Nothing);
        };
        let (cells, seed) = (&mut self.cells, self.sweep.plan.seed);
        let restored = previous_run.replay_turns(&mut |turn| {
            if let Some(cell) = cells.get_mut(turn.cell) {
                cell.restore_turn(turn, seed);
            }
            if go_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let ControlFlow::Continue(complete) = restored else { return Ok(Restored::Part) };
        for cell in complete {
            if let Some(ended) = self.ended.get_mut(cell) {
                *ended = true;
            }
        }
        Ok(Restored::All)
    }

    /// Ends each restored cell that is complete: a lab may die between the last turn of a cell and
    /// the event that ends it.
    fn end_complete_cells(&mut self) -> Result<(), AppendError> {
        let is_complete = |cell: &usize| self.is_complete(*cell, &self.cells[*cell].measurement());
        let begun = (0..self.cells.len()).filter(|&cell| !self.cells[cell].is_empty());
        let complete: Vec<usize> = begun.filter(is_complete).collect();
        complete.into_iter().try_for_each(|cell| self.end_cell(cell))
    }

    fn turns(&mut self, executor: &mut Executor) -> Result<TurnsEnd, RunError> {
        let mut reruns = RerunPolicy::new(executor.snapshot());
        for turn in self.sweep.plan.turns() {
            if self.ended[turn.cell] {
                continue;
            }
            let Some(turn) = turn.after(self.cells[turn.cell].len()) else { continue };
            let ended = self.turn(executor, turn, &mut reruns)?;
            match (ended, self.job.lifecycle().stop_reason()) {
                (Ok(()), None) => {}
                (Err(error @ (AttemptError::Stuck(_) | AttemptError::Panicked(_))), _)
                | (Err(error), None) => return Ok(TurnsEnd::Failed(error)),
                // Other errors of an attempt that was stopped are a result of the stop.
                (_, Some(reason)) => return Ok(TurnsEnd::Stopped(reason)),
            }
        }
        Ok(TurnsEnd::Finished)
    }

    /// One turn, stored with as many of its attempts as were completed. Run again, with the same
    /// seeds, while the machine was too busy.
    fn turn(
        &mut self,
        executor: &mut Executor,
        turn: PlannedTurn,
        policy: &mut RerunPolicy,
    ) -> Result<Result<(), AttemptError>, RunError> {
        let mut reruns = 0;
        loop {
            // A worker that comes back during the turn was out when it started.
            let is_degraded = executor.is_degraded();
            let TurnAttempts { observations, ended } = self.attempts(executor, turn);
            let interference = policy.end_turn(turn.cell, executor.snapshot());
            // Interference is not measured after an error: the CPU time of an interpreter that was
            // killed is lost.
            if ended.is_ok() {
                self.attribute(&interference.attributed);
                if self.may_discard(turn, &observations) && policy.repeats(&interference, reruns) {
                    self.sweep.discard_attempts(observations.len());
                    reruns += 1;
                    self.cells[turn.cell].disturbance.reruns += 1;
                    continue;
                }
                policy.keep(&interference);
                self.add_interference(turn, &interference);
            }
            let is_degraded = is_degraded || (ended.is_ok() && executor.is_degraded());
            let degraded_turns = &mut self.cells[turn.cell].disturbance.degraded_turns;
            *degraded_turns += u32::from(is_degraded && !observations.is_empty());
            if !observations.is_empty() {
                self.store_turn(turn, observations)?;
            }
            return Ok(ended);
        }
    }

    /// Whether a complete turn may be discarded and run again: the sweep goes on, and no
    /// observation breaks a guarantee.
    fn may_discard(&self, turn: PlannedTurn, observations: &[Observation]) -> bool {
        run_on(self.job) && !self.cells[turn.cell].is_broken_by(observations)
    }

    /// Adds the interference during a turn to its cell.
    fn add_interference(&mut self, turn: PlannedTurn, interference: &TurnInterference) {
        let disturbance = &mut self.cells[turn.cell].disturbance;
        disturbance.noisy_turns += u32::from(interference.is_noisy());
        if let Some(noise) = interference.noise {
            disturbance.add(noise);
        }
    }

    /// Adds interference of earlier turns that is known only now; too late for a cell that has
    /// ended.
    fn attribute(&mut self, attributed: &[(usize, Interference)]) {
        for &(cell, interference) in attributed {
            if !self.ended[cell] {
                self.cells[cell].disturbance.add(interference);
            }
        }
    }

    fn attempts(&mut self, executor: &mut Executor, turn: PlannedTurn) -> TurnAttempts {
        let plan = &self.sweep.plan;
        let cell = plan.cells[turn.cell];
        let (started, process) = (Instant::now(), executor.process_used());
        let mut ended = Ok(());
        let mut observations: Vec<Observation> = Vec::new();
        for attempt in turn.first_attempt..turn.first_attempt + turn.attempts {
            let seed = of_attempt(plan.seed, turn.cell, attempt);
            let abort = self.job.lifecycle().abort_on_stop();
            match executor.attempt(&cell, plan.pin, seed, &abort) {
                Ok(mut observation) => {
                    self.sweep.count_attempt();
                    // One set of histograms and of shares per turn: they are only read together.
                    if let Some(first) = observations.first_mut() {
                        first.tally.take_durations_from(&mut observation.tally);
                        first.worker_shares.merge(&std::mem::take(&mut observation.worker_shares));
                    }
                    observations.push(observation);
                }
                Err(error) => {
                    ended = Err(error);
                    break;
                }
            }
        }
        if let (Ok(()), Some(now), Some(before)) = (&ended, executor.process_used(), process) {
            let workers = workers_cpu(&cell, &observations);
            self.overhead.add_turn(now.since(before).cpu, workers, started.elapsed());
        }
        TurnAttempts { observations, ended }
    }

    fn store_turn(&mut self, turn: PlannedTurn, seen: Vec<Observation>) -> Result<(), AppendError> {
        let sweep_seed = self.sweep.plan.seed;
        self.cells[turn.cell].add_turn(&seen, sweep_seed, turn);
        let cell = &self.cells[turn.cell];
        let measurement = cell.measurement();
        let is_complete = self.is_complete(turn.cell, &measurement);
        let is_endless = self.sweep.plan.cells[turn.cell].workload.is_endless();
        let event = Turn {
            sweep_seed,
            cell: turn.cell,
            round: turn.round,
            first_attempt: turn.first_attempt,
            rates: seen.iter().map(|seen| cell.rate(seen)).collect(),
            seen,
            expected: if is_endless { Expected::OfAttempt } else { Expected::OfCell },
            disturbance: cell.disturbance,
            measurement,
        };
        self.append(SweepEvent::Turn(Box::new(event)))?;
        if is_complete { self.end_cell(turn.cell) } else { Ok(()) }
    }

    /// Whether a cell that measured so needs no further turn.
    fn is_complete(&self, position: usize, measurement: &Measurement) -> bool {
        let plan = &self.sweep.plan;
        let precision = plan.early_end.precision_permille(&plan.cells[position]);
        measurement.attempts == plan.cells[position].attempts
            || precision.is_some_and(|permille| measurement.is_precise(permille))
    }

    /// Stores the end of a cell that is complete, once.
    fn end_cell(&mut self, position: usize) -> Result<(), AppendError> {
        if !self.ended[position] {
            let measurement = Box::new(self.cells[position].final_measurement());
            let complete = true;
            self.append(SweepEvent::CellEnded { cell: position, complete, measurement })?;
            self.ended[position] = true;
        }
        Ok(())
    }

    /// Stores the end of each cell that is not complete.
    fn end_cells(&self) -> Result<(), AppendError> {
        for (position, cell) in self.cells.iter().enumerate() {
            if !self.ended[position] {
                let measurement = Box::new(cell.final_measurement());
                let complete = false;
                self.append(SweepEvent::CellEnded { cell: position, complete, measurement })?;
            }
        }
        Ok(())
    }

    fn summary(&self) -> Summary {
        let mut summary = Summary::of(&self.sweep.plan, &self.cells);
        summary.notes.extend(self.sweep.moved().map(str::to_owned));
        summary.notes.extend(withheld_note(&self.sweep.plan, &withheld_variables()));
        summary.notes.extend(overhead_note(&self.overhead));
        summary
    }
}

/// CPU time that the workers of a turn took of this process; the threads of an interpreter belong to
/// another process.
fn workers_cpu(cell: &Cell, observations: &[Observation]) -> CpuTime {
    let own = observations.iter().filter(|_| !cell.subject.is_python());
    own.fold(CpuTime::default(), |sum, seen| sum.plus(seen.cpu))
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
