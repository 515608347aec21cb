//! What the lab counts of itself since it started: atomics that whoever does something adds to. No
//! lock and no clock: to count costs some nanoseconds, and never inside an attempt. Judges nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::jobs::state::State;

/// Stands for a figure that nobody has told yet.
const UNTOLD: u64 = u64::MAX;

/// The states that something can end in, in the order in which they are counted.
pub const ENDS: [State; 4] =
    [State::Succeeded, State::Failed, State::Cancelled, State::Interrupted];

/// All that is counted.
#[derive(Debug, Default)]
pub struct Counters {
    /// Sweeps by how they ended.
    pub sweeps_ended: Ends,
    /// Explorations by how they ended.
    pub explorations_ended: Ends,
    /// Attempts that were measured and kept.
    pub attempts: AtomicU64,
    /// Events that were stored.
    pub events: AtomicU64,
    /// Streams of events that are open.
    watchers: AtomicU64,
    /// Open connections of clients.
    pub connections: Gauge,
}

/// How many ended in each of [`ENDS`].
#[derive(Debug, Default)]
pub struct Ends([AtomicU64; ENDS.len()]);

impl Ends {
    /// One more; what has not ended is not counted.
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

/// A figure that somebody sets; unknown until then.
#[derive(Debug)]
pub struct Gauge(AtomicU64);

impl Default for Gauge {
    fn default() -> Self {
        Self(AtomicU64::new(UNTOLD))
    }
}

impl Gauge {
    /// Tells it.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// What was told last.
    pub fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|&value| value != UNTOLD)
    }
}

impl Counters {
    /// Counts a watcher for as long as the answer is held.
    #[must_use]
    pub fn watch(self: &Arc<Self>) -> Watching {
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Watching(Arc::clone(self))
    }

    /// Streams of events that are open.
    pub fn watchers(&self) -> u64 {
        self.watchers.load(Ordering::Relaxed)
    }
}

/// A watcher, who is gone when this is dropped.
#[derive(Debug)]
pub struct Watching(Arc<Counters>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchers_are_counted_while_they_watch() {
        let counters = Arc::new(Counters::default());
        let (one, other) = (counters.watch(), counters.watch());
        assert_eq!(counters.watchers(), 2);
        drop((one, other));
        assert_eq!(counters.watchers(), 0);
    }

    #[test]
    fn what_nobody_told_is_unknown() {
        let told = Gauge::default();
        assert_eq!(told.get(), None);
        told.set(0);
        assert_eq!(told.get(), Some(0));
    }

    #[test]
    fn only_ends_are_counted() {
        let ends = Ends::default();
        for state in [State::Queued, State::Running, State::Failed, State::Failed] {
            ends.count(state);
        }
        assert_eq!(ends.all().map(|(_, count)| count), [0, 2, 0, 0]);
    }
}
