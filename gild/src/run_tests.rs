//! Which turns may be forgotten.

use super::*;
use crate::measure::tests::seen;
use crate::store::Memory;
use crate::sweep::tests::live;

/// A round of the sweep's one cell, whose strategy is exact.
fn round(totals: &[u64]) -> Round {
    let seen: Vec<_> = totals.iter().map(|&total| seen(total)).collect();
    Round { seeds: vec![0; seen.len()], seen, ended: Ok(()) }
}

fn may_discard(live: &Live, round: &Round) -> bool {
    let store: Arc<dyn Store> = Arc::new(Memory::<Happening>::default());
    Running::new(live, &store, 0.0).may_discard(live.plan.turns()[0], round)
}

#[test]
fn a_turn_that_went_as_promised_may_be_run_again() {
    let live = live("a");
    let expected = live.plan.cells[0].workload.expected();
    assert!(may_discard(&live, &round(&[expected; 3])));
}

#[test]
fn a_broken_promise_is_never_forgotten() {
    let live = live("a");
    let expected = live.plan.cells[0].workload.expected();
    assert!(!may_discard(&live, &round(&[expected, expected - 1, expected])));
    assert!(!may_discard(&live, &round(&[expected, expected + 1])));
}

#[test]
fn a_turn_that_was_stopped_is_not_begun_again() {
    let live = live("a");
    let expected = live.plan.cells[0].workload.expected();
    let stopped = Round { ended: Err(AttemptError::Stopped), ..round(&[expected]) };
    assert!(!may_discard(&live, &stopped));
    live.stop(StopReason::Cancelled);
    assert!(!may_discard(&live, &round(&[expected])));
}
