//! Use cases of explorations, and replays of schedules.

use std::sync::Arc;

use strategies::explore::estimate::{Estimate, estimate};
use strategies::explore::query::ScheduleString;
use strategies::program::limit::within;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::store::codec;
use crate::store::record::Record;
use engine::exec::replay::replay_on_threads;
use engine::jobs::exploration::job::{Exploration, ExplorationSpec};
use engine::jobs::job::JobKind;
use engine::jobs::owner::Owner;
use engine::jobs::registry::new_id;
use engine::jobs::replay::Replay;
use engine::limits::PLAYED_MOVES_MAX;

/// The results of an exploration so far, as encoded events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOutcomes {
    /// The final values, in order.
    pub outcomes: Vec<Vec<u8>>,
    /// The last event, if there is one.
    pub ended: Option<Vec<u8>>,
}

impl Lab {
    /// Checks every limit of an exploration and estimates its cost. Takes up to a second.
    pub fn estimate(&self, spec: &ExplorationSpec) -> Result<Estimate, LabError> {
        Ok(estimate(&spec.query, &spec.options)?)
    }

    /// Queues an exploration, or returns the one that the same request created before; durable when
    /// this returns.
    pub fn explore(
        &self,
        spec: ExplorationSpec,
        request_id: &str,
        owner: Owner,
    ) -> Result<Record, LabError> {
        self.create_job(request_id, owner.clone(), || {
            let estimate = self.estimate(&spec)?;
            let new = codec::new_exploration(new_id(), owner, request_id, &spec, &estimate);
            Ok((new, Arc::new(Exploration { spec, estimate }) as Arc<dyn JobKind>))
        })
    }

    /// The results of an exploration so far.
    pub fn outcomes(&self, record: &Record) -> Result<StoredOutcomes, LabError> {
        let outcomes = self.0.history.bodies(record, "outcome")?;
        Ok(StoredOutcomes { outcomes, ended: self.0.history.cell_events(record)?.ended })
    }

    /// Replays a script in the model, and its moves on real threads; returns the replay, and the
    /// final counter of the threads. Takes seconds at most, in which no job starts.
    pub fn replay(&self, script: &str) -> Result<(Replay, u32), LabError> {
        let (ScheduleString { question, schedule }, program) = ScheduleString::read(script)?;
        within("script's turns", schedule.runs().len(), 1, PLAYED_MOVES_MAX)?;
        let replay = Replay::of(question, &program, schedule.clone())?;
        let mut pool = self.0.scheduler.worker_pool("a replay");
        let on_threads = || replay_on_threads(&mut pool, &program, &schedule, &self.0.stopping);
        let value = self.0.scheduler.exclusively(on_threads).ok_or(LabError::Busy)??;
        Ok((replay, value))
    }
}
