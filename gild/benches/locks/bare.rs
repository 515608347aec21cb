//! The same foreign locks in a benchmark that shares nothing with the lab: a plain loop around the
//! lock, counted from outside between two moments. Both in the same rounds.

use std::cell::UnsafeCell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use engine::stats::two_sample::{Comparison, Sample};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use strategies::catalog::{Plain, Spec};
use strategies::harness::rng::SplitMix64;

use crate::lab::{ATTEMPT, Load, ROUNDS, interleaved_with};
use crate::page::Page;

/// Bodies between two looks at whether to stop: nothing but the lock and the addition in between.
const BATCH: u64 = 256;
/// Left out at the start of a bare run.
const WARM_UP: Duration = Duration::from_millis(50);

pub(crate) fn run(page: &mut Page) {
    page.head(
        "The lab's figures beside an independent bare benchmark",
        &format!(
            "{ROUNDS} interleaved rounds of {ATTEMPT:?}, empty sections; wanted: medians \
                  within 10 %."
        ),
        &["lock", "workers", "lab, M/s", "bare, M/s", "lab / bare", "wanted"],
    );
    for lock in [Plain::StdMutex, Plain::ParkingLot, Plain::Pthread] {
        for workers in [1, 2, 8] {
            let load = Load::of(Spec::Plain(lock), workers);
            let (lab, bare) = interleaved_with(load, || bare_rate(lock, workers));
            page.row(&row(lock, workers, &lab, &bare));
        }
    }
}

fn row(lock: Plain, workers: usize, lab: &Sample, bare: &Sample) -> [String; 6] {
    let found = Comparison::of(lab, bare, &mut SplitMix64::of(&[5])).expect("rates");
    let is_near = (0.9..=1.1).contains(&found.ratio);
    [
        format!("{lock:?}"),
        workers.to_string(),
        format!("{:.3}", lab.median() / 1e6),
        format!("{:.3}", bare.median() / 1e6),
        format!("{:.2} [{:.2} to {:.2}]", found.ratio, found.low, found.high),
        if is_near { "yes" } else { "**no**" }.into(),
    ]
}

fn bare_rate(lock: Plain, workers: usize) -> f64 {
    match lock {
        Plain::StdMutex => {
            let lock = OwnLine(std::sync::Mutex::new(()));
            looped(workers, |counter| {
                let _guard = lock.0.lock().expect("not poisoned");
                add(counter);
            })
        }
        Plain::ParkingLot => {
            let lock = OwnLine(parking_lot::Mutex::new(()));
            looped(workers, |counter| {
                let _guard = lock.0.lock();
                add(counter);
            })
        }
        Plain::Pthread => {
            let lock = OwnLine(Posix(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER)));
            looped(workers, |counter| {
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
fn looped(workers: usize, body: impl Fn(&AtomicU64) + Sync) -> f64 {
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
        std::thread::sleep(ATTEMPT);
        let rate = (sum() - before) as f64 / start.elapsed().as_secs_f64();
        stop.store(true, Relaxed);
        rate
    })
}

/// Puts the calling thread on the `index`th core.
pub(crate) fn pin(index: usize) {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("a thread knows its cores");
    let mut cores = (0..CpuSet::count()).filter(|&core| allowed.is_set(core).unwrap_or(false));
    let mut only = CpuSet::new();
    if let Some(core) = cores.nth(index) {
        only.set(core).expect("the core is within the set");
        sched_setaffinity(this, &only).expect("the core is allowed");
    }
}
