//! The live end of a log: its newest committed event, a notification for each new one, and the latest
//! few in memory. Reads no database.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use crate::limits::TAIL_BYTES_MAX;

/// An event as it is stored and streamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number in the log, from 1 without a gap.
    pub sequence: u64,
    /// Nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// The encoded event.
    pub body: Bytes,
}

/// The committed end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogHead {
    /// Number of the newest committed event; 0 for none.
    pub sequence: u64,
    /// Whether another event may follow.
    pub end: LogEnd,
}

/// Whether events follow the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogEnd {
    /// Another event may follow.
    #[default]
    Open,
    /// It was the last.
    Closed,
    /// None follows in this process; the job is queued for the next lab.
    Suspended,
}

/// The live end of one log.
pub(crate) struct LiveLog {
    /// The job's number.
    pub(crate) number: i64,
    created: Vec<u8>,
    /// The sequence number that was assigned last.
    claimed: AtomicU64,
    head: watch::Sender<LogHead>,
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    events: VecDeque<Arc<StoredEvent>>,
    bytes: usize,
}

impl LiveLog {
    /// A log that goes on after `sequence` events.
    pub(crate) fn new(number: i64, created: Vec<u8>, sequence: u64) -> Self {
        Self::of(number, created, LogHead { sequence, end: LogEnd::Open })
    }

    /// A log to which no event is added.
    pub(crate) fn closed(number: i64, sequence: u64) -> Self {
        Self::of(number, Vec::new(), LogHead { sequence, end: LogEnd::Closed })
    }

    fn of(number: i64, created: Vec<u8>, head: LogHead) -> Self {
        let claimed = AtomicU64::new(head.sequence);
        let (head, recent) = (watch::Sender::new(head), Mutex::default());
        Self { number, created, claimed, head, recent }
    }

    /// The encoded job as it was created.
    pub(crate) fn created(&self) -> &[u8] {
        &self.created
    }

    /// Assigns the next sequence number. One thread at a time appends to a log.
    pub(crate) fn claim(&self) -> u64 {
        self.claimed.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Shows durable events to subscriptions, in order and at once.
    pub(crate) fn publish<'a>(
        &self,
        events: impl Iterator<Item = &'a Arc<StoredEvent>>,
        end: LogEnd,
    ) {
        let mut last = None;
        {
            let mut recent = self.recent();
            for stored in events {
                recent.add(Arc::clone(stored));
                last = Some(stored.sequence);
            }
        }
        if let Some(sequence) = last {
            self.head.send_replace(LogHead { sequence, end });
        }
    }

    /// Ends an open log, and notifies its subscriptions.
    pub(crate) fn close(&self, end: LogEnd) {
        self.head.send_if_modified(|head| {
            let is_open = head.end == LogEnd::Open;
            if is_open {
                head.end = end;
            }
            is_open
        });
    }

    /// The committed end of the log.
    pub(crate) fn head(&self) -> LogHead {
        *self.head.borrow()
    }

    /// A receiver that is notified of each new event.
    pub(crate) fn subscribe(&self) -> watch::Receiver<LogHead> {
        self.head.subscribe()
    }

    /// At most `most` events after a number; `None` if they are not in memory.
    pub(crate) fn recent_after(&self, after: u64, most: usize) -> Option<Vec<StoredEvent>> {
        let recent = self.recent();
        let first = recent.events.front()?.sequence;
        let skip = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        let events = recent.events.iter().skip(skip).take(most);
        Some(events.map(|stored| StoredEvent::clone(stored)).collect())
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock()
    }
}

impl std::fmt::Debug for LiveLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveLog").field("head", &self.head()).finish_non_exhaustive()
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
    fn sequence_numbers_are_assigned_once() {
        let log = LiveLog::new(1, Vec::new(), 4);
        assert_eq!((log.claim(), log.claim()), (5, 6));
    }

    #[test]
    fn oldest_events_leave_memory_first() {
        let log = LiveLog::new(1, Vec::new(), 0);
        assert_eq!(log.recent_after(0, 10), None);
        for (n, end) in [(1, LogEnd::Open), (2, LogEnd::Open), (3, LogEnd::Closed)] {
            log.publish([event(n, TAIL_BYTES_MAX / 2)].iter(), end);
        }
        let numbers = |after, most| -> Option<Vec<u64>> {
            Some(log.recent_after(after, most)?.iter().map(|stored| stored.sequence).collect())
        };
        assert_eq!(numbers(0, 10), None, "the first had to go");
        assert_eq!((numbers(1, 10), numbers(1, 1)), (Some(vec![2, 3]), Some(vec![2])));
        assert_eq!(numbers(3, 10), Some(vec![]));
        assert_eq!(log.head(), LogHead { sequence: 3, end: LogEnd::Closed });
    }
}
