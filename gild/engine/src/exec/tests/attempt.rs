//! An attempt on the pool, its end at a limit, and a lock that excludes no worker.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::*;
use crate::exec::worker_pool::Limits;
use crate::exec::worker_status::WorkerPhase;
use crate::measure::accumulator::CellAccumulator;
use crate::measure::measurement::Verdict;
use crate::measure::model::prediction::{Grade, predictions};
use crate::plan::subject::Subject;
use strategies::catalog::Plain;
use strategies::harness::body::segments::Body;
use strategies::harness::strategy::Worker;
use strategies::machine::{Call, Word};
use strategies::program::workload::Workload;

/// Long enough for any test machine.
const SOON: Duration = Duration::from_secs(30);
const SPEC: Spec = Spec::Plain(Plain::FairMutex);
const CELL: Cell = Cell {
    subject: Subject::Lab(SPEC),
    workload: Workload { tasks: 10, increments: 100, ..Workload::ONE },
    workers: 2,
    attempts: 1,
};

#[test]
fn attempt_on_pool_is_observed() {
    let seen = run(&mut WorkerPool::default(), SPEC, &CELL, Pin::Auto, 1, &Abort::default())
        .expect("it runs");
    assert_eq!((seen.total, seen.tally.tasks, seen.tally.increments), (1000, 10, 1000));
    assert!((0.0..=1.0).contains(&seen.overlap), "{}", seen.overlap);
}

#[test]
fn aborted_attempt_has_no_observation() {
    let abort = Abort::default();
    abort.raise();
    let seen = run(&mut WorkerPool::default(), SPEC, &CELL, Pin::Auto, 1, &abort);
    assert_eq!(seen, Err(AttemptError::Stopped));
}

/// A pool that aborts at once and then waits for a while.
fn hasty(grace: Duration) -> WorkerPool {
    let mut pool = WorkerPool::default();
    pool.limits = Limits { attempt: Duration::ZERO, grace };
    pool
}

#[test]
fn batch_beyond_limit_is_aborted_with_worker_statuses() {
    let abort = Abort::default();
    let watched = abort.clone();
    let job = move |_| {
        while !watched.is_raised() {
            std::thread::yield_now();
        }
    };
    let mut pool = hasty(SOON);
    let ended = run_batch(&mut pool, Pin::None, 2, Box::new(job), &abort);
    let Err(AttemptError::TooLong(statuses)) = ended else { panic!("{ended:?} is not too long") };
    assert_eq!(statuses.workers.len(), 2);
    assert!(statuses.workers.iter().all(|entry| entry.at != WorkerPhase::Back), "{statuses}");
    let text = AttemptError::TooLong(statuses).to_string();
    assert!(text.starts_with("an attempt took longer than the limit of 10s (worker 0"), "{text}");
    assert!(!pool.is_degraded(), "all came back");
}

#[test]
fn stuck_worker_is_abandoned_and_the_pool_continues() {
    let (abort, released) = (Abort::default(), Abort::default());
    let open = released.clone();
    let job = move |index| {
        while index == 1 && !open.is_raised() {
            std::thread::yield_now();
        }
    };
    let mut pool = hasty(Duration::ZERO);
    let ended = run_batch(&mut pool, Pin::Spread, 2, Box::new(job), &abort);
    let Err(AttemptError::Stuck(statuses)) = ended else { panic!("{ended:?} is not stuck") };
    assert!(abort.is_raised());
    assert_ne!(statuses.workers[1].at, WorkerPhase::Back);
    let text = AttemptError::Stuck(statuses).to_string();
    assert!(text.starts_with("a worker did not return within 5s of its abort (worker 0"), "{text}");
    pool.limits = Limits::default();
    let seen = run(&mut pool, SPEC, &CELL, Pin::Auto, 1, &Abort::default()).expect("new threads");
    assert_eq!(seen.total, 1000);
    released.raise();
}

/// Workers that spin at the gate for an abandoned worker must not spin forever.
#[test]
fn workers_at_the_gate_are_released_when_one_is_lost() {
    let mut pool = hasty(Duration::ZERO);
    // Threads may or may not have begun when they are abandoned.
    for _ in 0..20 {
        let ended = run_batch(&mut pool, Pin::None, 3, Box::new(|_| {}), &Abort::default());
        assert!(matches!(ended, Ok(()) | Err(AttemptError::TooLong(_) | AttemptError::Stuck(_))));
    }
    let deadline = Instant::now() + SOON;
    while pool.is_degraded() {
        assert!(Instant::now() < deadline, "a worker still waits");
        std::thread::yield_now();
    }
}

#[test]
fn jain_index_ranges_from_one_nth_to_one() {
    assert!((jain(&[5, 5, 5, 5]) - 1.0).abs() < 1e-12);
    assert!((jain(&[20, 0, 0, 0]) - 0.25).abs() < 1e-12);
    assert!((jain(&[0, 0]) - 1.0).abs() < 1e-12);
}

/// The negative control: a lock that excludes no worker, with a window wide enough for any machine.
#[derive(Debug)]
struct Broken;

impl Strategy<NativeMachine> for Broken {
    type Local = ();

    fn local(&self, _seat: WorkerId) {}

    fn increment(
        &self,
        worker: &mut Worker<'_, NativeMachine, ()>,
        shared: &Shared<NativeMachine>,
        _body: Body<'_>,
    ) -> Result<(), Aborted> {
        let seen = Word::load(shared.counter(), Relaxed);
        worker.machine.call(Call::Sleep(Duration::from_micros(1)))?;
        Word::store(shared.counter(), seen + 1, Relaxed);
        Ok(())
    }
}

#[test]
fn broken_lock_is_caught() {
    let machine = NativeMachine::new(Abort::default());
    let Cell { workload, workers, .. } = CELL;
    let setup = AttemptBuilder { machine, sites: SPEC.sites(), workload, workers, seed: 1 };
    let running = setup.visit(|| Broken);
    let job = {
        let running = Arc::clone(&running);
        move |index: usize| running.work(index)
    };
    let mut pool = WorkerPool::default();
    let ended = run_batch(&mut pool, Pin::Auto, 2, Box::new(job), &Abort::default());
    assert_eq!(ended, Ok(()));
    // The cell says fair-mutex, which promises to be exact.
    let prediction = predictions(&[CELL], &|| true).remove(0);
    let mut series = CellAccumulator::new(CELL, 0.0).predicted(prediction);
    let seen = running.observe().expect("it was not aborted");
    series.keep_impossible(seen.total, 42);
    series.add_round(std::slice::from_ref(&seen));
    let measured = series.final_measurement();
    let modelled = measured.modelled.expect("the model covers it");
    assert_eq!(measured.verdict, Verdict::Broken);
    assert_eq!(modelled.impossible, Some((seen.total, 42)));
    assert_eq!((modelled.reachable.as_str(), modelled.grade), ("1000", Some(Grade::Impossible)));
}
