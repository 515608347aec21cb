//! The lab: history and lane behind the few things that can be asked of them. Speaks the lab's own
//! types; [`crate::rpc::sweeps`] speaks the wire.

pub mod error;
pub mod explorations;
pub mod history;
pub mod recovery;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashSet;
use strategies::machine::native::abort::Abort;
use strategies::program::limit::LimitError;
use uuid::Uuid;

use crate::store::Store;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::live_log::LogEnd;
use crate::store::record::{Kind, Record, Since};
use crate::store::sqlite::reader::CellEvents;
use crate::store::subscription::Subscription;
use engine::jobs::counters::Counters;
use engine::jobs::counting_log::Counted;
use engine::jobs::exploration::job::Exploration;
use engine::jobs::job::{EventSinks, Job};
use engine::jobs::owner::Owner;
use engine::jobs::registry::{Lives, Registry, new_id};
use engine::jobs::scheduler::Scheduler;
use engine::jobs::scheduler::config::SchedulerConfig;
use engine::jobs::state::{State, StopReason, Transition};
use engine::jobs::sweep::job::SweepJob;
use engine::plan::spec::SweepSpec;
use engine::plan::sweep_plan::Plan;
use engine::python;
use engine::python::calibrate::Calibration;
use engine::python::interpreter::Interpreter;
use engine::python::registry::Interpreters;
use engine::sys::clock::unix_time_ns;
use strategies::harness::rng::SplitMix64;

use crate::lab::error::{LabError, StartError};
use crate::lab::recovery::Queued;

/// A running lab; cheap to clone.
#[derive(Clone)]
pub struct Lab(Arc<Inner>);

struct Inner {
    sweeps: Registry<SweepJob>,
    explorations: Registry<Exploration>,
    lane: Scheduler,
    logs: EventSinks,
    history: Store,
    /// Works that wait in the history and in no queue: there was no place when the lab started.
    stranded: DashSet<String>,
    /// Held while something is made, so that a retry cannot make two.
    making: Mutex<()>,
    interpreters: Interpreters,
    counters: Arc<Counters>,
    /// Raised when the lab stops; ends a calibration and a rehearsal.
    stopping: Abort,
    start_time_ns: u64,
}

impl Lab {
    /// Starts the lane on a history: what was running when an earlier lab ended is interrupted,
    /// what was waiting waits again. Only these interpreters can ever be run.
    pub fn start(history: Store, interpreters: Interpreters) -> Result<Self, StartError> {
        Self::open(history, SchedulerConfig::default(), interpreters, Queued::WaitsAgain)
    }

    /// The same on other terms; `queued` says whether it takes up what waits.
    pub fn open(
        history: Store,
        terms: SchedulerConfig,
        interpreters: Interpreters,
        queued: Queued,
    ) -> Result<Self, StartError> {
        let counters = Arc::new(Counters::default());
        let logs = EventSinks {
            sweeps: Counted::over(Arc::new(history.clone()), &counters),
            explorations: Counted::over(Arc::new(history.clone()), &counters),
        };
        let lane = Scheduler::open(terms, &logs, interpreters.clone())?;
        let inner = Inner {
            sweeps: Registry::default(),
            explorations: Registry::default(),
            lane,
            logs,
            history,
            stranded: DashSet::new(),
            making: Mutex::default(),
            interpreters,
            counters,
            stopping: Abort::default(),
            start_time_ns: unix_time_ns(),
        };
        let lab = Self(Arc::new(inner));
        lab.restore(queued)?;
        Ok(lab)
    }

    /// A lab that keeps nothing beyond its own life.
    pub fn temporary(interpreters: Interpreters) -> Result<Self, StartError> {
        Self::start(Store::temporary()?, interpreters)
    }

    /// What it keeps.
    pub fn history(&self) -> &Store {
        &self.0.history
    }

    /// Plans a wish without running it. May take seconds where interpreters are asked who they are.
    pub fn plan(&self, wish: &SweepSpec) -> Result<Plan, LabError> {
        // A fresh id is as good a source of a seed as any: 74 of its bits are random.
        let (high, low) = Uuid::now_v7().as_u64_pair();
        let seed = SplitMix64::of(&[high, low]).draw();
        Ok(Plan::among(self.0.lane.cores(), wish, &self.0.interpreters, seed)?)
    }

    /// Plans and queues a sweep, or returns the one that the same request made before; durable when
    /// this returns.
    pub fn create(
        &self,
        wish: SweepSpec,
        request_id: &str,
        owner: Owner,
    ) -> Result<Record, LabError> {
        let _making = self.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.made_before(&owner, request_id)? {
            return Ok(known);
        }
        let (id, plan) = (new_id(), self.plan(&wish)?);
        let interpreters = &self.0.interpreters;
        let new = codec::new_sweep(id, owner.clone(), request_id, &wish, &plan, interpreters);
        let record = self.0.history.create(new)?;
        let live = SweepJob::new(record.id.clone(), owner, wish, plan);
        self.0.sweeps.add(Arc::clone(&live));
        self.queue(&Job::Sweep(live))?;
        Ok(record)
    }

    /// What a request made before, if it did.
    fn made_before(&self, owner: &Owner, request_id: &str) -> Result<Option<Record>, LabError> {
        if request_id.is_empty() {
            return Ok(None);
        }
        let known = self.0.history.of_request(&owner.to_string(), request_id)?;
        Ok(known.map(|id| self.0.history.record(&id)).transpose()?)
    }

    /// What the lane refuses was never there.
    fn queue(&self, work: &Job) -> Result<(), LabError> {
        let id = work.id().to_owned();
        let Err(refused) = self.0.lane.push(work.clone()) else {
            // Whoever cancelled it a moment ago did not find it in the queue.
            if work.state() == State::Cancelling {
                self.end_if_it_waits(&id);
            }
            return Ok(());
        };
        self.0.sweeps.remove(&id);
        self.0.explorations.remove(&id);
        self.0.history.withdraw(&id)?;
        Err(refused.into())
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
        let measured = self
            .0
            .lane
            .exclusively(|| python::calibrate::calibrate(&interpreter, &self.0.stopping));
        let calibration = measured.ok_or(LabError::Busy)??;
        Ok((interpreter, calibration))
    }

    /// The sweep of that id, with all its cells.
    pub fn sweep(&self, id: &str) -> Result<Record, LabError> {
        self.record(Kind::Sweep, id)
    }

    fn record(&self, kind: Kind, id: &str) -> Result<Record, LabError> {
        let not_found = || LabError::NotFound { kind: kind.word(), id: id.to_owned() };
        match self.0.history.record(id) {
            Ok(record) if record.kind == kind => Ok(record),
            Ok(_) | Err(HistoryError::NotFound(_)) => Err(not_found()),
            Err(error) => Err(error.into()),
        }
    }

    /// Works of a kind in brief, newest first: at most so many, in that state if one is named.
    pub fn list(
        &self,
        kind: Kind,
        since: Since<'_>,
        state: Option<State>,
        most: usize,
    ) -> Result<Vec<Record>, LabError> {
        Ok(self.0.history.list(kind, since, state, most)?)
    }

    /// What was measured, as far as it is stored.
    pub fn results(&self, record: &Record) -> Result<CellEvents, LabError> {
        Ok(self.0.history.cell_events(record)?)
    }

    /// What comes before this in the queue; 0 if it does not wait.
    pub fn position(&self, id: &str) -> usize {
        self.0.lane.position(id).unwrap_or(0)
    }

    /// The lanes, for whoever wants to know how they stand.
    pub fn lane(&self) -> &Scheduler {
        &self.0.lane
    }

    /// Sweeps and explorations that wait.
    pub fn queued(&self) -> usize {
        self.0.lane.len()
    }

    /// What is counted since the start.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.0.counters
    }

    /// Resource name of a sweep or exploration that is under way, if any is.
    pub fn running(&self) -> Option<String> {
        let running = self.0.lane.running();
        running.iter().find(|work| !work.state().is_terminal()).map(Job::name)
    }

    /// Sweeps that are kept.
    pub fn kept(&self) -> Result<usize, LabError> {
        Ok(self.0.history.count(Kind::Sweep)?)
    }

    /// When the lab started.
    pub fn start_time_ns(&self) -> u64 {
        self.0.start_time_ns
    }

    /// Asks a sweep to stop; what it measured is kept.
    pub fn cancel(&self, id: &str) -> Result<Record, LabError> {
        let record = self.sweep(id)?;
        let Some(live) = self.live(&self.0.sweeps, &record) else {
            return self.cancel_stranded(&record);
        };
        let ended = |why| LabError::Ended { kind: SweepJob::KIND, why };
        live.apply(Transition::Cancel).map_err(ended)?;
        self.0.history.cancelling(id)?;
        live.stop(StopReason::Cancelled);
        self.end_if_it_waits(id);
        self.sweep(id)
    }

    /// Whoever takes cancelled work out of the queue ends it: the lane, or we.
    fn end_if_it_waits(&self, id: &str) {
        let Some(work) = self.0.lane.withdraw(id) else { return };
        if let Err(problem) = work.end_unstarted(&self.0.logs, StopReason::Cancelled) {
            tracing::error!(%work, %problem, "could not be cancelled");
        }
    }

    /// Follows a sweep's events after a sequence number.
    pub fn follow(&self, id: &str, after: u64) -> Result<Subscription, LabError> {
        self.follow_any(Kind::Sweep, id, after)
    }

    fn follow_any(&self, kind: Kind, id: &str, after: u64) -> Result<Subscription, LabError> {
        self.record(kind, id)?;
        let newest = self.0.history.newest(id)?;
        if newest.next == LogEnd::Nothing && after > newest.sequence {
            return Err(LabError::BeyondEnd { after, last: newest.sequence });
        }
        Ok(self.0.history.follow(id, after)?)
    }

    /// Ends what runs, and what waits unless the lab's terms say that it is kept; `false` if the
    /// lane's thread did not end in time.
    pub fn stop(&self, patience: Duration) -> bool {
        self.0.stopping.raise();
        let ended = self.0.lane.stop(patience);
        self.0.history.put_away();
        if let Err(problem) = self.0.history.settle() {
            tracing::warn!(%problem, "the history could not be settled");
        }
        ended
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("history", &self.0.history).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "lab_tests.rs"]
pub(crate) mod tests;
