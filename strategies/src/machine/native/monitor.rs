//! A monitor: a value behind the POSIX mutex and condition variable of a waiting place, which an
//! abort wakes too.
#![allow(unsafe_code, reason = "the POSIX calls are foreign; each block says why it is sound")]

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use crate::machine::native::abort::Abort;
use crate::machine::native::waiters::Waiters;
use crate::machine::{Monitor, Wake};

/// A value behind a POSIX mutex, with a condition variable that an abort also wakes.
#[derive(Debug)]
pub struct NativeMonitor<T> {
    waiters: Arc<Waiters>,
    abort: Abort,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through a guard, that is, while the mutex is held.
unsafe impl<T: Send> Sync for NativeMonitor<T> {}

impl<T> NativeMonitor<T> {
    pub(super) fn new(value: T, abort: &Abort) -> Self {
        let waiters = Waiters::new();
        abort.watch(Arc::clone(&waiters));
        Self { waiters, abort: abort.clone(), value: UnsafeCell::new(value) }
    }
}

/// Access to a [`NativeMonitor`]'s value; lets the mutex go when dropped, on the thread that took
/// it.
#[derive(Debug)]
pub struct NativeGuard<'a, T> {
    monitor: &'a NativeMonitor<T>,
    /// A POSIX mutex must be unlocked by the thread that locked it, so a guard cannot be sent.
    stays_here: PhantomData<*const ()>,
}

// SAFETY: a shared guard only gives out shared access to the value.
unsafe impl<T: Sync> Sync for NativeGuard<'_, T> {}

impl<T> Deref for NativeGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a guard exists only while its thread holds the mutex.
        unsafe { &*self.monitor.value.get() }
    }
}

impl<T> DerefMut for NativeGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard itself is borrowed exclusively.
        unsafe { &mut *self.monitor.value.get() }
    }
}

impl<T> Drop for NativeGuard<'_, T> {
    fn drop(&mut self) {
        self.monitor.waiters.unlock();
    }
}

impl<T: Send> Monitor<T> for NativeMonitor<T> {
    type Guard<'a>
        = NativeGuard<'a, T>
    where
        Self: 'a;

    fn lock(&self) -> NativeGuard<'_, T> {
        self.waiters.lock();
        NativeGuard { monitor: self, stays_here: PhantomData }
    }

    fn wait<'a>(
        &'a self,
        guard: NativeGuard<'a, T>,
        patience: Option<Duration>,
    ) -> (NativeGuard<'a, T>, Wake) {
        assert!(std::ptr::eq(guard.monitor, self), "a guard waits on its own monitor");
        if self.abort.is_raised() {
            return (guard, Wake::Aborted);
        }
        let wake = self.waiters.wait(patience);
        if self.abort.is_raised() { (guard, Wake::Aborted) } else { (guard, wake) }
    }

    fn notify_one(&self) {
        self.waiters.wake_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn monitor<T>(value: T) -> (NativeMonitor<T>, Abort) {
        let abort = Abort::default();
        (NativeMonitor::new(value, &abort), abort)
    }

    #[test]
    fn a_wait_ends_when_its_patience_does() {
        let (monitor, _) = monitor(());
        let (_guard, wake) = monitor.wait(monitor.lock(), Some(Duration::from_micros(1)));
        assert_eq!(wake, Wake::TimedOut);
    }

    #[test]
    fn a_waiter_sees_what_the_notifier_wrote() {
        let (monitor, _) = monitor(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut guard = monitor.lock();
                while *guard == 0 {
                    guard = monitor.wait(guard, None).0;
                }
                *guard += 1;
            });
            *monitor.lock() = 41;
            monitor.notify_one();
        });
        assert_eq!(*monitor.lock(), 42);
    }

    /// The waiter says under the mutex that it is about to wait, and lets the mutex go only by
    /// falling asleep: the next holder of the mutex knows that it sleeps.
    #[test]
    fn abort_ends_a_wait_without_notification() {
        let (monitor, abort) = monitor(false);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let mut guard = monitor.lock();
                *guard = true;
                monitor.wait(guard, None).1
            });
            while !*monitor.lock() {
                thread::yield_now();
            }
            assert!(!abort.is_raised());
            abort.raise();
            assert_eq!(waiter.join().expect("the waiter does not panic"), Wake::Aborted);
        });
    }

    #[test]
    fn the_value_is_never_shared_by_two() {
        let (monitor, _) = monitor(0_u64);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| *monitor.lock() += 1));
            }
        });
        assert_eq!(*monitor.lock(), 40_000);
    }
}
