//! Worker pool: common start, placement on cores, panics and abandoned workers.

use super::*;
use crate::sys::affinity;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use nix::sched::{self, sched_getaffinity};
use nix::unistd::Pid;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

#[test]
fn each_worker_runs_once_with_its_index() {
    let mut pool = WorkerPool::default();
    for workers in [1, 2, 8, 3] {
        let seen: Arc<Vec<AtomicUsize>> =
            Arc::new((0..workers).map(|_| AtomicUsize::new(0)).collect());
        let job = {
            let seen = Arc::clone(&seen);
            move |index: usize| {
                seen[index].fetch_add(1, Ordering::Relaxed);
            }
        };
        assert_eq!(
            pool.dispatch(Pin::Auto, workers, Box::new(job)).expect("threads").wait_until(soon()),
            BatchEnd::Done
        );
        assert!(seen.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    }
    assert_eq!(pool.threads.len(), 8, "threads are kept, and no more than needed");
}

#[test]
fn panicking_worker_is_reported_and_the_pool_continues() {
    let mut pool = WorkerPool::default();
    let batch = pool
        .dispatch(Pin::Auto, 2, Box::new(|index| assert_ne!(index, 1, "worker 1 gave up")))
        .expect("threads");
    let BatchEnd::Panicked(message) = batch.wait_until(soon()) else {
        panic!("the panic was not reported");
    };
    assert!(message.contains("worker 1 gave up"), "{message}");
    assert_eq!(
        pool.dispatch(Pin::Auto, 2, Box::new(|_| {})).expect("threads").wait_until(soon()),
        BatchEnd::Done
    );
}

#[test]
fn workers_are_placed_as_each_batch_requests() {
    let mut pool = WorkerPool::default();
    for pin in [Pin::Spread, Pin::Pack, Pin::None, Pin::Auto] {
        let seen: Arc<Mutex<Vec<Option<sched::CpuSet>>>> = Arc::new(Mutex::new(vec![None; 3]));
        let job = {
            let seen = Arc::clone(&seen);
            move |index: usize| {
                lock(&seen)[index] = sched_getaffinity(Pid::from_raw(0)).ok();
            }
        };
        let batch = pool.dispatch(pin, 3, Box::new(job)).expect("threads");
        assert_eq!(batch.wait_until(soon()), BatchEnd::Done);
        for (index, seen) in lock(&seen).iter().enumerate() {
            let mut wanted = sched::CpuSet::new();
            let cores = affinity::worker_cores(pin, 3);
            let own = cores.get(index).map_or(affinity::allowed(), std::slice::from_ref);
            for &core in own {
                wanted.set(core).expect("within the set");
            }
            assert_eq!(*seen, Some(wanted), "{pin:?}, worker {index}");
        }
    }
}

#[test]
fn late_batch_can_be_waited_for_again() {
    let mut pool = WorkerPool::default();
    let open = Arc::new(AtomicBool::new(false));
    let waiting = Arc::clone(&open);
    let batch = pool
        .dispatch(
            Pin::Auto,
            1,
            Box::new(move |_| {
                while !waiting.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            }),
        )
        .expect("threads");
    assert_eq!(batch.wait_until(Instant::now()), BatchEnd::Late);
    open.store(true, Ordering::Relaxed);
    assert_eq!(batch.wait_until(soon()), BatchEnd::Done);
}

/// Waits until `holds` is true of the batch's statuses.
fn statuses_when(
    pool: &WorkerPool,
    batch: &Batch,
    holds: impl Fn(&[Entry]) -> bool,
) -> WorkerStatuses {
    let deadline = soon();
    loop {
        let statuses = pool.statuses(batch, Duration::from_secs(3));
        if holds(&statuses.workers) {
            return statuses;
        }
        assert!(Instant::now() < deadline, "{statuses}");
        thread::yield_now();
    }
}

#[test]
fn lost_worker_is_listed_until_it_returns() {
    let degraded = LostWorkers::default();
    let mut pool = WorkerPool::on(CpuSet::default(), degraded.clone());
    pool.set_label("sweep abc".into());
    let open = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&open);
    let job = move |index| {
        while index == 1 && !own.load(Ordering::Relaxed) {
            thread::yield_now();
        }
    };
    let batch = pool.dispatch(Pin::Spread, 2, Box::new(job)).expect("threads");
    let statuses = statuses_when(&pool, &batch, |workers| {
        workers.iter().map(|entry| entry.at).eq([WorkerPhase::Back, WorkerPhase::Work])
    });
    let cores: Vec<_> = statuses.workers.iter().filter_map(|entry| entry.core).collect();
    assert_eq!(cores, affinity::worker_cores(Pin::Spread, 2));
    let threads: Vec<_> = statuses.workers.iter().filter_map(|entry| entry.thread).collect();
    assert!(threads.len() == 2 && threads[0] != threads[1], "{threads:?}");
    pool.abandon(&batch, &statuses);
    let text = degraded.text().expect("one is out");
    let wanted = format!("thread {} of sweep abc, on core {}", threads[1], cores[1]);
    assert!(text.contains(&wanted) && !text.contains(&format!("thread {}", threads[0])), "{text}");
    let again = pool.dispatch(Pin::None, 2, Box::new(|_| {})).expect("new threads");
    assert_eq!(again.wait_until(soon()), BatchEnd::Done);
    assert!(pool.is_degraded(), "others do not change that");
    open.store(true, Ordering::Relaxed);
    let deadline = soon();
    while pool.is_degraded() {
        assert!(Instant::now() < deadline, "it returned and is still listed");
        thread::yield_now();
    }
}

#[test]
fn pool_of_a_lane_stays_on_its_cores() {
    let last = *affinity::allowed().last().expect("at least one");
    let mut only = sched::CpuSet::new();
    only.set(last).expect("within the set");
    let mut pool = WorkerPool::on(CpuSet::share(&[last]), LostWorkers::default());
    for pin in [Pin::None, Pin::Auto, Pin::Spread] {
        let seen: Arc<Mutex<Vec<Option<sched::CpuSet>>>> = Arc::new(Mutex::new(vec![None; 2]));
        let own = Arc::clone(&seen);
        let job = move |index: usize| lock(&own)[index] = sched_getaffinity(Pid::from_raw(0)).ok();
        let batch = pool.dispatch(pin, 2, Box::new(job)).expect("threads");
        assert_eq!(batch.wait_until(soon()), BatchEnd::Done);
        assert_eq!(*lock(&seen), [Some(only); 2], "{pin:?}");
    }
    assert!(pool.used().is_some());
}
