//! Counters of the lab since it started: atomics without a lock or a clock. Counting takes some
//! nanoseconds, and never happens inside an attempt. [`CountingSink`] counts the events that
//! another sink stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::jobs::event::exploration::ExplorationEvent;
use crate::jobs::event::sink::{AppendError, EventSink, JobEvent};
use crate::jobs::event::sweep::SweepEvent;
use crate::jobs::state::State;

/// The states that a job can end in, in the order in which they are counted.
pub const ENDS: [State; 4] =
    [State::Succeeded, State::Failed, State::Cancelled, State::Interrupted];

/// All counters.
#[derive(Debug, Default)]
pub struct Counters {
    /// Sweeps by how they ended.
    pub sweeps_ended: Ends,
    /// Explorations by how they ended.
    pub explorations_ended: Ends,
    /// Attempts that were measured and stored.
    pub attempts: AtomicU64,
    /// Events that were stored.
    pub events: AtomicU64,
    /// Streams of events that are open.
    pub watchers: OpenCount,
    /// Connections of clients that are open.
    pub connections: OpenCount,
}

/// How many jobs ended in each of [`ENDS`].
#[derive(Debug, Default)]
pub struct Ends([AtomicU64; ENDS.len()]);

impl Ends {
    /// Counts a job in that state; ignored unless the job has ended.
    pub fn count(&self, state: State) {
        if let Some(at) = ENDS.iter().position(|&end| end == state) {
            self.0[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Each state with its count.
    pub fn all(&self) -> [(State, u64); ENDS.len()] {
        std::array::from_fn(|at| (ENDS[at], self.0[at].load(Ordering::Relaxed)))
    }
}

/// How many of a kind are open now; clones share the count.
#[derive(Debug, Clone, Default)]
pub struct OpenCount(Arc<AtomicU64>);

/// Counts one of them until it is dropped.
#[derive(Debug)]
pub struct OpenGuard(OpenCount);

impl OpenCount {
    /// Counts one more for as long as the returned guard lives.
    #[must_use]
    pub fn open(&self) -> OpenGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenGuard(self.clone())
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters {
    /// Counts an event that was stored.
    fn add(&self, count: Count) {
        self.events.fetch_add(1, Ordering::Relaxed);
        match count {
            Count::Attempts(attempts) => {
                self.attempts.fetch_add(attempts, Ordering::Relaxed);
            }
            Count::SweepEnd(state) => self.sweeps_ended.count(state),
            Count::ExplorationEnd(state) => self.explorations_ended.count(state),
            Count::Event => {}
        }
    }
}

/// What an event adds to the counters, apart from itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Attempts(u64),
    SweepEnd(State),
    ExplorationEnd(State),
    Event,
}

impl Count {
    fn of(event: &JobEvent) -> Self {
        match event {
            JobEvent::Sweep(SweepEvent::Turn(turn)) => Self::Attempts(turn.seen.len() as u64),
            JobEvent::Sweep(SweepEvent::Ended { state, .. }) => Self::SweepEnd(*state),
            JobEvent::Exploration(ExplorationEvent::Ended(end)) => Self::ExplorationEnd(end.state),
            JobEvent::Sweep(SweepEvent::Started(_) | SweepEvent::CellEnded { .. })
            | JobEvent::Exploration(
                ExplorationEvent::Started(_)
                | ExplorationEvent::Progress { .. }
                | ExplorationEvent::Outcome(_),
            ) => Self::Event,
        }
    }
}

/// An event sink that counts what another one stores.
#[derive(Debug)]
pub struct CountingSink {
    sink: Arc<dyn EventSink>,
    counters: Arc<Counters>,
}

impl CountingSink {
    /// Counts in `counters` what `sink` stores.
    pub fn new(sink: Arc<dyn EventSink>, counters: Arc<Counters>) -> Self {
        Self { sink, counters }
    }
}

impl EventSink for CountingSink {
    fn append(&self, id: &str, event: JobEvent) -> Result<u64, AppendError> {
        let count = Count::of(&event);
        let sequence = self.sink.append(id, event)?;
        self.counters.add(count);
        Ok(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::event::recorder::EventRecorder;

    #[test]
    fn open_ones_are_counted_until_their_guards_are_dropped() {
        let count = OpenCount::default();
        let (one, other) = (count.open(), count.clone().open());
        assert_eq!(count.get(), 2);
        drop((one, other));
        assert_eq!(count.get(), 0);
    }

    #[test]
    fn only_final_states_are_counted() {
        let ends = Ends::default();
        for state in [State::Queued, State::Running, State::Failed, State::Failed] {
            ends.count(state);
        }
        assert_eq!(ends.all().map(|(_, count)| count), [0, 2, 0, 0]);
    }

    fn ended() -> JobEvent {
        let (state, text) = (State::Cancelled, String::new);
        SweepEvent::Ended { state, verdict: text(), notes: Vec::new(), error: text() }.into()
    }

    #[test]
    fn stored_events_are_counted_and_refused_ones_are_not() {
        let counters = Arc::new(Counters::default());
        let recorder = Arc::new(EventRecorder::default());
        let sink = CountingSink::new(recorder.clone(), counters.clone());
        assert_eq!((sink.append("a", ended()), sink.append("a", ended())), (Ok(1), Ok(2)));
        recorder.close();
        assert_eq!(sink.append("a", ended()), Err(AppendError::Unknown));
        assert_eq!(counters.events.load(Ordering::Relaxed), 2);
        assert_eq!(counters.sweeps_ended.all()[2], (State::Cancelled, 2));
        assert_eq!(recorder.len(), 2);
    }
}
