//! A POSIX mutex with a condition variable around a value.
//!
//! Why not `std::sync`: CPython waits on exactly these two objects, and who is woken and in which
//! order decides its pathologies (ping-pong between pairs, the convoy). std's condition variable is
//! a plain futex queue and kinder than glibc's. The clock is monotonic, as CPython's is.
#![allow(unsafe_code, reason = "the POSIX calls are foreign; each block says why it is sound")]

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use crate::machine::native::abort::Abort;
use crate::machine::{Monitor, Wake};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The pair of POSIX objects; lives in an [`Arc`], since neither may move once it is in use.
pub(super) struct Waiters {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    cond: UnsafeCell<libc::pthread_cond_t>,
}

// SAFETY: POSIX mutexes and condition variables are made to be used from several threads through
// a shared address.
unsafe impl Send for Waiters {}
// SAFETY: as above.
unsafe impl Sync for Waiters {}

impl Waiters {
    fn new() -> Arc<Self> {
        let waiters = Arc::new(Self {
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            cond: UnsafeCell::new(libc::PTHREAD_COND_INITIALIZER),
        });
        waiters.use_monotonic_clock();
        waiters
    }

    /// Initialises the condition variable again, where it will stay, with the monotonic clock.
    fn use_monotonic_clock(&self) {
        let mut attributes = MaybeUninit::<libc::pthread_condattr_t>::uninit();
        // SAFETY: the attributes are initialised by the first call before the others read them;
        // the condition variable is at its final place and nobody else knows it yet.
        unsafe {
            libc::pthread_condattr_init(attributes.as_mut_ptr());
            libc::pthread_condattr_setclock(attributes.as_mut_ptr(), libc::CLOCK_MONOTONIC);
            libc::pthread_cond_init(self.cond.get(), attributes.as_ptr());
            libc::pthread_condattr_destroy(attributes.as_mut_ptr());
        }
    }

    fn lock(&self) {
        // SAFETY: the mutex is initialised and does not move while `self` is borrowed.
        let code = unsafe { libc::pthread_mutex_lock(self.mutex.get()) };
        debug_assert_eq!(code, 0, "a default mutex can only fail to lock by deadlock");
    }

    fn unlock(&self) {
        // SAFETY: as in `lock`; callers hold the mutex.
        let code = unsafe { libc::pthread_mutex_unlock(self.mutex.get()) };
        debug_assert_eq!(code, 0, "unlocking a held mutex cannot fail");
    }

    fn wake_one(&self) {
        // SAFETY: the condition variable is initialised and does not move.
        unsafe { libc::pthread_cond_signal(self.cond.get()) };
    }

    /// Wakes everybody. Passes through the mutex first, so that a waiter that has looked at the
    /// abort flag is asleep by then.
    pub(super) fn wake_all(&self) {
        self.lock();
        // SAFETY: as in `wake_one`.
        unsafe { libc::pthread_cond_broadcast(self.cond.get()) };
        self.unlock();
    }

    /// Callers hold the mutex; `None` waits without a limit.
    fn wait(&self, patience: Option<Duration>) -> Wake {
        let code = match patience.map(deadline_after) {
            // SAFETY: both objects are initialised, stay where they are, and the mutex is held.
            None => unsafe { libc::pthread_cond_wait(self.cond.get(), self.mutex.get()) },
            // SAFETY: as above; `at` lives until the call returns.
            Some(at) => unsafe {
                libc::pthread_cond_timedwait(self.cond.get(), self.mutex.get(), &raw const at)
            },
        };
        if code == libc::ETIMEDOUT { Wake::TimedOut } else { Wake::Woken }
    }
}

impl Drop for Waiters {
    fn drop(&mut self) {
        // SAFETY: nobody can hold or wait on either, since this is the last owner.
        unsafe {
            libc::pthread_cond_destroy(self.cond.get());
            libc::pthread_mutex_destroy(self.mutex.get());
        }
    }
}

impl fmt::Debug for Waiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiters").finish_non_exhaustive()
    }
}

/// The monotonic instant that lies `patience` ahead.
fn deadline_after(patience: Duration) -> libc::timespec {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid place for the result, and this clock always exists on Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    let seconds = i64::try_from(patience.as_secs()).unwrap_or(i64::MAX / 2);
    let nanos = now.tv_nsec + i64::from(patience.subsec_nanos());
    libc::timespec {
        tv_sec: now.tv_sec.saturating_add(seconds + nanos / NANOS_PER_SECOND),
        tv_nsec: nanos % NANOS_PER_SECOND,
    }
}

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
    /// falling asleep: whoever has the mutex after that knows that it sleeps.
    #[test]
    fn an_abort_ends_a_wait_that_nobody_else_would_end() {
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
