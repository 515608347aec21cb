//! Sending of events to the state, failed calls among them.

use tokio::sync::mpsc;

use crate::error::Failure;
use crate::exit::Exit;
use crate::tui::event::{Event, Link};

/// Sends an event; one that nothing waits for any more is dropped.
pub(super) async fn send(events: &mpsc::Sender<Event>, event: Event) {
    let _ = events.send(event).await;
}

/// A failed call as an event: a connection that is tried again, or a refusal.
pub(super) fn broken(link: Link, failure: &Failure) -> Event {
    let cause = failure.reason().to_owned();
    if failure.exit() == Exit::Unreachable {
        Event::Lost { link, cause }
    } else {
        Event::Refused(cause)
    }
}
