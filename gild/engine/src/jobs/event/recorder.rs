//! Events in memory, for tests of what jobs store.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::jobs::event::exploration::ExplorationEvent;
use crate::jobs::event::sink::{AppendError, EventSink, JobEvent};
use crate::jobs::event::sweep::SweepEvent;

/// The events of all jobs.
#[derive(Debug, Default)]
pub(crate) struct EventRecorder {
    events: Mutex<Vec<(String, JobEvent)>>,
    is_closed: AtomicBool,
}

impl EventRecorder {
    /// Events of all jobs so far.
    pub(crate) fn len(&self) -> usize {
        self.events.lock().len()
    }

    /// Refuses every later event.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// The events of a sweep so far.
    pub(crate) fn sweep_events(&self, id: &str) -> Vec<SweepEvent> {
        self.events_of(id, |event| match event {
            JobEvent::Sweep(event) => Some(event.clone()),
            JobEvent::Exploration(_) => None,
        })
    }

    /// The events of an exploration so far.
    pub(crate) fn exploration_events(&self, id: &str) -> Vec<ExplorationEvent> {
        self.events_of(id, |event| match event {
            JobEvent::Exploration(event) => Some(event.clone()),
            JobEvent::Sweep(_) => None,
        })
    }

    fn events_of<E>(&self, id: &str, select: impl Fn(&JobEvent) -> Option<E>) -> Vec<E> {
        let events = self.events.lock();
        events.iter().filter(|(of, _)| of == id).filter_map(|(_, event)| select(event)).collect()
    }
}

impl EventSink for EventRecorder {
    fn append(&self, id: &str, event: JobEvent) -> Result<u64, AppendError> {
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(AppendError::Unknown);
        }
        let mut events = self.events.lock();
        events.push((id.to_owned(), event));
        Ok(events.len() as u64)
    }
}
