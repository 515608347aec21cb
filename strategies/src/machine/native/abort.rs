//! Abort of an attempt: a flag that the hot loop reads between chunks of bodies, and the list of
//! waiting places to wake so that no wait outlives it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::machine::native::waiters::Waiters;

/// A one-way switch shared by all threads of one attempt. Clones are the same switch.
#[derive(Debug, Clone, Default)]
pub struct Abort(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    raised: AtomicBool,
    places: Mutex<Vec<Arc<Waiters>>>,
}

impl Abort {
    /// Ends the attempt: every wait of its machine returns, every long loop stops. Idempotent.
    pub fn raise(&self) {
        // Relaxed: the flag carries no data. A waiter reads it under the mutex that `wake_all`
        // takes below, so it either sees the flag or is asleep and gets woken.
        self.0.raised.store(true, Ordering::Relaxed);
        for place in self.places().iter() {
            place.wake_all();
        }
    }

    /// Whether [`Abort::raise`] was called.
    #[inline]
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Relaxed)
    }

    /// Adds a place where a worker may be asleep when the abort comes.
    pub(super) fn watch(&self, place: Arc<Waiters>) {
        self.places().push(place);
    }

    fn places(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Waiters>>> {
        // A panic while pushing leaves a valid list.
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
