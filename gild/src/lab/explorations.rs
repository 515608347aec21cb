//! What can be asked of the lab about what can happen at all: explorations, and schedules to be
//! played.

use std::sync::Arc;

use strategies::model::estimate::{Estimate, estimate};
use strategies::model::question::Script;
use strategies::workload::within;

use super::{Lab, LabError};
use crate::config::PLAYED_MOVES_MAX;
use crate::exploration::{Asked, Exploration, Findings, Happening, Outcome};
use crate::follow::Follower;
use crate::life::{StopReason, Transition};
use crate::owner::Owner;
use crate::playback::Playback;
use crate::rehearsal::rehearse;
use crate::shelf::Kept;
use crate::work::Work;

impl Lab {
    /// Checks every limit of an exploration and says what it will take. Takes up to a second.
    pub fn estimate(&self, asked: &Asked) -> Result<Estimate, LabError> {
        Ok(estimate(&asked.question, &asked.wanted)?)
    }

    /// Queues an exploration, or returns the one that the same request made before.
    pub fn explore(
        &self,
        asked: Asked,
        request_id: &str,
        owner: Owner,
    ) -> Result<Arc<Exploration>, LabError> {
        let make = |id| {
            let estimate = self.estimate(&asked)?;
            Ok(Exploration::new(id, owner, asked, estimate))
        };
        let queue = |one| self.0.lane.push(Work::Exploration(one)).map(drop);
        self.0.explorations.create(request_id, make, queue)
    }

    /// The exploration of that id.
    pub fn exploration(&self, id: &str) -> Result<Arc<Exploration>, LabError> {
        self.0.explorations.get(id)
    }

    /// All explorations, newest first.
    pub fn explorations(&self) -> Vec<Arc<Exploration>> {
        self.0.explorations.newest_first()
    }

    /// The number of an exploration's newest event.
    pub fn last_of_exploration(&self, id: &str) -> u64 {
        self.0.explorations.last_sequence(id)
    }

    /// Asks an exploration to stop; what it has found is kept.
    pub fn cancel_exploration(&self, id: &str) -> Result<Arc<Exploration>, LabError> {
        let exploration = self.exploration(id)?;
        let ended = |why| LabError::Ended { kind: Exploration::KIND, why };
        exploration.apply(Transition::Cancel).map_err(ended)?;
        exploration.stop(StopReason::Cancelled);
        self.end_if_it_waits(id);
        Ok(exploration)
    }

    /// What was found so far, read from the log, which alone knows.
    pub fn findings(&self, id: &str) -> (Vec<Outcome>, Findings) {
        let (mut outcomes, mut found) = (Vec::new(), Findings::default());
        self.0.explorations.read(id, |event| match &event.happening {
            Happening::Started(_) | Happening::Progress { .. } => {}
            Happening::Outcome(outcome) => outcomes.push(outcome.clone()),
            Happening::Ended(ending) => found = ending.found.clone(),
        });
        (outcomes, found)
    }

    /// Follows an exploration's events after a sequence number.
    pub fn follow_exploration(
        &self,
        id: &str,
        after: u64,
    ) -> Result<Follower<Happening>, LabError> {
        self.0.explorations.follow(id, after)
    }

    /// Plays a script in the model, and its moves on real threads: what happened, and the counter on
    /// the threads. Takes seconds at most, in which no sweep starts.
    pub fn replay(&self, script: &str) -> Result<(Playback, u32), LabError> {
        let (Script { question, schedule }, program) = Script::read(script)?;
        within("script's moves", program.moves(), 1, PLAYED_MOVES_MAX)?;
        let played = Playback::of(question, &program, schedule.clone())?;
        let mut crew = self.0.lane.crew("a replay");
        let on_threads = || rehearse(&mut crew, &program, &schedule, &self.0.stopping);
        let value = self.0.lane.exclusively(on_threads).ok_or(LabError::Busy)??;
        Ok((played, value))
    }
}
