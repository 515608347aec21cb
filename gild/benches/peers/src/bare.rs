//! Foreign locks in a benchmark that shares nothing with the lab: a plain loop around the lock, counted
//! from outside between two moments.

use std::cell::UnsafeCell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use strategies::catalog::Plain;

use crate::pinned::pin;

/// Bodies between two looks at whether to stop: nothing but the lock and the addition in between.
const BATCH: u64 = 256;
/// Left out at the start of a run.
const WARM_UP: Duration = Duration::from_millis(50);

/// Increments a second of `workers` threads that do nothing else, counted for `time`.
///
/// # Panics
///
/// If the lock is none of `std`, `parking_lot` and POSIX.
pub fn rate(lock: Plain, workers: usize, time: Duration) -> f64 {
    match lock {
        Plain::StdMutex => {
            let lock = OwnLine(std::sync::Mutex::new(()));
            looped(workers, time, |counter| {
                let _guard = lock.0.lock().expect("not poisoned");
                add(counter);
            })
        }
        Plain::ParkingLot => {
            let lock = OwnLine(parking_lot::Mutex::new(()));
            looped(workers, time, |counter| {
                let _guard = lock.0.lock();
                add(counter);
            })
        }
        Plain::Pthread => {
            let lock = OwnLine(Posix(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER)));
            looped(workers, time, |counter| {
                lock.0.lock();
                add(counter);
                lock.0.unlock();
            })
        }
        other => unreachable!("{other:?} has no bare loop"),
    }
}

struct Posix(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a POSIX mutex is made to be shared.
unsafe impl Sync for Posix {}

impl Posix {
    fn lock(&self) {
        // SAFETY: an initialised mutex that does not move while it is shared.
        unsafe { libc::pthread_mutex_lock(self.0.get()) };
    }

    fn unlock(&self) {
        // SAFETY: as above; callers have locked it.
        unsafe { libc::pthread_mutex_unlock(self.0.get()) };
    }
}

#[inline]
fn add(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed) + 1, Relaxed);
}

#[repr(align(128))]
struct OwnLine<T>(T);

/// Increments per second of workers that do nothing but `body`.
fn looped(workers: usize, time: Duration, body: impl Fn(&AtomicU64) + Sync) -> f64 {
    let (stop, counter) = (AtomicBool::new(false), OwnLine(AtomicU64::new(0)));
    let counts: Vec<OwnLine<AtomicU64>> =
        (0..workers).map(|_| OwnLine(AtomicU64::new(0))).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let sum = || counts.iter().map(|count| count.0.load(Relaxed)).sum::<u64>();
    std::thread::scope(|scope| {
        for (index, count) in counts.iter().enumerate() {
            let (stop, counter, body) = (&stop, &counter, &body);
            scope.spawn(move || {
                if workers <= cores {
                    pin(index);
                }
                let mut done = 0;
                while !stop.load(Relaxed) {
                    (0..BATCH).for_each(|_| body(&counter.0));
                    done += BATCH;
                    count.0.store(done, Relaxed);
                }
            });
        }
        while counts.iter().any(|count| count.0.load(Relaxed) == 0) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(WARM_UP);
        let (start, before) = (Instant::now(), sum());
        std::thread::sleep(time);
        let rate = (sum() - before) as f64 / start.elapsed().as_secs_f64();
        stop.store(true, Relaxed);
        rate
    })
}
