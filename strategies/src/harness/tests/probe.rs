//! Probe results for scripted bodies.

use std::rc::Rc;

use super::*;
use crate::machine::native::NativeMachine;
use crate::machine::native::abort::Abort;

type Lock = (NativeMachine, Shared<NativeMachine>);

thread_local! {
    static LOCK: Rc<Lock> = Rc::new({
        let machine = NativeMachine::new(Abort::default());
        let shared = Shared::new(&machine, 0);
        (machine, shared)
    });
}

/// One body of a worker that acquired the lock like this, after `served_before` bodies of other
/// workers and with `between` of theirs inside its section.
fn body(
    state: &mut ProbeState,
    ticket: Option<u64>,
    waited: bool,
    served_before: u64,
    between: u64,
) {
    let lock = LOCK.with(Rc::clone);
    let (machine, shared) = (&lock.0, &lock.1);
    let mut probe = Probe::for_row(state, 1);
    let sampled = probe.before_lock(machine, shared);
    shared.counter().fetch_add(served_before, Relaxed);
    let count = shared.counter().load(Relaxed);
    probe.after_load(machine, shared, count, Acquired { ticket, waited }, sampled);
    shared.counter().fetch_add(between, Relaxed);
    probe.before_store(machine, shared, count, sampled);
    shared.counter().store(count + 1, Relaxed);
    probe.finish();
}

fn results(state: ProbeState) -> ProbeStats {
    let mut worker = WorkerStats::default();
    state.add_to(&mut worker);
    worker.probe
}

#[test]
fn single_worker_never_switches_owner() {
    let mut state = ProbeState::new(1, 0, 1);
    (0..1000).for_each(|ticket| body(&mut state, Some(ticket), false, 0, 0));
    let ProbeStats { bodies, owner_switches, ticketed, bypassed, overtaken, .. } = results(state);
    assert_eq!((bodies, ticketed, bypassed, overtaken), (1000, 1000, 0, 0));
    assert_eq!(owner_switches, 0);
}

#[test]
fn one_body_in_64_is_sampled_at_random_distances() {
    let mut state = ProbeState::new(7, 0, 2);
    (0..64_000).for_each(|_| body(&mut state, None, false, 0, 0));
    assert!((900..1100).contains(&state.stats.sampled), "{}", state.stats.sampled);
    assert_eq!(state.stats.acquisitions.count(), state.stats.sampled);
}

#[test]
fn ticket_below_one_served_before_counts_as_bypassed() {
    let mut state = ProbeState::new(1, 0, 3);
    for ticket in [0, 1, 3, 2, 4] {
        body(&mut state, Some(ticket), true, 1, 0);
    }
    let ProbeStats { ticketed, bypassed, .. } = results(state);
    assert_eq!((ticketed, bypassed), (5, 1));
}

#[test]
fn more_served_than_other_workers_counts_as_overtaken() {
    let mut state = ProbeState::new(1, 0, 3);
    state.sample_from(0);
    body(&mut state, None, true, 2, 0);
    assert_eq!((state.stats.overtaken, state.stats.others_most, state.stats.contested), (0, 2, 1));
    state.sample_from(0);
    body(&mut state, None, true, 3, 0);
    assert_eq!((state.stats.sampled, state.stats.overtaken, state.stats.others_most), (2, 1, 3));
}

#[test]
fn store_inside_a_sampled_section_counts_as_overlap() {
    let mut state = ProbeState::new(1, 0, 2);
    state.sample_from(0);
    body(&mut state, None, false, 0, 1);
    assert_eq!(state.stats.overlapped, 1);
}

#[test]
fn wait_counts_from_the_arrival_of_its_body() {
    let mut state = ProbeState::new(1, 0, 2);
    let now = LOCK.with(|lock| lock.0.now_ns());
    let ago = 5_000_000;
    state.sample_from(now.saturating_sub(ago));
    body(&mut state, None, false, 0, 0);
    let waited = state.stats.acquisitions.max_ns().expect("sampled");
    assert!(waited >= now.min(ago), "{waited}");
}

#[test]
fn hand_over_lasts_from_a_sampled_release_to_the_next_waiter() {
    let (mut one, mut other) = (ProbeState::new(1, 0, 2), ProbeState::new(1, 1, 2));
    one.sample_from(0);
    body(&mut one, None, false, 0, 0);
    body(&mut other, None, true, 0, 0);
    assert_eq!((one.stats.hand_overs.count(), other.stats.hand_overs.count()), (0, 1));
    body(&mut other, None, true, 0, 0);
    assert_eq!(other.stats.hand_overs.count(), 1, "it had the lock already");
}

#[test]
fn skipped_bodies_do_not_count_as_owner_switches() {
    let mut state = ProbeState::new(1, 0, 2);
    body(&mut state, None, false, 0, 0);
    state.skip(5);
    body(&mut state, None, false, 5, 0);
    assert_eq!(state.stats.owner_switches, 0, "the five may have been its own");
    body(&mut state, None, false, 5, 0);
    assert_eq!(state.stats.owner_switches, 1);
}
