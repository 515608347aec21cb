//! What an eye sees of bodies that are made up.

use std::rc::Rc;

use super::*;
use crate::machine::native::NativeMachine;
use crate::machine::native::abort::Abort;

fn place() -> (NativeMachine, Shared<NativeMachine>) {
    let machine = NativeMachine::new(Abort::default());
    let shared = Shared::new(&machine, 0);
    (machine, shared)
}

/// One body of a worker that got the lock like this, with `between` done by others inside.
fn body(
    account: &mut ProbeState,
    ticket: Option<u64>,
    waited: bool,
    served_before: u64,
    between: u64,
) {
    let place = PLACE.with(Rc::clone);
    let (machine, shared) = (&place.0, &place.1);
    let mut watch = Probe::open(account, 1);
    let sampled = watch.arrive(machine, shared);
    shared.counter().fetch_add(served_before, Relaxed);
    let count = shared.counter().load(Relaxed);
    watch.enter(machine, shared, count, Acquired { ticket, waited }, sampled);
    shared.counter().fetch_add(between, Relaxed);
    watch.leave(machine, shared, count, sampled);
    shared.counter().store(count + 1, Relaxed);
    watch.shut();
}

fn told(account: ProbeState) -> ProbeStats {
    let mut tally = WorkerStats::default();
    account.into_tally(&mut tally);
    tally.seen
}

thread_local! {
    static PLACE: Rc<(NativeMachine, Shared<NativeMachine>)> = Rc::new(place());
}

#[test]
fn a_worker_alone_never_switches() {
    let mut account = ProbeState::new(1, 0, 1);
    (0..1000).for_each(|ticket| body(&mut account, Some(ticket), false, 0, 0));
    let ProbeStats { bodies, owner_switches, ticketed, bypassed, overtaken, .. } = told(account);
    assert_eq!((bodies, ticketed, bypassed, overtaken), (1000, 1000, 0, 0));
    assert_eq!(owner_switches, 0);
}

#[test]
fn one_in_64_is_sampled_at_random_distances() {
    let mut account = ProbeState::new(7, 0, 2);
    (0..64_000).for_each(|_| body(&mut account, None, false, 0, 0));
    assert!((900..1100).contains(&account.seen.sampled), "{}", account.seen.sampled);
    assert_eq!(account.seen.acquisitions.count(), account.seen.sampled);
}

#[test]
fn a_ticket_below_one_served_before_is_a_bypass() {
    let mut account = ProbeState::new(1, 0, 3);
    for ticket in [0, 1, 3, 2, 4] {
        body(&mut account, Some(ticket), true, 1, 0);
    }
    let ProbeStats { ticketed, bypassed, .. } = told(account);
    assert_eq!((ticketed, bypassed), (5, 1));
}

#[test]
fn more_than_the_other_workers_before_one_is_overtaking() {
    let mut account = ProbeState::new(1, 0, 3);
    account.sample_from(0);
    body(&mut account, None, true, 2, 0);
    assert_eq!(
        (account.seen.overtaken, account.seen.others_most, account.seen.contested),
        (0, 2, 1)
    );
    account.sample_from(0);
    body(&mut account, None, true, 3, 0);
    assert_eq!((account.seen.sampled, account.seen.overtaken, account.seen.others_most), (2, 1, 3));
}

#[test]
fn a_store_inside_a_sampled_section_is_an_overlap() {
    let mut account = ProbeState::new(1, 0, 2);
    account.sample_from(0);
    body(&mut account, None, false, 0, 1);
    assert_eq!(account.seen.overlapped, 1);
}

#[test]
fn a_wait_counts_from_when_its_work_arrived() {
    let mut account = ProbeState::new(1, 0, 2);
    let now = PLACE.with(|place| place.0.now_ns());
    let ago = 5_000_000;
    account.sample_from(now.saturating_sub(ago));
    body(&mut account, None, false, 0, 0);
    let waited = account.seen.acquisitions.max_ns().expect("sampled");
    assert!(waited >= now.min(ago), "{waited}");
}

#[test]
fn a_hand_over_is_from_a_sampled_release_to_the_next_waiter() {
    let (mut one, mut other) = (ProbeState::new(1, 0, 2), ProbeState::new(1, 1, 2));
    one.sample_from(0);
    body(&mut one, None, false, 0, 0);
    body(&mut other, None, true, 0, 0);
    assert_eq!((one.seen.hand_overs.count(), other.seen.hand_overs.count()), (0, 1));
    body(&mut other, None, true, 0, 0);
    assert_eq!(other.seen.hand_overs.count(), 1, "it had it already");
}

#[test]
fn bodies_that_were_not_watched_are_no_switch() {
    let mut account = ProbeState::new(1, 0, 2);
    body(&mut account, None, false, 0, 0);
    account.pass(5);
    body(&mut account, None, false, 5, 0);
    assert_eq!(account.seen.owner_switches, 0, "it may have been itself");
    body(&mut account, None, false, 5, 0);
    assert_eq!(account.seen.owner_switches, 1);
}
