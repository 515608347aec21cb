//! Threads that stay on a core of their own and start together.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Nanoseconds from the common start to the last worker's end; worker `i` runs on the `i`th core
/// that this process may use.
pub(crate) fn run(workers: usize, work: impl Fn(usize) + Sync) -> f64 {
    let arrived = AtomicUsize::new(0);
    let times = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|index| {
                let (arrived, work) = (&arrived, &work);
                scope.spawn(move || {
                    pin(index);
                    arrived.fetch_add(1, Ordering::AcqRel);
                    while arrived.load(Ordering::Acquire) < workers {
                        std::hint::spin_loop();
                    }
                    let start = Instant::now();
                    work(index);
                    (start, Instant::now())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    let start = times.iter().map(|time| time.0).min().expect("at least one worker");
    let end = times.iter().map(|time| time.1).max().expect("at least one worker");
    end.duration_since(start).as_nanos() as f64
}

/// Puts the calling thread on the `index`th core, if there are so many.
///
/// # Panics
///
/// If the system refuses to tell or to set the cores of this thread.
pub fn pin(index: usize) {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("a thread knows its cores");
    let mut cores = (0..CpuSet::count()).filter(|&core| allowed.is_set(core).unwrap_or(false));
    let mut only = CpuSet::new();
    if let Some(core) = cores.nth(index) {
        only.set(core).expect("the core is within the set");
        sched_setaffinity(this, &only).expect("the core is allowed");
    }
}
