//! Publication after a commit: events are shown to the subscriptions of their logs, and callers are answered.

use std::sync::Arc;

use dashmap::DashMap;

use crate::store::live_log::{LiveLog, LogEnd};
use crate::store::sqlite::writing::inbox::QueuedWrite;
use crate::store::sqlite::writing::transaction::{Append, WriteOutcome, WriteRequest};

/// Shows a group's events to subscriptions, those of a log at once, and answers its callers.
pub(super) fn publish(
    group: &mut Vec<QueuedWrite>,
    done: Vec<WriteOutcome>,
    live_logs: &DashMap<String, Arc<LiveLog>>,
) {
    let log = |queued: &QueuedWrite| append_of(queued).map(|append| append.log.number);
    for writes in group.chunk_by(|a, b| log(a) == log(b)) {
        publish_events(writes, live_logs);
    }
    for (queued, outcome) in group.drain(..).zip(done) {
        if let Some(answer) = queued.answer {
            // The caller may be gone.
            let _ = answer.send(Ok(outcome));
        }
    }
}

fn append_of(queued: &QueuedWrite) -> Option<&Append> {
    match &queued.write {
        WriteRequest::Append(append) => Some(append),
        _ => None,
    }
}

/// Shows the events of one log, if these are any.
fn publish_events(writes: &[QueuedWrite], live_logs: &DashMap<String, Arc<LiveLog>>) {
    let events = writes.iter().filter_map(append_of);
    let Some(last) = events.clone().next_back() else { return };
    last.log.publish(events.map(|append| &append.stored), last.log_end());
    if last.log_end() == LogEnd::Closed {
        live_logs.remove(&last.id);
    }
}
