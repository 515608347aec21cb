//! The live end of a log: its newest committed event, word of each new one, and the latest few in
//! memory. Reads no database.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::limits::TAIL_BYTES_MAX;

/// An event as it is stored and streamed. Never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// From 1 up by 1.
    pub sequence: u64,
    /// Nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// The encoded event.
    pub body: Bytes,
}

/// How far a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogHead {
    /// Number of the newest committed event; 0 for none.
    pub sequence: u64,
    /// Whether another will come.
    pub next: LogEnd,
}

/// What comes after the newest event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogEnd {
    /// There may be another.
    #[default]
    Another,
    /// Nothing: it was the last.
    Nothing,
    /// Nothing while this lab lives; the work waits for the next one.
    Later,
}

/// The end of one log.
pub(crate) struct LiveLog {
    /// The work's number.
    pub(crate) number: i64,
    created: Vec<u8>,
    /// The number that was given out last.
    claimed: AtomicU64,
    newest: watch::Sender<LogHead>,
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    events: VecDeque<Arc<StoredEvent>>,
    bytes: usize,
}

impl LiveLog {
    /// Of a log that goes on after so many events.
    pub(crate) fn new(number: i64, created: Vec<u8>, sequence: u64) -> Self {
        Self::of(number, created, LogHead { sequence, next: LogEnd::Another })
    }

    /// Of a log to which nothing is added.
    pub(crate) fn still(number: i64, sequence: u64) -> Self {
        Self::of(number, Vec::new(), LogHead { sequence, next: LogEnd::Nothing })
    }

    fn of(number: i64, created: Vec<u8>, newest: LogHead) -> Self {
        let claimed = AtomicU64::new(newest.sequence);
        let (newest, recent) = (watch::Sender::new(newest), Mutex::default());
        Self { number, created, claimed, newest, recent }
    }

    /// The work as it was when it was made.
    pub(crate) fn created(&self) -> &[u8] {
        &self.created
    }

    /// The next number. One thread at a time tells what happens in a work.
    pub(crate) fn claim(&self) -> u64 {
        self.claimed.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// An event is durable.
    pub(crate) fn publish(&self, stored: &Arc<StoredEvent>, next: LogEnd) {
        self.recent().add(Arc::clone(stored));
        self.newest.send_replace(LogHead { sequence: stored.sequence, next });
    }

    /// Nothing comes any more, or for now, and whoever follows hears of it.
    pub(crate) fn close(&self, next: LogEnd) {
        self.newest.send_if_modified(|newest| {
            let may_go_on = newest.next == LogEnd::Another;
            if may_go_on {
                newest.next = next;
            }
            may_go_on
        });
    }

    /// How far the log is.
    pub(crate) fn newest(&self) -> LogHead {
        *self.newest.borrow()
    }

    /// Hears of each new event.
    pub(crate) fn listen(&self) -> watch::Receiver<LogHead> {
        self.newest.subscribe()
    }

    /// The events after a number, at most so many; `None` if they are not in memory.
    pub(crate) fn recent_after(&self, after: u64, most: usize) -> Option<Vec<Arc<StoredEvent>>> {
        let recent = self.recent();
        let first = recent.events.front()?.sequence;
        let skip = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        Some(recent.events.iter().skip(skip).take(most).cloned().collect())
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for LiveLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").field("newest", &self.newest()).finish_non_exhaustive()
    }
}

impl Recent {
    fn add(&mut self, stored: Arc<StoredEvent>) {
        self.bytes += stored.body.len();
        self.events.push_back(stored);
        while self.bytes > TAIL_BYTES_MAX && self.events.len() > 1 {
            self.bytes -= self.events.pop_front().map_or(0, |oldest| oldest.body.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: u64, bytes: usize) -> Arc<StoredEvent> {
        Arc::new(StoredEvent { sequence, time_ns: 0, body: vec![0; bytes].into() })
    }

    #[test]
    fn numbers_are_given_out_once() {
        let tail = LiveLog::new(1, Vec::new(), 4);
        assert_eq!((tail.claim(), tail.claim()), (5, 6));
    }

    #[test]
    fn the_latest_are_in_memory_and_the_oldest_make_room() {
        let tail = LiveLog::new(1, Vec::new(), 0);
        assert_eq!(tail.recent_after(0, 10), None);
        for (n, next) in [(1, LogEnd::Another), (2, LogEnd::Another), (3, LogEnd::Nothing)] {
            tail.publish(&event(n, TAIL_BYTES_MAX / 2), next);
        }
        let numbers = |after, most| -> Option<Vec<u64>> {
            Some(tail.recent_after(after, most)?.iter().map(|stored| stored.sequence).collect())
        };
        assert_eq!(numbers(0, 10), None, "the first had to go");
        assert_eq!((numbers(1, 10), numbers(1, 1)), (Some(vec![2, 3]), Some(vec![2])));
        assert_eq!(numbers(3, 10), Some(vec![]));
        assert_eq!(tail.newest(), LogHead { sequence: 3, next: LogEnd::Nothing });
    }
}
