//! Which turns may be forgotten, and what becomes of a sweep whose earlier run cannot be read.

use super::*;
use crate::cores::Cores;
use crate::degraded::Degraded;
use crate::history::KeptTurn;
use crate::life::State;
use crate::measure::tests::seen;
use crate::python::Interpreters;
use crate::registry::Lives;
use crate::store::memory::Memory;
use crate::sweep::Earlier;
use crate::sweep::tests::live;

/// Whether a turn of the sweep's one cell, whose strategy is exact, may be forgotten.
fn may_discard(live: &Live, totals: &[u64]) -> bool {
    let store: Arc<dyn Store> = Arc::new(Memory::<Happening>::default());
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

impl Earlier for Unreadable {
    fn recall(&self, _take: &mut dyn FnMut(&KeptTurn)) -> Result<Vec<usize>, StoreError> {
        Err(StoreError::Broken("no sector there".into()))
    }
}

fn unreadable() -> (Arc<Live>, Arc<dyn Store>) {
    let Live { id, owner, wish, plan, .. } = &*live("a");
    let earlier = (3, Box::new(Unreadable) as Box<dyn Earlier>);
    let going_on = Live::going_on(id.clone(), owner.clone(), wish.clone(), plan.clone(), earlier);
    (going_on, Arc::new(Memory::<Happening>::default()))
}

fn last_notes(store: &Arc<dyn Store>) -> Vec<String> {
    match store.told_of("a").pop() {
        Some(Happening::Ended { notes, .. }) => notes,
        other => panic!("{other:?} is not the end"),
    }
}

#[test]
fn what_cannot_be_read_now_may_go_on_later() {
    let (live, store) = unreadable();
    let mut stage = Stage::on(Cores::default(), Degraded::default(), Interpreters::default());
    run(&live, &mut stage, &store).expect("it can be told");
    assert_eq!((live.state(), live.progress().attempts), (State::Interrupted, 3));
    let notes = last_notes(&store);
    assert!(notes.iter().any(|note| note.contains("no sector there")), "{notes:?}");
    assert_eq!(store.told_of("a").len(), 2, "it started and ended, and says nothing of cells");
}

#[test]
fn what_cannot_be_read_can_be_cancelled() {
    let (live, store) = unreadable();
    live.apply(Transition::Cancel).expect("it waits");
    end_unstarted(&live, &store, StopReason::Cancelled).expect("it can be told");
    assert_eq!((live.state(), store.told_of("a").len()), (State::Cancelled, 1));
}
