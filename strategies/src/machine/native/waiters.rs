//! The POSIX mutex and condition variable of one waiting place.
//!
//! Not `std::sync`: CPython waits on exactly these two objects, and who is woken and in which order
//! decides its pathologies (ping-pong between pairs, the convoy). std's condition variable is a
//! plain futex queue and kinder than glibc's. The clock is monotonic, as CPython's is.
#![allow(unsafe_code, reason = "the POSIX calls are foreign; each block says why it is sound")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use crate::machine::Wake;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The pair of POSIX objects; lives in an [`Arc`], since neither may move once it is in use.
pub(crate) struct Waiters {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    cond: UnsafeCell<libc::pthread_cond_t>,
}

// SAFETY: POSIX mutexes and condition variables are made to be used from several threads through
// a shared address.
unsafe impl Send for Waiters {}
// SAFETY: as above.
unsafe impl Sync for Waiters {}

impl Waiters {
    pub(crate) fn new() -> Arc<Self> {
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
        // the condition variable is at its final place and no other thread knows it yet.
        unsafe {
            libc::pthread_condattr_init(attributes.as_mut_ptr());
            libc::pthread_condattr_setclock(attributes.as_mut_ptr(), libc::CLOCK_MONOTONIC);
            libc::pthread_cond_init(self.cond.get(), attributes.as_ptr());
            libc::pthread_condattr_destroy(attributes.as_mut_ptr());
        }
    }

    pub(crate) fn lock(&self) {
        // SAFETY: the mutex is initialised and does not move while `self` is borrowed.
        let code = unsafe { libc::pthread_mutex_lock(self.mutex.get()) };
        debug_assert_eq!(code, 0, "a default mutex can only fail to lock by deadlock");
    }

    pub(crate) fn unlock(&self) {
        // SAFETY: as in `lock`; callers hold the mutex.
        let code = unsafe { libc::pthread_mutex_unlock(self.mutex.get()) };
        debug_assert_eq!(code, 0, "unlocking a held mutex cannot fail");
    }

    pub(crate) fn wake_one(&self) {
        // SAFETY: the condition variable is initialised and does not move.
        unsafe { libc::pthread_cond_signal(self.cond.get()) };
    }

    /// Wakes all waiters. Passes through the mutex first, so that a waiter that has looked at the
    /// abort flag is asleep by then.
    pub(crate) fn wake_all(&self) {
        self.lock();
        // SAFETY: as in `wake_one`.
        unsafe { libc::pthread_cond_broadcast(self.cond.get()) };
        self.unlock();
    }

    /// Callers hold the mutex; `None` waits without a limit.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> Wake {
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
        // SAFETY: no thread can hold or wait on either, since this is the last owner.
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
