//! Locks under load on the worker pool: the negative control is caught in every workload, and exact
//! locks keep their promise.

use strategies::catalog::{Plain, Promise, Spec};
use strategies::harness::entry::Inclusion;
use strategies::machine::native::abort::Abort;
use strategies::program::workload::{Lengths, Workload};

use crate::exec::attempt::run;
use crate::exec::worker_pool::WorkerPool;
use crate::measure::accumulator::CellAccumulator;
use crate::measure::measurement::{Measurement, Verdict};
use crate::plan::cell::Cell;
use crate::plan::subject::Subject;
use crate::sys::affinity::Pin;

/// Long enough for a lock that fails one time in 16.
const TIMED: Workload = Workload { duration_ns: Some(50_000_000), ..Workload::ONE };

/// Every way to load a lock, one after the other.
fn workloads() -> Vec<Workload> {
    vec![
        Workload { tasks: 8, increments: 2_000, ..Workload::ONE },
        TIMED,
        Workload { inside_ns: 500, outside_ns: 500, lengths: Lengths::Fixed, ..TIMED },
        Workload { inside_ns: 500, outside_ns: 500, lengths: Lengths::Uniform, ..TIMED },
        Workload { inside_ns: 500, outside_ns: 500, lengths: Lengths::Exponential, ..TIMED },
        Workload { locks: 2, ..TIMED },
        Workload { reads_percent: 50, ..TIMED },
        Workload { arrivals_per_s: Some(500_000), ..TIMED },
    ]
}

/// Several attempts of a strategy under a load: on a busy machine a single one may succeed by
/// chance.
fn measured(lock: Plain, workload: Workload, workers: usize, attempts: u64) -> Measurement {
    let spec = Spec::Plain(lock);
    let cell = Cell { subject: Subject::Lab(spec), workload, workers, attempts: 1 };
    assert_eq!(spec.promise(&workload, workers), Promise::Exact, "{lock:?}");
    let mut accumulator = CellAccumulator::new(cell, 0.0);
    let mut pool = WorkerPool::default();
    for seed in 0..attempts {
        // Eight workers beside other load may be too slow for the limit of an attempt.
        let once = |_| run(&mut pool, spec, &cell, Pin::Auto, seed, &Abort::default()).ok();
        accumulator.add_round(&[(0..10).find_map(once).expect("one of ten ends in time")]);
    }
    accumulator.final_measurement()
}

#[test]
fn broken_lock_is_caught_in_every_workload() {
    for workload in workloads() {
        for workers in [2, 8] {
            let caught = (0..20)
                .any(|_| measured(Plain::Broken, workload, workers, 3).verdict == Verdict::Broken);
            assert!(caught, "{workers} workers, {workload:?}");
        }
    }
}

#[test]
fn fair_mutex_is_exact_and_in_order_in_every_workload() {
    for workload in workloads() {
        for workers in [1, 2, 8] {
            let it = measured(Plain::FairMutex, workload, workers, 1);
            assert_eq!(it.verdict, Verdict::Kept, "{workers} workers, {workload:?}");
            let watched = it.contention.and_then(|load| load.watched);
            if let Some((late, of)) = watched.and_then(|watched| watched.bypassed) {
                assert_eq!(late, 0, "bypassed, of {of}: {workers} workers, {workload:?}");
            }
        }
    }
}

#[test]
fn every_exact_lock_keeps_its_promise_under_load() {
    for &lock in Plain::ALL {
        let keeps = Spec::Plain(lock).promise(&TIMED, 2) == Promise::Exact;
        // Locks whose waiters never yield make no progress beside other tests.
        if keeps && Spec::Plain(lock).name().entry().inclusion == Inclusion::Default {
            let it = measured(lock, TIMED, 2, 1);
            assert_eq!((it.verdict, it.correct), (Verdict::Kept, 1), "{lock:?}");
            // The amount depends on the other load of the machine.
            assert!(it.observed.1 > 0 && it.contention.is_some(), "{lock:?}");
        }
    }
}

#[test]
fn unserved_arrivals_count_as_waits() {
    let slow = Workload { inside_ns: 1_000_000, arrivals_per_s: Some(100_000), ..TIMED };
    let it = measured(Plain::FairMutex, slow, 2, 1);
    let load = it.contention.expect("it went on for a time");
    assert!(load.unserved > 4_000, "{} of some 5,000", load.unserved);
    let longest = it.waits.max_ns.expect("waits");
    assert!(longest > 40_000_000, "the first of them came at the beginning: {longest}");
}

/// Also before all workers have started: what is checked is of the load that was asked for.
#[test]
fn open_loop_does_only_what_arrives() {
    let rare = Workload { arrivals_per_s: Some(1_000), ..TIMED };
    let it = measured(Plain::FairMutex, rare, 2, 5);
    let (_, most) = it.observed;
    // Some fifty arrive in 50 ms, and each worker begins with one body.
    assert!(most <= 100, "{most} of some 50");
}

/// Counting continues in slices without the probe, which must not look like another worker.
#[test]
fn single_worker_has_no_owner_switches() {
    let slow = Workload { inside_ns: 1_000, ..TIMED };
    for workload in [TIMED, slow, Workload { locks: 2, ..TIMED }] {
        let load = measured(Plain::FairMutex, workload, 1, 1).contention.expect("a time");
        let watched = load.watched.expect("it can be watched");
        assert_eq!(watched.owner_switches, Some(0.0), "{workload:?}");
    }
}
