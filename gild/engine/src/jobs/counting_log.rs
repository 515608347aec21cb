//! A log that counts what is added to it. Stores nothing itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::jobs::counters::Counters;
use crate::jobs::event::{AppendError, EventSink, JobEvent, SweepEvent};
use crate::jobs::exploration::job;
use crate::jobs::state::State;

/// What an event adds to the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many attempts.
    Attempts(u64),
    /// A sweep that ended so.
    Sweep(State),
    /// An exploration that ended so.
    Exploration(State),
    /// Itself alone.
    Event,
}

/// Something that happens and is counted.
pub trait Counts: JobEvent {
    /// What it adds.
    fn count(&self) -> Count;
}

impl Counts for SweepEvent {
    fn count(&self) -> Count {
        match self {
            Self::Turn(turn) => Count::Attempts(turn.seen.len() as u64),
            Self::Ended { state, .. } => Count::Sweep(*state),
            Self::Started(_) | Self::CellEnded { .. } => Count::Event,
        }
    }
}

impl Counts for job::ExplorationEvent {
    fn count(&self) -> Count {
        match self {
            Self::Ended(ending) => Count::Exploration(ending.state),
            Self::Started(_) | Self::Progress { .. } | Self::Outcome(_) => Count::Event,
        }
    }
}

impl Counters {
    /// Counts an event that was stored.
    pub fn stored(&self, count: Count) {
        self.events.fetch_add(1, Ordering::Relaxed);
        match count {
            Count::Attempts(attempts) => {
                self.attempts.fetch_add(attempts, Ordering::Relaxed);
            }
            Count::Sweep(state) => self.sweeps_ended.count(state),
            Count::Exploration(state) => self.explorations_ended.count(state),
            Count::Event => {}
        }
    }
}

/// Another log, whose growth is counted.
#[derive(Debug)]
pub struct Counted<H> {
    log: Arc<dyn EventSink<H>>,
    counters: Arc<Counters>,
}

impl<H: Counts> Counted<H> {
    /// Counts what is added to `log` through this.
    pub fn over(log: Arc<dyn EventSink<H>>, counters: &Arc<Counters>) -> Arc<dyn EventSink<H>> {
        Arc::new(Self { log, counters: Arc::clone(counters) })
    }
}

impl<H: Counts> EventSink<H> for Counted<H> {
    fn append(&self, id: &str, happening: H) -> Result<u64, AppendError> {
        let count = happening.count();
        let sequence = self.log.append(id, happening)?;
        self.counters.stored(count);
        Ok(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::event::memory::Memory;

    fn ended() -> SweepEvent {
        SweepEvent::Ended {
            state: State::Cancelled,
            verdict: String::new(),
            notes: Vec::new(),
            error: String::new(),
        }
    }

    #[test]
    fn what_is_stored_is_counted_and_what_is_refused_is_not() {
        let counters = Arc::new(Counters::default());
        let memory = Arc::new(Memory::<SweepEvent>::default());
        let log = Counted::over(Arc::clone(&memory) as Arc<dyn EventSink>, &counters);
        assert_eq!((log.append("a", ended()), log.append("a", ended())), (Ok(1), Ok(2)));
        memory.close();
        assert_eq!(log.append("a", ended()), Err(AppendError::Unknown));
        assert_eq!(counters.events.load(Ordering::Relaxed), 2);
        assert_eq!(counters.sweeps_ended.all()[2], (State::Cancelled, 2));
        assert_eq!(memory.told().len(), 2);
    }
}
