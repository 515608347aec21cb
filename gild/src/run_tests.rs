//! Which turns may be forgotten.

use super::*;
use crate::measure::tests::seen;
use crate::store::memory::Memory;
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
