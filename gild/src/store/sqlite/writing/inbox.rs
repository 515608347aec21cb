//! The writer's inbox: a bounded queue of requests that it takes in groups. A sender wakes the writer only
//! where that waits, and the writer its senders once there is room for as many requests as a group has.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;

use parking_lot::{Condvar, Mutex};

use crate::limits::{HISTORY_GROUP_MAX, HISTORY_INBOX_MAX};
use crate::store::error::HistoryError;
use crate::store::sqlite::writing::transaction::{WriteOutcome, WriteRequest};

/// What a request came to.
pub(crate) type Answer = Result<WriteOutcome, HistoryError>;

/// A request, and the channel of its caller if it waits.
#[derive(Debug)]
pub(crate) struct QueuedWrite {
    pub(crate) write: WriteRequest,
    pub(crate) answer: Option<Sender<Answer>>,
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    /// For the writer.
    filled: Condvar,
    /// For its senders.
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    writes: VecDeque<QueuedWrite>,
    end: End,
}

/// Which side has left.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum End {
    #[default]
    None,
    /// No request follows.
    Closed,
    /// None is performed any more.
    Gone,
}

impl Inbox {
    /// Queues a request, and waits for a place where [`HISTORY_INBOX_MAX`] are queued. Returns false if
    /// the writer is gone.
    #[must_use]
    pub(crate) fn send(&self, write: QueuedWrite) -> bool {
        let mut queue = self.queue.lock();
        let is_full =
            |queue: &mut Queue| queue.writes.len() >= HISTORY_INBOX_MAX && queue.end == End::None;
        self.emptied.wait_while(&mut queue, is_full);
        if queue.end != End::None {
            return false;
        }
        queue.writes.push_back(write);
        let is_first = queue.writes.len() == 1;
        drop(queue);
        if is_first {
            self.filled.notify_one();
        }
        true
    }

    /// Moves the next requests into `group`, at most [`HISTORY_GROUP_MAX`], and waits for one; none after
    /// the last of all.
    pub(crate) fn take(&self, group: &mut Vec<QueuedWrite>) {
        let mut queue = self.queue.lock();
        let is_idle = |queue: &mut Queue| queue.writes.is_empty() && queue.end == End::None;
        self.filled.wait_while(&mut queue, is_idle);
        let most = queue.writes.len().min(HISTORY_GROUP_MAX);
        group.extend(queue.writes.drain(..most));
        let has_room = queue.writes.len() + HISTORY_GROUP_MAX <= HISTORY_INBOX_MAX;
        drop(queue);
        if has_room {
            self.emptied.notify_all();
        }
    }

    /// Whether a request or the end waits for the writer.
    pub(crate) fn has_news(&self) -> bool {
        let queue = self.queue.lock();
        !queue.writes.is_empty() || queue.end != End::None
    }

    /// No request follows; those that are queued are still performed.
    pub(crate) fn close(&self) {
        self.end(End::Closed);
    }

    /// No request is performed any more: those that are queued are dropped, and senders are refused.
    pub(crate) fn leave(&self) {
        self.end(End::Gone);
        self.queue.lock().writes.clear();
    }

    fn end(&self, end: End) {
        self.queue.lock().end = end;
        self.filled.notify_all();
        self.emptied.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn write() -> QueuedWrite {
        QueuedWrite { write: WriteRequest::Checkpoint, answer: None }
    }

    fn taken(inbox: &Inbox) -> usize {
        let mut group = Vec::new();
        inbox.take(&mut group);
        group.len()
    }

    #[test]
    fn full_inbox_takes_a_request_once_a_group_was_taken() {
        let inbox = Arc::new(Inbox::default());
        assert!((0..HISTORY_INBOX_MAX).all(|_| inbox.send(write())));
        let sender = Arc::clone(&inbox);
        let waits = std::thread::spawn(move || sender.send(write()));
        let mut left = HISTORY_INBOX_MAX + 1;
        while left > 0 {
            left -= taken(&inbox);
        }
        assert!(waits.join().expect("no panic"));
    }

    #[test]
    fn closed_inbox_gives_what_it_has_and_then_nothing() {
        let inbox = Inbox::default();
        assert!(!inbox.has_news() && inbox.send(write()) && inbox.has_news());
        inbox.close();
        assert!(!inbox.send(write()));
        assert_eq!((taken(&inbox), taken(&inbox)), (1, 0));
        assert!(inbox.has_news(), "the end");
    }

    #[test]
    fn sender_is_refused_once_the_writer_is_gone() {
        let inbox = Arc::new(Inbox::default());
        assert!((0..HISTORY_INBOX_MAX).all(|_| inbox.send(write())));
        let sender = Arc::clone(&inbox);
        let waits = std::thread::spawn(move || sender.send(write()));
        inbox.leave();
        assert!(!waits.join().expect("no panic"));
        assert!(!inbox.send(write()));
    }
}
