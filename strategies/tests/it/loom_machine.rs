//! A second machine, on which loom tries orders of steps and older values that loads may return.
//!
//! That is less than C11's memory model. loom treats a `SeqCst` access as `AcqRel`, so that it allows
//! more than C11 there; it never explores load buffering, in which a load returns a value that is
//! stored after it, so that it allows less there. A bound on preemptions limits switches between
//! threads, not how many loads of a run return an old value: those are tried without a bound.
//!
//! It has no time either. A timed wait lets the mutex go and is `TimedOut` at once, a bounded number
//! of times, and has endless patience after that. It does not yield first: loom runs a thread that
//! has yielded only when no other can run, so that no waiter would ever ask a holder that is at work.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use loom::sync::atomic::AtomicU64;
use loom::sync::{Condvar, Mutex, MutexGuard};
use strategies::machine::{
    Aborted, Call, Machine, Monitor, Oversubscription, SpinPolicy, Wake, Word, Work,
};

/// Which orderings the machine really gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Those that the code asks for.
    AsWritten,
    /// Release becomes Relaxed: the mutation that the checks must catch.
    WithoutRelease,
    /// There are no fences.
    WithoutFences,
}

impl Strength {
    fn apply(self, order: Ordering) -> Ordering {
        match (self, order) {
            (Self::WithoutRelease, Ordering::Release) => Ordering::Relaxed,
            (Self::WithoutRelease, Ordering::AcqRel) => Ordering::Acquire,
            _ => order,
        }
    }
}

/// Loom as a [`Machine`].
pub(crate) struct LoomMachine {
    strength: Strength,
    timeouts: u32,
}

impl LoomMachine {
    /// A machine on which each monitor's timed waits time out `timeouts` times.
    pub(crate) fn new(strength: Strength, timeouts: u32) -> Self {
        Self { strength, timeouts }
    }
}

pub(crate) struct LoomWord {
    value: AtomicU64,
    strength: Strength,
}

impl Word for LoomWord {
    fn load(&self, order: Ordering) -> u64 {
        self.value.load(order)
    }

    fn store(&self, value: u64, order: Ordering) {
        self.value.store(value, self.strength.apply(order));
    }

    fn fetch_add(&self, n: u64, order: Ordering) -> u64 {
        self.value.fetch_add(n, self.strength.apply(order))
    }

    fn fetch_sub(&self, n: u64, order: Ordering) -> u64 {
        self.value.fetch_sub(n, self.strength.apply(order))
    }

    fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.value.swap(value, self.strength.apply(order))
    }

    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.value.compare_exchange(current, new, self.strength.apply(success), failure)
    }
}

pub(crate) struct LoomMonitor<T> {
    value: Mutex<T>,
    condition: Condvar,
    /// A plain counter of the test, invisible to loom: it only bounds the exploration.
    timeouts_left: AtomicU32,
}

impl<T: Send> Monitor<T> for LoomMonitor<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        Self: 'a;

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().expect("loom's mutex is not poisoned")
    }

    fn wait<'a>(
        &'a self,
        guard: MutexGuard<'a, T>,
        patience: Option<Duration>,
    ) -> (MutexGuard<'a, T>, Wake) {
        let left = self.timeouts_left.load(Ordering::Relaxed);
        if patience.is_some() && left > 0 {
            self.timeouts_left.store(left - 1, Ordering::Relaxed);
            drop(guard);
            return (self.lock(), Wake::TimedOut);
        }
        (self.condition.wait(guard).expect("not poisoned"), Wake::Woken)
    }

    fn notify_one(&self) {
        self.condition.notify_one();
    }
}

impl Machine for LoomMachine {
    type Word = LoomWord;
    type Monitor<T: Send> = LoomMonitor<T>;

    fn fence(&self, order: Ordering) {
        match (self.strength, self.strength.apply(order)) {
            (Strength::WithoutFences, _) | (_, Ordering::Relaxed) => {}
            (_, order) => loom::sync::atomic::fence(order),
        }
    }

    fn word(&self, initial: u64) -> LoomWord {
        LoomWord { value: AtomicU64::new(initial), strength: self.strength }
    }

    fn monitor<T: Send>(&self, value: T) -> LoomMonitor<T> {
        LoomMonitor {
            value: Mutex::new(value),
            condition: Condvar::new(),
            timeouts_left: AtomicU32::new(self.timeouts),
        }
    }

    fn work_for(&self, _nanoseconds: u64) -> Work {
        Work::NONE
    }

    fn work(&self, _work: Work) {}

    fn call(&self, _call: Call) -> Result<(), Aborted> {
        loom::thread::yield_now();
        Ok(())
    }

    fn patience(&self, _workers: usize) -> SpinPolicy {
        SpinPolicy { crowd: Oversubscription::SharedCores, spins: 1, spins_in_front: 1, yields: 1 }
    }

    fn core(&self) -> u64 {
        0
    }

    fn spin(&self) {
        loom::thread::yield_now();
    }

    fn yield_now(&self) {
        loom::thread::yield_now();
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn aborted(&self) -> bool {
        false
    }
}
