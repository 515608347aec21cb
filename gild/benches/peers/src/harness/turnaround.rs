//! An attempt's way to the crew and back, against a park/unpark round trip between two threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use engine::exec::attempt;
use engine::exec::worker_pool::{BatchEnd, WorkerPool};
use engine::plan::cell::Cell;
use engine::plan::subject::Subject;
use engine::sys::affinity::Pin;
use strategies::catalog::{Plain, Spec};
use strategies::machine::native::abort::Abort;
use strategies::program::workload::Workload;

use crate::harness::{ROUNDS, report};
use crate::pinned;

/// Round trips in a round.
const TRIPS: u64 = 500;

const SPEC: Spec = Spec::Plain(Plain::Unlocked);
/// Two workers with next to nothing to do.
const EMPTY: Cell = Cell {
    subject: Subject::Lab(SPEC),
    workload: Workload { tasks: 2, ..Workload::ONE },
    workers: 2,
    attempts: 1,
};

pub(crate) fn run() {
    let mut crew = WorkerPool::default();
    let (mut dispatches, mut attempts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let trip = round_trip_ns();
        dispatches.push(dispatch_ns(&mut crew) / trip);
        attempts.push(attempt_ns(&mut crew) / trip);
    }
    report("empty dispatch / park round trip", dispatches, "of 5 allowed");
    report("empty attempt / park round trip", attempts, "of 5 allowed");
}

/// Nanoseconds from unparking a thread on another core to being unparked by it.
fn round_trip_ns() -> f64 {
    let turn = AtomicU64::new(0);
    let wait_for = |wanted: u64| {
        while turn.load(Ordering::Acquire) < wanted {
            thread::park();
        }
    };
    let (turn, wait_for) = (&turn, &wait_for);
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            pinned::pin(0);
            let caller = thread::current();
            let second = scope.spawn(move || {
                pinned::pin(1);
                for trip in 0..=TRIPS {
                    wait_for(2 * trip + 1);
                    turn.store(2 * trip + 2, Ordering::Release);
                    caller.unpark();
                }
            });
            let there_and_back = |trip: u64| {
                turn.store(2 * trip + 1, Ordering::Release);
                second.thread().unpark();
                wait_for(2 * trip + 2);
            };
            there_and_back(0);
            let start = Instant::now();
            (1..=TRIPS).for_each(there_and_back);
            let ns = start.elapsed().as_nanos() as f64 / TRIPS as f64;
            second.join().expect("no panic");
            ns
        });
        first.join().expect("no panic")
    })
}

fn dispatch_ns(crew: &mut WorkerPool) -> f64 {
    per_trip(|| {
        let deadline = Instant::now() + Duration::from_secs(10);
        let ended =
            crew.dispatch(Pin::Auto, 2, Box::new(|_| {})).expect("threads").wait_until(deadline);
        assert_eq!(ended, BatchEnd::Done);
    })
}

fn attempt_ns(crew: &mut WorkerPool) -> f64 {
    per_trip(|| {
        let seen =
            attempt::run(crew, SPEC, &EMPTY, Pin::Auto, 0, &Abort::default()).expect("it ends");
        assert!(seen.total > 0);
    })
}

fn per_trip(mut trip: impl FnMut()) -> f64 {
    trip();
    let start = Instant::now();
    (0..TRIPS).for_each(|_| trip());
    start.elapsed().as_nanos() as f64 / TRIPS as f64
}
