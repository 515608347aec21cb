//! The lab: shelves and lane behind the few things that can be asked of them. Speaks the lab's own
//! types; [`crate::service`] speaks the wire.

mod explorations;

use std::sync::Arc;
use std::time::Duration;

use strategies::model::replay::ReplayError;
use strategies::native::Abort;
use strategies::workload::LimitError;
use uuid::Uuid;

use crate::counters::{Counted, Counters};
use crate::exploration::Exploration;
use crate::follow::Follower;
use crate::lane::{Lane, QueueError};
use crate::life::{IllegalTransition, StopReason, Transition};
use crate::measure::Measurement;
use crate::owner::Owner;
use crate::plan::{Plan, Wish};
use crate::python::{self, Calibration, Interpreter, Interpreters, PythonError};
use crate::rehearsal::RehearsalError;
use crate::seed::Stream;
use crate::shelf::Shelf;
use crate::store::{Happening, unix_time_ns};
use crate::sweep::Live;
use crate::work::{Logs, Work};

/// A running lab; cheap to clone.
#[derive(Clone)]
pub struct Lab(Arc<Inner>);

struct Inner {
    sweeps: Shelf<Live>,
    explorations: Shelf<Exploration>,
    logs: Logs,
    lane: Lane,
    interpreters: Interpreters,
    counters: Arc<Counters>,
    /// Raised when the lab stops; ends a calibration and a rehearsal.
    stopping: Abort,
    start_time_ns: u64,
}

/// Why the lab does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// The wish breaks a limit.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// No place in the queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// There is no such thing.
    #[error("there is no {kind} {id}; `list` shows those that are kept")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// Something runs that nothing may disturb.
    #[error(
        "a sweep is being measured, or an exploration runs; try again when it has ended, or cancel it"
    )]
    Busy,
    /// A schedule is none of its question's.
    #[error("script: {0}")]
    Replay(#[from] ReplayError),
    /// A schedule could not be played on threads.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// A real interpreter failed.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// It has ended already.
    #[error("the {kind} has already ended: it is {:?}; `show` prints it", .why.state)]
    Ended {
        /// What was to be cancelled.
        kind: &'static str,
        /// What was tried.
        why: IllegalTransition,
    },
    /// The sequence number lies beyond the end of a log that will not grow.
    #[error("after_sequence: {after} lies beyond the last event, {last}; ask for at most that")]
    BeyondEnd {
        /// What was asked.
        after: u64,
        /// The last there is.
        last: u64,
    },
}

/// What a sweep's log says so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// Each cell's newest measurement; absent before its first turn.
    pub measurements: Vec<Option<Measurement>>,
    /// The verdict; empty before the end.
    pub verdict: String,
    /// Remarks; empty before the end.
    pub notes: Vec<String>,
}

impl Lab {
    /// Starts the lane's thread. Only these interpreters can ever be run.
    pub fn start(interpreters: Interpreters) -> std::io::Result<Self> {
        let (sweeps, explorations) = (Shelf::default(), Shelf::default());
        let counters = Arc::new(Counters::default());
        let logs = Logs {
            sweeps: Counted::over(sweeps.store(), &counters),
            explorations: Counted::over(Shelf::<Exploration>::store(&explorations), &counters),
        };
        let lane = Lane::start(logs.clone(), interpreters.clone())?;
        let (stopping, start_time_ns) = (Abort::default(), unix_time_ns());
        let inner = Inner {
            sweeps,
            explorations,
            logs,
            lane,
            interpreters,
            counters,
            stopping,
            start_time_ns,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Plans a wish without running it. May take seconds where interpreters are asked who they are.
    pub fn plan(&self, wish: &Wish) -> Result<Plan, LabError> {
        // A fresh id is as good a source of a seed as any: 74 of its bits are random.
        let (high, low) = Uuid::now_v7().as_u64_pair();
        Ok(Plan::new(wish, &self.0.interpreters, Stream::of(&[high, low]).draw())?)
    }

    /// Plans and queues a sweep, or returns the one that the same request made before.
    pub fn create(
        &self,
        wish: Wish,
        request_id: &str,
        owner: Owner,
    ) -> Result<Arc<Live>, LabError> {
        let make = |id| {
            let plan = self.plan(&wish)?;
            Ok(Live::new(id, owner, wish, plan))
        };
        let queue = |live| self.0.lane.push(Work::Sweep(live)).map(drop);
        self.0.sweeps.create(request_id, make, queue)
    }

    /// The interpreters that may be run here.
    pub fn interpreters(&self) -> &Interpreters {
        &self.0.interpreters
    }

    /// Measures what a step and a task cost in an interpreter; an empty path is the only one there
    /// is. Takes a few seconds, in which no sweep starts.
    pub fn calibrate(&self, path: &str) -> Result<(Interpreter, Calibration), LabError> {
        let wanted: Vec<_> =
            Some(path.to_owned()).filter(|path| !path.is_empty()).into_iter().collect();
        if wanted.is_empty() && self.0.interpreters.paths().count() > 1 {
            let known: Vec<_> =
                self.0.interpreters.paths().map(|path| path.display().to_string()).collect();
            return Err(LabError::Limit(LimitError {
                field: "python",
                value: "nothing".into(),
                reason: "names none of several interpreters".into(),
                way_out: format!("choose one of {}", known.join(", ")),
            }));
        }
        let (_, interpreter) = self.0.interpreters.choose(&wanted)?.swap_remove(0);
        let measured =
            self.0.lane.exclusively(|| python::calibrate(&interpreter, &self.0.stopping));
        let calibration = measured.ok_or(LabError::Busy)??;
        Ok((interpreter, calibration))
    }

    /// The sweep of that id.
    pub fn get(&self, id: &str) -> Result<Arc<Live>, LabError> {
        self.0.sweeps.get(id)
    }

    /// All sweeps, newest first.
    pub fn newest_first(&self) -> Vec<Arc<Live>> {
        self.0.sweeps.newest_first()
    }

    /// What comes before this in the queue; 0 if it does not wait.
    pub fn position(&self, id: &str) -> usize {
        self.0.lane.position(id).unwrap_or(0)
    }

    /// Sweeps and explorations that wait.
    pub fn queued(&self) -> usize {
        self.0.lane.len()
    }

    /// What is counted since the start.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.0.counters
    }

    /// Resource name of the sweep or exploration that is under way, if one is.
    pub fn running(&self) -> Option<String> {
        let running = self.0.lane.running().filter(|work| !work.state().is_terminal());
        running.map(|work| work.name())
    }

    /// Sweeps that are kept.
    pub fn kept(&self) -> usize {
        self.0.sweeps.len()
    }

    /// When the lab started.
    pub fn start_time_ns(&self) -> u64 {
        self.0.start_time_ns
    }

    /// The number of a sweep's newest event.
    pub fn last_sequence(&self, id: &str) -> u64 {
        self.0.sweeps.last_sequence(id)
    }

    /// Asks a sweep to stop; what it measured is kept.
    pub fn cancel(&self, id: &str) -> Result<Arc<Live>, LabError> {
        let live = self.get(id)?;
        let ended = |why| LabError::Ended { kind: "sweep", why };
        live.apply(Transition::Cancel).map_err(ended)?;
        live.stop(StopReason::Cancelled);
        self.end_if_it_waits(id);
        Ok(live)
    }

    /// Whoever takes cancelled work out of the queue ends it: the lane, or we.
    fn end_if_it_waits(&self, id: &str) {
        let Some(work) = self.0.lane.withdraw(id) else { return };
        if let Err(problem) = work.end_unstarted(&self.0.logs, StopReason::Cancelled) {
            tracing::error!(%work, %problem, "could not be cancelled");
        }
    }

    /// What was measured, read from the log, which alone knows.
    pub fn results(&self, live: &Live) -> Results {
        let mut results = Results {
            measurements: vec![None; live.plan.cells.len()],
            verdict: String::new(),
            notes: Vec::new(),
        };
        self.0.sweeps.read(&live.id, |event| match &event.happening {
            Happening::Started(_) => {}
            Happening::Turn(turn) => {
                results.measurements[turn.cell] = Some(turn.measurement.clone());
            }
            Happening::CellEnded { cell, measurement, .. } => {
                results.measurements[*cell] = Some(measurement.clone());
            }
            Happening::Ended { verdict, notes, .. } => {
                results.verdict.clone_from(verdict);
                results.notes.clone_from(notes);
            }
        });
        results
    }

    /// Follows a sweep's events after a sequence number.
    pub fn follow(&self, id: &str, after: u64) -> Result<Follower, LabError> {
        self.0.sweeps.follow(id, after)
    }

    /// Ends what runs and what waits; `false` if the lane's thread did not end in time.
    pub fn stop(&self, patience: Duration) -> bool {
        self.0.stopping.raise();
        self.0.lane.stop(patience)
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("kept", &self.kept()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "lab_tests.rs"]
mod tests;
