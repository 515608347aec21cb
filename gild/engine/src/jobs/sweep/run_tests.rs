//! Which turns may be forgotten, and what becomes of a sweep whose earlier run cannot be read.

use super::*;
use crate::exec::lost_workers::LostWorkers;
use crate::jobs::event::memory::Memory;
use crate::jobs::registry::Lives;
use crate::jobs::state::State;
use crate::jobs::sweep::job::PreviousRun;
use crate::jobs::sweep::job::tests::live;
use crate::measure::measurement::tests::seen;
use crate::measure::turn::StoredTurn;
use crate::measure::validity::Disturbance;
use crate::python::registry::Interpreters;
use crate::sys::affinity::CpuSet;

/// Whether a turn of the sweep's one cell, whose strategy is exact, may be forgotten.
fn may_discard(live: &SweepJob, totals: &[u64]) -> bool {
    let store: Arc<dyn EventSink> = Arc::new(Memory::<SweepEvent>::default());
    let seen: Vec<_> = totals.iter().map(|&total| seen(total)).collect();
    Running::new(live, &store, 0.0).may_discard(live.plan.turns()[0], &seen)
}

#[test]
fn a_turn_that_went_as_promised_may_be_run_again() {
    let live = live("a");
    let expected = live.plan.cells[0].workload.expected();
    assert!(may_discard(&live, &[expected; 3]));
}

#[test]
fn a_broken_promise_is_never_forgotten() {
    let live = live("a");
    let expected = live.plan.cells[0].workload.expected();
    assert!(!may_discard(&live, &[expected, expected - 1, expected]));
    assert!(!may_discard(&live, &[expected, expected + 1]));
}

#[test]
fn a_sweep_that_shall_stop_begins_no_turn_again() {
    let live = live("a");
    let expected = live.plan.cells[0].workload.expected();
    live.stop(StopReason::Cancelled);
    assert!(!may_discard(&live, &[expected]));
}

/// Of a disk that cannot be read.
#[derive(Debug)]
struct Unreadable;

impl PreviousRun for Unreadable {
    fn recall(
        &self,
        _take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError> {
        Err(AppendError::Broken("no sector there".into()))
    }
}

fn unreadable() -> (Arc<SweepJob>, Arc<dyn EventSink>) {
    going_on(Box::new(Unreadable))
}

/// Three attempts of it are stored.
fn going_on(earlier: Box<dyn PreviousRun>) -> (Arc<SweepJob>, Arc<dyn EventSink>) {
    let SweepJob { id, owner, wish, plan, .. } = &*live("a");
    let (id, owner, wish, plan) = (id.clone(), owner.clone(), wish.clone(), plan.clone());
    (
        SweepJob::going_on(id, owner, wish, plan, (3, earlier)),
        Arc::new(Memory::<SweepEvent>::default()),
    )
}

fn last_verdict(store: &Arc<dyn EventSink>) -> String {
    match store.told_of("a").pop() {
        Some(SweepEvent::Ended { verdict, .. }) => verdict,
        other => panic!("{other:?} is not the end"),
    }
}

#[test]
fn what_cannot_be_read_now_may_go_on_later() {
    let (live, store) = unreadable();
    let mut stage =
        Executor::on(CpuSet::default(), LostWorkers::default(), Interpreters::default());
    run(&live, &mut stage, &store).expect("it can be told");
    assert_eq!((live.state(), live.progress().attempts), (State::Interrupted, 3));
    let verdict = last_verdict(&store);
    assert!(verdict.contains(": 3 of ") && verdict.contains("no sector there"), "{verdict}");
    assert_eq!(store.told_of("a").len(), 2, "it started and ended, and says nothing of cells");
}

#[test]
fn what_cannot_be_read_can_be_cancelled() {
    let (live, store) = unreadable();
    live.apply(Transition::Cancel).expect("it waits");
    end_unstarted(&live, &store, StopReason::Cancelled).expect("it can be told");
    assert_eq!((live.state(), store.told_of("a").len()), (State::Cancelled, 1));
    assert!(last_verdict(&store).contains("not readable now (no sector there)"));
}

/// Of more turns than anybody can wait for.
#[derive(Debug)]
struct Endless;

impl PreviousRun for Endless {
    fn recall(
        &self,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError> {
        let turn = StoredTurn {
            sequence: 2,
            cell: 0,
            round: 0,
            first_attempt: 0,
            seen: vec![seen(100)],
            disturbance: Disturbance::default(),
        };
        while take(&turn).is_continue() {}
        Ok(ControlFlow::Break(()))
    }
}

#[test]
fn a_stop_is_heard_while_an_earlier_run_is_read() {
    let (live, store) = going_on(Box::new(Endless));
    let mut stage =
        Executor::on(CpuSet::default(), LostWorkers::default(), Interpreters::default());
    std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&live, &mut stage, &store));
        while store.told_of("a").is_empty() {
            std::thread::yield_now();
        }
        live.stop(StopReason::Interrupted);
        running.join().expect("no panic").expect("it can be told");
    });
    assert_eq!((live.state(), store.told_of("a").len()), (State::Interrupted, 2));
    assert!(last_verdict(&store).starts_with("Ended before it went on: 3 of "));
}
