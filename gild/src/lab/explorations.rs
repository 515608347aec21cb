//! What can be asked of the lab about what can happen at all: explorations, and schedules to be
//! played.

use std::sync::{Arc, PoisonError};

use strategies::explore::estimate::{Estimate, estimate};
use strategies::explore::query::ScheduleString;
use strategies::program::limit::within;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::store::codec;
use crate::store::record::{Kind, Record};
use crate::store::subscription::Subscription;
use crate::wire::exploration;
use engine::exec::replay::replay_on_threads;
use engine::jobs::exploration::job::{Exploration, ExplorationSpec};
use engine::jobs::exploration::trace::Replay;
use engine::jobs::job::Job;
use engine::jobs::owner::Owner;
use engine::jobs::registry::{Lives, new_id};
use engine::jobs::state::{StopReason, Transition};
use engine::limits::PLAYED_MOVES_MAX;

/// What an exploration's log says so far: encoded events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOutcomes {
    /// The outcomes, in order.
    pub outcomes: Vec<Vec<u8>>,
    /// The last event, if there is one.
    pub ended: Option<Vec<u8>>,
}

impl Lab {
    /// Checks every limit of an exploration and says what it will take. Takes up to a second.
    pub fn estimate(&self, asked: &ExplorationSpec) -> Result<Estimate, LabError> {
        Ok(estimate(&asked.question, &asked.wanted)?)
    }

    /// Queues an exploration, or returns the one that the same request made before; durable when
    /// this returns.
    pub fn explore(
        &self,
        asked: ExplorationSpec,
        request_id: &str,
        owner: Owner,
    ) -> Result<Record, LabError> {
        let _making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.made_before(&owner, request_id)? {
            return Ok(known);
        }
        let estimate = self.estimate(&asked)?;
        let estimated = exploration::estimated(&asked, &estimate);
        let new = codec::new_exploration(new_id(), owner.clone(), request_id, estimated);
        let record = self.0.history.create(new)?;
        let one = Exploration::new(record.id.clone(), owner, asked, estimate);
        self.0.explorations.add(Arc::clone(&one));
        self.queue(&Job::Exploration(one))?;
        Ok(record)
    }

    /// The exploration of that id.
    pub fn exploration(&self, id: &str) -> Result<Record, LabError> {
        self.record(Kind::Exploration, id)
    }

    /// Asks an exploration to stop; what it has found is kept.
    pub fn cancel_exploration(&self, id: &str) -> Result<Record, LabError> {
        let record = self.exploration(id)?;
        let Some(one) = self.live(&self.0.explorations, &record) else {
            return self.cancel_stranded(&record);
        };
        let ended = |why| LabError::Ended { kind: Exploration::KIND, why };
        one.apply(Transition::Cancel).map_err(ended)?;
        self.0.history.cancelling(id)?;
        one.stop(StopReason::Cancelled);
        self.end_if_it_waits(id);
        self.exploration(id)
    }

    /// What was found so far: the encoded outcomes, and the last event if there is one.
    pub fn findings(&self, record: &Record) -> Result<StoredOutcomes, LabError> {
        let outcomes = self.0.history.bodies(record, "outcome")?;
        Ok(StoredOutcomes { outcomes, ended: self.0.history.cell_events(record)?.ended })
    }

    /// Follows an exploration's events after a sequence number.
    pub fn follow_exploration(&self, id: &str, after: u64) -> Result<Subscription, LabError> {
        self.follow_any(Kind::Exploration, id, after)
    }

    /// Plays a script in the model, and its moves on real threads: what happened, and the counter
    /// on the threads. Takes seconds at most, in which no sweep starts.
    pub fn replay(&self, script: &str) -> Result<(Replay, u32), LabError> {
        let (ScheduleString { question, schedule }, program) = ScheduleString::read(script)?;
        within("script's moves", program.moves(), 1, PLAYED_MOVES_MAX)?;
        let played = Replay::of(question, &program, schedule.clone())?;
        let mut crew = self.0.lane.crew("a replay");
        let on_threads = || replay_on_threads(&mut crew, &program, &schedule, &self.0.stopping);
        let value = self.0.lane.exclusively(on_threads).ok_or(LabError::Busy)??;
        Ok((played, value))
    }
}
