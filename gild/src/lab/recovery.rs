//! What a lab does with an earlier one's unended works when it starts: what ran is interrupted, for
//! nobody knows what became of its attempt; what waited waits again. Measures nothing.

use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};

use tracing::{info, warn};

use crate::lab::Lab;
use crate::lab::error::{LabError, StartError};
use crate::store::Store;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::record::{Kind, Record};
use engine::jobs::event::{AppendError, EventSink};
use engine::jobs::exploration::job::{
    Ending, Exploration, ExplorationEvent as Explored, ExplorationResult,
};
use engine::jobs::job::Job;
use engine::jobs::registry::{Lives, Registry};
use engine::jobs::state::{IllegalTransition, State, Transition};
use engine::jobs::sweep::job::{PreviousRun, SweepJob};
use engine::measure::turn::StoredTurn;
use engine::sys::clock::unix_time_ns;

/// What becomes of works that waited when an earlier lab ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// They wait again.
    WaitsAgain,
    /// They stay in the history for a lab that lives long enough.
    StaysThere,
}

impl Lab {
    /// Ends or queues whatever has not ended.
    pub(crate) fn restore(&self, queued: Queued) -> Result<(), StartError> {
        self.warn_of_a_clock_set_back()?;
        for record in self.0.history.unended()? {
            let restored = match record.state {
                State::Queued if queued == Queued::StaysThere => {
                    self.0.stranded.insert(record.id.clone());
                    Ok(())
                }
                State::Queued => self.wait_again(&record),
                _ => self.interrupt(&record),
            };
            match restored {
                Ok(()) => {}
                // A shorter queue than before: it waits for the next start.
                Err(error @ LabError::Queue(_)) => {
                    warn!(id = record.id, %error, "waits until the lab is started again");
                    self.0.sweeps.remove(&record.id);
                    self.0.explorations.remove(&record.id);
                    self.0.stranded.insert(record.id);
                }
                Err(error) => self.refuse(&record, &error.to_string())?,
            }
        }
        Ok(())
    }

    /// The live one of a record, if it has not ended.
    pub(crate) fn live<L: Lives>(&self, all: &Registry<L>, record: &Record) -> Option<Arc<L>> {
        all.get(&record.id).or_else(|| {
            let waits = record.state == State::Queued && !self.0.stranded.contains(&record.id);
            // It may be between the history and the queue, where `making` is held.
            waits.then(|| drop(self.0.making.lock().unwrap_or_else(PoisonError::into_inner)))?;
            all.get(&record.id)
        })
    }

    /// Ends what waits and is in no queue, if it is that.
    pub(crate) fn cancel_stranded(&self, record: &Record) -> Result<Record, LabError> {
        let kind = record.kind.word();
        if self.0.stranded.remove(&record.id).is_none() {
            let record = self.record(record.kind, &record.id)?;
            let (state, transition) = (record.state, Transition::Cancel);
            return Err(if state.is_terminal() {
                LabError::Ended { kind, why: IllegalTransition { state, transition } }
            } else {
                LabError::Ending { kind }
            });
        }
        match record.kind {
            Kind::Sweep => self.tell(record, codec::cancelled_sweep(record))?,
            Kind::Exploration => {
                self.tell(record, explored_end(State::Cancelled, String::new()))?;
            }
        }
        self.record(record.kind, &record.id)
    }

    /// Order does not depend on clocks, but times that people read do.
    fn warn_of_a_clock_set_back(&self) -> Result<(), StartError> {
        let newest = self.0.history.latest_time_ns()?;
        let behind_s = newest.saturating_sub(unix_time_ns()) / 1_000_000_000;
        if behind_s > 0 {
            warn!(
                behind_s,
                "the clock is behind the newest entry of the history: was it set back? the order \
                 of entries is kept, their times are not comparable"
            );
        }
        Ok(())
    }

    fn interrupt(&self, record: &Record) -> Result<(), LabError> {
        info!(
            id = record.id,
            kind = record.kind.word(),
            "was running when the lab ended: interrupted"
        );
        match record.kind {
            Kind::Sweep => {
                let verdict = format!(
                    "interrupted after {} of {} attempts, when the lab ended without warning; \
                     `gilctl resume` runs the others",
                    record.attempts, record.attempts_requested
                );
                let happening = codec::interrupted_sweep(verdict);
                self.tell(record, happening)
            }
            Kind::Exploration => {
                let error = "the lab ended while it explored this; ask again".to_owned();
                self.tell(record, explored_end(State::Interrupted, error))
            }
        }
    }

    /// Ends what this lab cannot run. A sweep may be resumed by one that can, e.g. once a setting is
    /// what it was.
    fn refuse(&self, record: &Record, reason: &str) -> Result<(), StartError> {
        warn!(id = record.id, reason, "waited when the lab ended, and cannot be run by this one");
        let told = match record.kind {
            Kind::Sweep => {
                let verdict = format!(
                    "interrupted after {} of {} attempts: this lab cannot go on with it ({reason})",
                    record.attempts, record.attempts_requested
                );
                self.tell(record, codec::interrupted_sweep(verdict))
            }
            Kind::Exploration => self.tell(record, explored_end(State::Failed, reason.to_owned())),
        };
        match told {
            Ok(()) => Ok(()),
            Err(LabError::History(error)) => Err(error.into()),
            Err(other) => Err(std::io::Error::other(other.to_string()).into()),
        }
    }

    fn tell<H: codec::Encode>(&self, record: &Record, happening: H) -> Result<(), LabError> {
        EventSink::append(&self.0.history, &record.id, happening).map(drop).map_err(|error| {
            LabError::NotResumable { id: record.id.clone(), reason: error.to_string() }
        })
    }

    fn wait_again(&self, record: &Record) -> Result<(), LabError> {
        let work = match record.kind {
            Kind::Sweep => {
                let live = self.revive(record)?;
                self.0.sweeps.add(Arc::clone(&live));
                Job::Sweep(live)
            }
            Kind::Exploration => {
                let asked = codec::asked_of(&record.resource)?;
                let estimate = self.estimate(&asked)?;
                let one =
                    Exploration::new(record.id.clone(), record.owner.clone(), asked, estimate);
                self.0.explorations.add(Arc::clone(&one));
                Job::Exploration(one)
            }
        };
        self.0.lane.push(work)?;
        Ok(())
    }

    /// A stored sweep, ready to go on: planned as it was, with what is done of it.
    pub(crate) fn revive(&self, record: &Record) -> Result<Arc<SweepJob>, LabError> {
        let wish = codec::wish_of(&record.resource)?;
        let plan = self.plan(&wish)?;
        if !codec::is_planned_so(&record.resource, &wish, &plan, &self.0.interpreters) {
            return Err(LabError::NotResumable {
                id: record.id.clone(),
                reason: format!(
                    "gild {} planned it, and this one, {}, would plan other cells (or other \
                     interpreters are \
                     there now); `gilctl rerun` runs it anew",
                    record.version,
                    env!("CARGO_PKG_VERSION")
                ),
            });
        }
        let earlier = Box::new(Stored { history: self.0.history.clone(), work: record.number });
        let (id, owner) = (record.id.clone(), record.owner.clone());
        Ok(SweepJob::going_on(id, owner, wish, plan, (record.attempts, earlier)))
    }
}

/// What is stored of a sweep.
#[derive(Debug)]
struct Stored {
    history: Store,
    work: i64,
}

impl PreviousRun for Stored {
    fn recall(
        &self,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError> {
        let broken = |error: HistoryError| AppendError::Broken(error.to_string());
        if self.history.each_turn(self.work, take).map_err(broken)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let ended = self.history.ended_cells(self.work).map_err(broken)?;
        let is_complete = |body: &[u8]| codec::is_complete(body).unwrap_or(false);
        let complete = ended.into_iter().filter(|(_, body)| is_complete(body));
        Ok(ControlFlow::Continue(complete.map(|(cell, _)| cell).collect()))
    }
}

fn explored_end(state: State, error: String) -> Explored {
    let (time_ns, found) = (unix_time_ns(), ExplorationResult::default());
    Explored::Ended(Box::new(Ending { state, time_ns, found, error }))
}
