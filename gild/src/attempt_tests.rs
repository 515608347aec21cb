//! An attempt on the crew, its end at a limit, and the lock that lets everybody in.

use std::sync::atomic::Ordering::Relaxed;

use super::*;
use crate::measure::{Series, Verdict};
use crate::predict::{Grade, predictions};
use crate::subject::Subject;
use strategies::body::Body;
use strategies::catalog::Plain;
use strategies::machine::{Call, Word};
use strategies::strategy::Worker;
use strategies::workload::Workload;

const SPEC: Spec = Spec::Plain(Plain::FairMutex);
const CELL: Cell = Cell {
    subject: Subject::Lab(SPEC),
    workload: Workload { tasks: 10, increments: 100, ..Workload::ONE },
    workers: 2,
    attempts: 1,
};

#[test]
fn an_attempt_is_observed() {
    let seen =
        run(&mut Crew::default(), SPEC, &CELL, Pin::Auto, 1, &Abort::default()).expect("it runs");
    assert_eq!((seen.total, seen.tally.tasks, seen.tally.increments), (1000, 10, 1000));
    assert!((0.0..=1.0).contains(&seen.overlap), "{}", seen.overlap);
}

#[test]
fn a_raised_abort_leaves_no_observation() {
    let abort = Abort::default();
    abort.raise();
    let seen = run(&mut Crew::default(), SPEC, &CELL, Pin::Auto, 1, &abort);
    assert_eq!(seen, Err(AttemptError::Stopped));
}

#[test]
fn a_batch_beyond_its_limit_is_aborted() {
    let abort = Abort::default();
    let watched = abort.clone();
    let job = move |_| {
        while !watched.is_raised() {
            std::thread::yield_now();
        }
    };
    let ended =
        run_batch(&mut Crew::default(), Pin::None, 1, Box::new(job), &abort, Duration::ZERO);
    assert_eq!(ended, Err(AttemptError::TooLong));
}

#[test]
fn overlap_counts_time_with_two_or_more() {
    assert_eq!(overlap_ns(&[]), 0);
    assert_eq!(overlap_ns(&[(0, 10)]), 0);
    assert_eq!(overlap_ns(&[(0, 10), (10, 20)]), 0);
    assert_eq!(overlap_ns(&[(0, 10), (5, 20)]), 5);
    assert_eq!(overlap_ns(&[(0, 10), (0, 10), (0, 10)]), 10);
    assert_eq!(overlap_ns(&[(0, 100), (10, 20), (30, 40)]), 20);
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

    fn local(&self, _seat: Seat) {}

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
    let running = Setup { machine, sites: SPEC.sites(), cell: CELL, seed: 1 }.visit(|| Broken);
    let job = {
        let running = Arc::clone(&running);
        move |index: usize| running.work(index)
    };
    let mut crew = Crew::default();
    let ended =
        run_batch(&mut crew, Pin::Auto, 2, Box::new(job), &Abort::default(), ATTEMPT_TIME_MAX);
    assert_eq!(ended, Ok(()));
    // The cell says fair-mutex, which promises to be exact.
    let prediction = predictions(&[CELL], &|| true).remove(0);
    let mut series = Series::new(CELL, 0.0).predicted(prediction);
    let seen = running.observe().expect("it was not aborted");
    series.keep_impossible(seen.total, 42);
    series.add_round(std::slice::from_ref(&seen));
    let measured = series.final_measurement();
    let modelled = measured.modelled.expect("the model covers it");
    assert_eq!(measured.verdict, Verdict::Broken);
    assert_eq!(modelled.impossible, Some((seen.total, 42)));
    assert_eq!((modelled.reachable.as_str(), modelled.grade), ("1000", Some(Grade::Impossible)));
}
