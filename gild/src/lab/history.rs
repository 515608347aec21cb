//! Use cases of stored jobs: resume, delete, prune, export, import, recompute. Runs nothing itself:
//! the scheduler does.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempPath;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::record::{Kind, Outdated, Record};
use engine::jobs::owner::Owner;
use engine::jobs::state::{State, StopReason, Transition};
use engine::limits::CELLS_MAX;
use engine::measure::accumulator::CellAccumulator;
use engine::measure::measurement::Measurement;
use engine::measure::model::prediction::predictions;
use engine::plan::check::labels;
use engine::plan::sweep_plan::Plan;
use engine::stats::lost_increments::{IncrementCounts, LostIncrements};
use engine::sys::clock::unix_time_ns;

/// Bounds of retention; a job that breaks one of them is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Longest time since a job was created.
    pub keep: Option<Duration>,
    /// Most jobs of each kind; the newest are kept.
    pub keep_newest: Option<u32>,
    /// The owners whose jobs are counted and deleted; `None` stands for all.
    pub owners: Option<Vec<Owner>>,
}

/// Whether pruning deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// The outdated jobs are deleted.
    Delete,
    /// The outdated jobs are only listed.
    DryRun,
}

impl Lab {
    /// Replaces the labels of a sweep in any state, durably. Labels change nothing that is measured.
    pub fn label(&self, id: &str, labels: Vec<String>) -> Result<Record, LabError> {
        labels::check(&labels)?;
        let record = self.record(Kind::Sweep, id)?;
        self.0.history.label(&record, labels)?;
        self.record(Kind::Sweep, id)
    }

    /// Queues the missing attempts of a sweep that was interrupted or cancelled, durably; returns how
    /// many they are.
    pub fn resume(&self, id: &str) -> Result<(Record, u64), LabError> {
        // Two requests at once would run it twice.
        let _creating = self.0.create_lock.lock();
        let record = self.record(Kind::Sweep, id)?;
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
        let job = self.rebuild(&record)?;
        if !self.0.history.requeue(id)? {
            return Err(refused(
                "another request has resumed it; `gilctl show` prints its state".into(),
            ));
        }
        self.0.jobs.add(Arc::clone(&job));
        if let Err(refused) = self.0.scheduler.push(Arc::clone(&job)) {
            // It ends in the state that it had before.
            let reason = match record.state {
                State::Cancelled => {
                    let _ = job.lifecycle().apply(Transition::Cancel);
                    StopReason::Cancelled
                }
                _ => StopReason::Interrupted,
            };
            let _ = job.end_unstarted(&*self.0.sink, reason);
            return Err(refused.into());
        }
        Ok((self.record(Kind::Sweep, id)?, missing))
    }

    /// Deletes a job that has ended.
    pub fn delete(&self, kind: Kind, id: &str) -> Result<(), LabError> {
        let record = self.record(kind, id)?;
        if !record.state.is_terminal() {
            let (kind, id, state) = (kind.word(), record.id, record.state);
            return Err(LabError::Unended { kind, id, state });
        }
        self.0.history.delete(&record.id)?;
        Ok(())
    }

    /// Deletes the outdated jobs one after the other, oldest first, or only lists them. Jobs that were
    /// resumed or deleted meanwhile are skipped. So are jobs that are too large to delete on a full
    /// disk, because smaller ones make room for them; it is an error only if nothing could be
    /// deleted.
    pub fn prune(&self, retention: &Retention, prune: Prune) -> Result<Vec<Outdated>, LabError> {
        let oldest_ns = retention.keep.map(|keep| {
            unix_time_ns().saturating_sub(u64::try_from(keep.as_nanos()).unwrap_or(u64::MAX))
        });
        let outdated = self.0.history.outdated(
            oldest_ns,
            retention.keep_newest,
            retention.owners.as_deref(),
        )?;
        if prune == Prune::DryRun {
            return Ok(outdated);
        }
        let (mut deleted, mut no_room) = (Vec::new(), None);
        for one in outdated {
            match self.0.history.delete(&one.id) {
                Ok(true) => deleted.push(one),
                Ok(false) => {}
                Err(error @ HistoryError::NoRoom { .. }) => no_room = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        match no_room {
            Some(error) if deleted.is_empty() => Err(error.into()),
            _ => Ok(deleted),
        }
    }

    /// Writes an ended sweep to a file, which is deleted when it is dropped.
    pub fn export(&self, id: &str) -> Result<TempPath, LabError> {
        let record = self.record(Kind::Sweep, id)?;
        if !record.state.is_terminal() {
            let (kind, id, state) = (record.kind.word(), record.id, record.state);
            return Err(LabError::Unended { kind, id, state });
        }
        Ok(self.0.history.export(id)?)
    }

    /// Adds the sweep of such a file to the history.
    pub fn import(&self, file: TempPath, owner: Owner) -> Result<Record, LabError> {
        let id = self.0.history.import(file, owner, codec::origin)?;
        self.record(Kind::Sweep, &id)
    }

    /// Lost increments of each cell of a sweep, from its stored attempts; only those of cells whose
    /// attempts differ in their increments mean something.
    pub fn lost_increments(&self, record: &Record) -> Result<Vec<LostIncrements>, LabError> {
        let mut cells: Vec<Vec<IncrementCounts>> = Vec::new();
        for (cell, counts) in self.0.history.increments(record)? {
            if cell < CELLS_MAX {
                cells.resize(cells.len().max(cell + 1), Vec::new());
                cells[cell].push(counts);
            }
        }
        Ok(cells.iter().map(|rounds| LostIncrements::of(rounds)).collect())
    }

    /// The plan and the measurements of a stored sweep, computed again from its attempts. May take
    /// seconds.
    pub fn recompute(&self, record: &Record) -> Result<(Plan, Vec<Option<Measurement>>), LabError> {
        let plan = self.plan(&codec::sweep_spec(&record.resource)?)?;
        let predicted = predictions(&plan.cells, &|| true);
        let cells = plan.cells.iter().zip(predicted);
        let mut accumulators: Vec<CellAccumulator> = cells
            .map(|(&cell, prediction)| CellAccumulator::new(cell, 0.0).predicted(prediction))
            .collect();
        // Never broken off.
        let _ = self.0.history.each_turn(record.number, &mut |turn| {
            if let Some(cell) = accumulators.get_mut(turn.cell) {
                cell.restore_turn(turn, plan.seed);
            }
            ControlFlow::Continue(())
        })?;
        let measurement =
            |cell: &CellAccumulator| (!cell.is_empty()).then(|| cell.final_measurement());
        let measurements = accumulators.iter().map(measurement).collect();
        Ok((plan, measurements))
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
