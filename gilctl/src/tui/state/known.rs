//! Known: what the lab has said so far of its jobs, of itself, and of the job that is followed.

use proto::v1::{ExplorationEvent, Lab as LabStatus, Picture, SweepEvent, SweepState};

use crate::tui::job_log::JobLog;
use view::follow::cursor::FollowError;
use view::listed::{Jobs, has_ended};

/// What the lab has said so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The jobs, newest first; `None` before the first answer.
    pub jobs: Option<Jobs>,
    /// The lab; likewise.
    pub lab: Option<LabStatus>,
    /// The time from which ages are counted, in nanoseconds since the Unix epoch.
    pub now_ns: u64,
    /// The job that is followed.
    pub job: Option<JobLog>,
    /// Its picture, or why there is none.
    pub picture: Option<Result<Box<Picture>, String>>,
}

impl Known {
    /// The followed job, if it has this name.
    pub fn job_named(&self, name: &str) -> Option<&JobLog> {
        self.job.as_ref().filter(|job| job.name() == name)
    }

    /// The state of a job: that of its events, or as it was listed.
    pub fn state_of(&self, name: &str) -> Option<SweepState> {
        let followed = self.job_named(name).map(JobLog::state);
        followed.or_else(|| self.listed_state(name))
    }

    /// The state of a job as it was listed.
    pub fn listed_state(&self, name: &str) -> Option<SweepState> {
        self.jobs.as_ref()?.facts(name).map(|(_, state, _)| state)
    }

    /// Whether the followed job had ended and was resumed since.
    pub fn is_resumed(&self) -> bool {
        let Some(job) = self.job.as_ref().filter(|job| job.has_ended()) else { return false };
        self.listed_state(job.name()).is_some_and(|state| !has_ended(state))
    }

    /// Applies the next event of a sweep; whether it is the followed one.
    ///
    /// # Errors
    ///
    /// Refuses an event that does not continue the log.
    pub fn sweep_went_on(&mut self, name: &str, event: SweepEvent) -> Result<bool, FollowError> {
        match &mut self.job {
            Some(JobLog::Sweep(log)) if log.view().sweep.name == name => {
                log.apply(event).map(|_| true)
            }
            _ => Ok(false),
        }
    }

    /// The same for an exploration.
    ///
    /// # Errors
    ///
    /// Refuses an event that does not continue the log.
    pub fn exploration_went_on(
        &mut self,
        name: &str,
        event: ExplorationEvent,
    ) -> Result<bool, FollowError> {
        match &mut self.job {
            Some(JobLog::Exploration(log)) if log.view().exploration.name == name => {
                log.apply(event).map(|_| true)
            }
            _ => Ok(false),
        }
    }
}
