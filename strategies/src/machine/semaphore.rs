//! A POSIX semaphore of one, without queue or hand-over: the lock under `CPython` 2.7's GIL, and
//! `threading.Lock` in every era.
//!
//! # State
//! ```text
//! word   bits    meaning                            who changes it
//! state  0..32   1 = free, 0 = held                 taker (CAS), poster (add)
//!        32..64  waiters asleep or about to sleep   those waiters
//! ```
//!
//! # Invariants
//! 1. The low half is 0 or 1; only the holder posts.
//! 2. A waiter sleeps only if it saw, under the monitor's mutex and after it had counted itself,
//!    that the lock is held.
//!
//! # Orderings
//! `post` publishes with Release and a take acquires with Acquire on the same word; waiters' counts
//! are read-modify-writes in between and continue the release sequence. No wake-up is lost for the
//! reason given in [`crate::locks::queue::fair_lock`]: counting and posting are read-modify-writes of one word.
//!
//! A post wakes one waiter but reserves nothing for it: the first thread to run has the lock, and that
//! is mostly the poster itself. That is the GIL battle of 2.7; do not mend it.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::machine::{Aborted, Machine, Monitor, Wake, Word};

const FREE: u64 = 1;
const FREE_MASK: u64 = (1 << 32) - 1;
const WAITER_ONE: u64 = 1 << 32;

/// The semaphore.
pub(crate) struct Semaphore<M: Machine> {
    state: M::Word,
    waiters: M::Monitor<()>,
}

impl<M: Machine> Semaphore<M> {
    /// A free semaphore.
    pub(crate) fn new(machine: &M) -> Self {
        Self { state: machine.word(FREE), waiters: machine.monitor(()) }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub(crate) fn try_take(&self) -> bool {
        self.take_and_subtract(FREE)
    }

    /// Takes the lock, waiting if need be.
    #[inline]
    pub(crate) fn take(&self) -> Result<(), Aborted> {
        if self.try_take() { Ok(()) } else { self.wait() }
    }

    /// Waits until it gets the lock.
    #[cold]
    pub(crate) fn wait(&self) -> Result<(), Aborted> {
        self.state.fetch_add(WAITER_ONE, Relaxed);
        let mut guard = self.waiters.lock();
        while !self.take_and_subtract(FREE + WAITER_ONE) {
            let (again, wake) = self.waiters.wait(guard, None);
            guard = again;
            if wake == Wake::Aborted {
                return Err(Aborted);
            }
        }
        Ok(())
    }

    /// Sets the lock free and wakes one waiter, if any. Callers hold it.
    #[inline]
    pub(crate) fn post(&self) {
        let before = self.state.fetch_add(FREE, Release);
        debug_assert_eq!(before & FREE_MASK, 0, "only the holder posts");
        if before >= WAITER_ONE {
            self.wake();
        }
    }

    /// Passes through the mutex: a thread that checked the state under it is asleep by then.
    #[cold]
    fn wake(&self) {
        drop(self.waiters.lock());
        self.waiters.notify_one();
    }

    #[inline]
    fn take_and_subtract(&self, amount: u64) -> bool {
        let mut seen = self.state.load(Relaxed);
        while seen & FREE_MASK != 0 {
            match self.state.compare_exchange(seen, seen - amount, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(found) => seen = found,
            }
        }
        false
    }
}
