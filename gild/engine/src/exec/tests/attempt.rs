//! An attempt on the crew, its end at a limit, and the lock that lets everybody in.

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
fn an_attempt_is_observed() {
    let seen = run(&mut WorkerPool::default(), SPEC, &CELL, Pin::Auto, 1, &Abort::default())
        .expect("it runs");
    assert_eq!((seen.total, seen.tally.tasks, seen.tally.increments), (1000, 10, 1000));
    assert!((0.0..=1.0).contains(&seen.overlap), "{}", seen.overlap);
}

#[test]
fn a_raised_abort_leaves_no_observation() {
    let abort = Abort::default();
    abort.raise();
    let seen = run(&mut WorkerPool::default(), SPEC, &CELL, Pin::Auto, 1, &abort);
    assert_eq!(seen, Err(AttemptError::Stopped));
}

/// A crew that waits for nobody before it aborts, and for a while then.
fn hasty(grace: Duration) -> WorkerPool {
    let mut crew = WorkerPool::default();
    crew.limits = Limits { attempt: Duration::ZERO, grace };
    crew
}

#[test]
fn a_batch_beyond_its_limit_is_aborted_and_its_workers_are_told() {
    let abort = Abort::default();
    let watched = abort.clone();
    let job = move |_| {
        while !watched.is_raised() {
            std::thread::yield_now();
        }
    };
    let mut crew = hasty(SOON);
    let ended = run_batch(&mut crew, Pin::None, 2, Box::new(job), &abort);
    let Err(AttemptError::TooLong(roll)) = ended else { panic!("{ended:?} is not too long") };
    assert_eq!(roll.workers.len(), 2);
    assert!(roll.workers.iter().all(|entry| entry.at != WorkerPhase::Back), "{roll}");
    let told = AttemptError::TooLong(roll).to_string();
    assert!(told.starts_with("an attempt took longer than the limit of 10s (worker 0"), "{told}");
    assert!(!crew.is_degraded(), "all came back");
}

#[test]
fn a_worker_that_does_not_return_is_given_up_and_the_crew_goes_on() {
    let (abort, released) = (Abort::default(), Abort::default());
    let open = released.clone();
    let job = move |index| {
        while index == 1 && !open.is_raised() {
            std::thread::yield_now();
        }
    };
    let mut crew = hasty(Duration::ZERO);
    let ended = run_batch(&mut crew, Pin::Spread, 2, Box::new(job), &abort);
    let Err(AttemptError::Stuck(roll)) = ended else { panic!("{ended:?} is not stuck") };
    assert!(abort.is_raised());
    assert_ne!(roll.workers[1].at, WorkerPhase::Back);
    let told = AttemptError::Stuck(roll).to_string();
    assert!(told.starts_with("a worker did not return within 5s of its abort (worker 0"), "{told}");
    crew.limits = Limits::default();
    let seen = run(&mut crew, SPEC, &CELL, Pin::Auto, 1, &Abort::default()).expect("new threads");
    assert_eq!(seen.total, 1000);
    released.raise();
}

/// Who waits at the gate for one that is given up waits awake, and must not do so for good.
#[test]
fn nobody_stays_behind_a_lost_worker() {
    let mut crew = hasty(Duration::ZERO);
    // Whether threads have begun when they are given up is the system's business.
    for _ in 0..20 {
        let ended = run_batch(&mut crew, Pin::None, 3, Box::new(|_| {}), &Abort::default());
        assert!(matches!(ended, Ok(()) | Err(AttemptError::TooLong(_) | AttemptError::Stuck(_))));
    }
    let deadline = Instant::now() + SOON;
    while crew.is_degraded() {
        assert!(Instant::now() < deadline, "somebody still waits");
        std::thread::yield_now();
    }
}

#[test]
fn jains_index_goes_from_one_nth_to_one() {
    assert!((jain(&[5, 5, 5, 5]) - 1.0).abs() < 1e-12);
    assert!((jain(&[20, 0, 0, 0]) - 0.25).abs() < 1e-12);
    assert!((jain(&[0, 0]) - 1.0).abs() < 1e-12);
}

/// The negative control: a lock that lets everybody in, with a window wide enough for any machine.
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
fn a_broken_lock_is_caught() {
    let machine = NativeMachine::new(Abort::default());
    let running =
        AttemptBuilder { machine, sites: SPEC.sites(), cell: CELL, seed: 1 }.visit(|| Broken);
    let job = {
        let running = Arc::clone(&running);
        move |index: usize| running.work(index)
    };
    let mut crew = WorkerPool::default();
    let ended = run_batch(&mut crew, Pin::Auto, 2, Box::new(job), &Abort::default());
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
