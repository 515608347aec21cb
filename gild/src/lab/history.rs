//! What can be done with what is kept: go on, forget, prune, take to another lab, look back. Runs
//! nothing by itself: the lane does.

use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tempfile::TempPath;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::record::{Kind, Record};
use crate::store::sqlite::reader::Outdated;
use engine::jobs::job::Job;
use engine::jobs::owner::Owner;
use engine::jobs::state::{State, StopReason, Transition};
use engine::limits::CELLS_MAX;
use engine::measure::accumulator::CellAccumulator;
use engine::measure::measurement::Measurement;
use engine::measure::model::prediction::predictions;
use engine::plan::sweep_plan::Plan;
use engine::stats::two_sample::Sample;
use engine::sys::clock::unix_time_ns;

/// What may be kept; whatever breaks one of the bounds goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Only what was created in the last so much time.
    pub keep: Option<Duration>,
    /// Only so many of the newest of each kind.
    pub keep_newest: Option<u32>,
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// It goes.
    Forget,
    /// It is only said what would go.
    DryRun,
}

impl Lab {
    /// Queues what is missing of a sweep that was interrupted or cancelled, durably; how many
    /// attempts those are.
    pub fn resume(&self, id: &str) -> Result<(Record, u64), LabError> {
        // Two who resume at once would run it twice.
        let _making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        let record = self.sweep(id)?;
        let refused = |reason: String| LabError::NotResumable { id: id.to_owned(), reason };
        if !record.imported_from.is_empty() {
            let reason = format!(
                "it was measured elsewhere ({}), and one result is of one machine; `gilctl rerun` \
                 runs it anew",
                record.imported_from
            );
            return Err(refused(reason));
        }
        match record.state {
            State::Interrupted | State::Cancelled => {}
            State::Succeeded => {
                return Err(refused("nothing is missing; `gilctl rerun` runs it anew".into()));
            }
            State::Failed => {
                return Err(refused(format!(
                    "it failed ({}); `gilctl rerun` runs it anew",
                    record.error
                )));
            }
            State::Queued | State::Running | State::Cancelling => {
                return Err(refused("it has not ended; `gilctl watch` follows it".into()));
            }
        }
        let missing = record.attempts_requested - record.attempts.min(record.attempts_requested);
        let live = self.revive(&record)?;
        if !self.0.history.requeue(id)? {
            return Err(refused(
                "somebody else was faster; `gilctl show` says how it stands".into(),
            ));
        }
        self.0.sweeps.add(Arc::clone(&live));
        if let Err(refused) = self.0.lane.push(Job::Sweep(live.clone())) {
            // It waits no longer than the lane would have it: as it was.
            let reason = match record.state {
                State::Cancelled => {
                    let _ = live.apply(Transition::Cancel);
                    StopReason::Cancelled
                }
                _ => StopReason::Interrupted,
            };
            let _ = Job::Sweep(live).end_unstarted(&self.0.logs, reason);
            return Err(refused.into());
        }
        Ok((self.sweep(id)?, missing))
    }

    /// Forgets a work that has ended.
    pub fn forget(&self, kind: Kind, id: &str) -> Result<(), LabError> {
        let record = self.record(kind, id)?;
        if !record.state.is_terminal() {
            return Err(LabError::Unended { kind: kind.word(), state: record.state });
        }
        self.0.history.forget(&record.id)?;
        Ok(())
    }

    /// Forgets what is old, one after the other, or says what would go; oldest first. What was
    /// resumed or forgotten meanwhile is left out, and so is what a full disk has no room to forget,
    /// unless that is all: what is smaller makes room for it.
    pub fn prune(&self, retention: Retention, prune: Prune) -> Result<Vec<Outdated>, LabError> {
        let oldest_ns = retention.keep.map(|keep| {
            unix_time_ns().saturating_sub(u64::try_from(keep.as_nanos()).unwrap_or(u64::MAX))
        });
        let outdated = self.0.history.outdated(oldest_ns, retention.keep_newest)?;
        if prune == Prune::DryRun {
            return Ok(outdated);
        }
        let (mut gone, mut no_room) = (Vec::new(), None);
        for one in outdated {
            match self.0.history.forget(&one.id) {
                Ok(true) => gone.push(one),
                Ok(false) => {}
                Err(error @ HistoryError::NoRoom { .. }) => no_room = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        match no_room {
            Some(error) if gone.is_empty() => Err(error.into()),
            _ => Ok(gone),
        }
    }

    /// One ended sweep as a file, which goes when it is dropped.
    pub fn export(&self, id: &str) -> Result<TempPath, LabError> {
        let record = self.sweep(id)?;
        if !record.state.is_terminal() {
            return Err(LabError::Unended { kind: record.kind.word(), state: record.state });
        }
        Ok(self.0.history.export(id)?)
    }

    /// Takes a sweep from such a file.
    pub fn import(&self, file: TempPath, owner: Owner) -> Result<Record, LabError> {
        let id = self.0.history.import(file, owner, codec::origin)?;
        self.sweep(&id)
    }

    /// Bodies per second of each cell of a sweep, the median of each round.
    pub fn rates(&self, record: &Record) -> Result<Vec<Vec<f64>>, LabError> {
        let mut cells: Vec<Vec<f64>> = Vec::new();
        let rates = self.0.history.rates(record)?;
        for round in rates.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let cell = round[0].0;
            if cell >= CELLS_MAX {
                continue;
            }
            cells.resize(cells.len().max(cell + 1), Vec::new());
            let median = Sample::new(round.iter().map(|(_, _, rate)| *rate).collect()).median();
            cells[cell].push(median);
        }
        Ok(cells)
    }

    /// A stored sweep's plan and measurements, computed again from its attempts. May take seconds.
    pub fn look_back(&self, record: &Record) -> Result<(Plan, Vec<Option<Measurement>>), LabError> {
        let plan = self.plan(&codec::wish_of(&record.resource)?)?;
        let predicted = predictions(&plan.cells, &|| true);
        let cells = plan.cells.iter().zip(predicted);
        let mut series: Vec<CellAccumulator> = cells
            .map(|(&cell, prediction)| CellAccumulator::new(cell, 0.0).predicted(prediction))
            .collect();
        // It is never enough.
        let _ = self.0.history.each_turn(record.number, &mut |turn| {
            if let Some(series) = series.get_mut(turn.cell) {
                series.restore_turn(turn, plan.seed);
            }
            ControlFlow::Continue(())
        })?;
        let of =
            |series: &CellAccumulator| (!series.is_empty()).then(|| series.final_measurement());
        let measurements = series.iter().map(of).collect();
        Ok((plan, measurements))
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
