//! The lab: registry, store and lane behind the few things that can be asked of them. Speaks the
//! lab's own types; [`crate::service`] speaks the wire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use strategies::native::Abort;
use strategies::workload::LimitError;
use tokio::sync::watch;
use uuid::Uuid;

use crate::config::{ATTEMPT_BYTES, KEPT_BYTES_MAX, KEPT_SWEEPS_MAX, WATCH_BATCH};
use crate::lane::{Lane, QueueError};
use crate::measure::Measurement;
use crate::plan::{Plan, Wish};
use crate::python::{self, Calibration, Interpreter, Interpreters, PythonError};
use crate::registry::Registry;
use crate::run::end_unstarted;
use crate::seed::Stream;
use crate::store::{Event, Happening, Memory, Store, unix_time_ns};
use crate::sweep::{IllegalTransition, Live, StopReason, Transition};

/// A running lab; cheap to clone.
#[derive(Clone)]
pub struct Lab(Arc<Inner>);

struct Inner {
    registry: Registry,
    store: Arc<dyn Store>,
    lane: Lane,
    interpreters: Interpreters,
    /// Raised when the lab stops; ends a calibration.
    stopping: Abort,
    start_time_ns: u64,
    /// Ids of sweeps by the id of the request that made them. Held while a sweep is created, so that
    /// a retry cannot start two.
    requests: Mutex<HashMap<String, String>>,
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
    /// There is no such sweep.
    #[error("there is no sweep {0}; `list` shows those that are kept")]
    NotFound(String),
    /// A sweep is being measured, which nothing may disturb.
    #[error("a sweep is being measured; try again when it has ended, or cancel it")]
    Busy,
    /// A real interpreter failed.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// It has ended already.
    #[error("the sweep has already ended: it is {:?}; `show` prints it", .0.state)]
    Ended(IllegalTransition),
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

/// A follower's place in a log.
#[derive(Debug)]
pub struct Follower {
    store: Arc<dyn Store>,
    id: String,
    after: u64,
    newest: watch::Receiver<u64>,
}

impl Lab {
    /// Starts the lane's thread. Only these interpreters can ever be run.
    pub fn start(interpreters: Interpreters) -> std::io::Result<Self> {
        let store: Arc<dyn Store> = Arc::new(Memory::default());
        let lane = Lane::start(Arc::clone(&store), interpreters.clone())?;
        Ok(Self(Arc::new(Inner {
            registry: Registry::default(),
            store,
            lane,
            interpreters,
            stopping: Abort::default(),
            start_time_ns: unix_time_ns(),
            requests: Mutex::default(),
        })))
    }

    /// Plans a wish without running it. May take seconds where interpreters are asked who they are.
    pub fn plan(&self, wish: &Wish) -> Result<Plan, LabError> {
        // A fresh id is as good a source of a seed as any: 74 of its bits are random.
        let (high, low) = Uuid::now_v7().as_u64_pair();
        Ok(Plan::new(wish, &self.0.interpreters, Stream::of(&[high, low]).draw())?)
    }

    /// Plans and queues a sweep, or returns the one that the same request made before.
    pub fn create(&self, wish: Wish, request_id: &str) -> Result<Arc<Live>, LabError> {
        let mut requests = self.0.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = requests.get(request_id).and_then(|id| self.0.registry.get(id)) {
            return Ok(live);
        }
        let plan = self.plan(&wish)?;
        self.make_room(planned_bytes(&plan))?;
        let live = Live::new(new_id(), wish, plan);
        self.0.store.open(&live.id);
        if let Err(full) = self.0.lane.push(Arc::clone(&live)) {
            self.0.store.forget(&live.id);
            return Err(full.into());
        }
        self.0.registry.insert(Arc::clone(&live));
        if !request_id.is_empty() {
            requests.insert(request_id.to_owned(), live.id.clone());
            requests.retain(|_, id| self.0.registry.get(id).is_some());
        }
        Ok(live)
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
        self.0.registry.get(id).ok_or_else(|| LabError::NotFound(id.to_owned()))
    }

    /// All sweeps, newest first.
    pub fn newest_first(&self) -> Vec<Arc<Live>> {
        self.0.registry.newest_first()
    }

    /// Sweeps before this one in the queue; 0 if it does not wait.
    pub fn position(&self, id: &str) -> usize {
        self.0.lane.position(id).unwrap_or(0)
    }

    /// Sweeps that wait.
    pub fn queued(&self) -> usize {
        self.0.lane.len()
    }

    /// Sweeps that are kept.
    pub fn kept(&self) -> usize {
        self.0.registry.len()
    }

    /// When the lab started.
    pub fn start_time_ns(&self) -> u64 {
        self.0.start_time_ns
    }

    /// The number of the newest event.
    pub fn last_sequence(&self, id: &str) -> u64 {
        self.0.store.follow(id).map_or(0, |newest| *newest.borrow())
    }

    /// Asks a sweep to stop; what it measured is kept.
    pub fn cancel(&self, id: &str) -> Result<Arc<Live>, LabError> {
        let live = self.get(id)?;
        live.apply(Transition::Cancel).map_err(LabError::Ended)?;
        live.stop(StopReason::Cancelled);
        // Whoever takes it out of the queue ends it: the lane, or we.
        if self.0.lane.withdraw(id).is_some() {
            let ended = end_unstarted(&live, &self.0.store, StopReason::Cancelled);
            if let Err(problem) = ended {
                tracing::error!(sweep = live.id, %problem, "could not be cancelled");
            }
        }
        Ok(live)
    }

    /// What was measured, read from the log, which alone knows.
    pub fn results(&self, live: &Live) -> Results {
        let mut results = Results {
            measurements: vec![None; live.plan.cells.len()],
            verdict: String::new(),
            notes: Vec::new(),
        };
        let mut after = 0;
        while let Ok(events) = self.0.store.read(&live.id, after, WATCH_BATCH) {
            let Some(last) = events.last() else { break };
            after = last.sequence;
            for event in &events {
                match &event.happening {
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
                }
            }
        }
        results
    }

    /// Follows a sweep's events after a sequence number.
    pub fn follow(&self, id: &str, after: u64) -> Result<Follower, LabError> {
        let live = self.get(id)?;
        let not_found = |_| LabError::NotFound(id.to_owned());
        let newest = self.0.store.follow(id).map_err(not_found)?;
        let last = *newest.borrow();
        if after > last && live.progress().state.is_terminal() {
            return Err(LabError::BeyondEnd { after, last });
        }
        Ok(Follower { store: Arc::clone(&self.0.store), id: id.to_owned(), after, newest })
    }

    /// Ends the running sweep and those that wait; `false` if the lane's thread did not end in time.
    pub fn stop(&self, patience: Duration) -> bool {
        self.0.stopping.raise();
        self.0.lane.stop(patience)
    }

    /// Forgets the oldest ended sweeps until there is room for one more of so many bytes. Sweeps that
    /// have not ended count with all that they may still come to.
    fn make_room(&self, wanted: usize) -> Result<(), LabError> {
        let sweeps = self.0.registry.newest_first();
        let has_ended = |live: &Live| live.progress().state.is_terminal();
        let bytes = |live: &Live| {
            if has_ended(live) { self.0.store.bytes(&live.id) } else { planned_bytes(&live.plan) }
        };
        let mut count = sweeps.len();
        let mut kept = wanted + sweeps.iter().map(|live| bytes(live)).sum::<usize>();
        for live in sweeps.iter().rev().filter(|live| has_ended(live)) {
            if count < KEPT_SWEEPS_MAX && kept <= KEPT_BYTES_MAX {
                break;
            }
            (count, kept) = (count - 1, kept - bytes(live));
            self.0.registry.remove(&live.id);
            self.0.store.forget(&live.id);
        }
        if kept <= KEPT_BYTES_MAX { Ok(()) } else { Err(QueueError::Full.into()) }
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("kept", &self.kept()).finish_non_exhaustive()
    }
}

impl Follower {
    /// The next events, at least one; `None` after the last event of all, or if the log is gone.
    pub async fn next(&mut self) -> Option<Vec<Arc<Event>>> {
        loop {
            let events = self.store.read(&self.id, self.after, WATCH_BATCH).ok()?;
            if let Some(last) = events.last() {
                self.after = last.sequence;
                return Some(events);
            }
            if self.has_ended() {
                return None;
            }
            self.newest.changed().await.ok()?;
        }
    }

    /// Whether the newest event is the last of all.
    fn has_ended(&self) -> bool {
        let before = self.newest.borrow().saturating_sub(1);
        let newest = self.store.read(&self.id, before, 1).unwrap_or_default();
        newest.iter().any(|event| matches!(event.happening, Happening::Ended { .. }))
    }
}

/// What a sweep's log comes to at most, in bytes.
fn planned_bytes(plan: &Plan) -> usize {
    let attempts = usize::try_from(plan.attempts()).unwrap_or(usize::MAX);
    let events = plan.turns().len() + plan.cells.len() + 2;
    attempts.saturating_mul(ATTEMPT_BYTES).saturating_add(events * size_of::<Event>())
}

/// A time-sortable id: UUIDv7 in lower-case base32, whose alphabet keeps the order. The last six
/// characters are random.
fn new_id() -> String {
    data_encoding::BASE32_DNSSEC.encode(Uuid::now_v7().as_bytes())
}

#[cfg(test)]
#[path = "lab_tests.rs"]
mod tests;
