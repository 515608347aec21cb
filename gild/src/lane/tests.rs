//! The lane with sweeps and explorations side by side.

use super::*;
use crate::explore::tests::{queued, race};
use crate::life::State;
use crate::store::Memory;
use crate::sweep::tests::live;
use std::time::Instant;

const SOON: Duration = Duration::from_secs(30);

fn logs() -> Logs {
    let logs =
        Logs { sweeps: Arc::new(Memory::default()), explorations: Arc::new(Memory::default()) };
    for id in ["a", "b", "c"] {
        logs.sweeps.open(id);
        logs.explorations.open(id);
    }
    logs
}

fn wait_for(work: &Work, is_there: impl Fn(State) -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_there(work.state()) {
        assert!(Instant::now() < deadline, "{work} is still {:?}", work.state());
        thread::sleep(Duration::from_millis(1));
    }
}

/// A search of ten seconds or more.
fn endless(id: &str) -> Work {
    Work::Exploration(queued(id, race(2, 300)))
}

#[test]
fn both_kinds_wait_in_one_line() {
    let lane = Lane::start(logs(), Interpreters::default()).expect("a thread");
    let works = [endless("a"), Work::Sweep(live("b")), Work::Exploration(queued("c", race(2, 2)))];
    for work in &works {
        lane.push(work.clone()).expect("there is room");
    }
    wait_for(&works[0], |state| state == State::Running);
    assert_eq!(["a", "b", "c"].map(|id| lane.position(id)), [None, Some(1), Some(2)]);
    assert_eq!(lane.exclusively(|| ()), None, "a search would disturb a measurement");
    works[0].stop(StopReason::Interrupted);
    wait_for(&works[2], State::is_terminal);
    let states = works.each_ref().map(Work::state);
    assert_eq!(states, [State::Interrupted, State::Succeeded, State::Succeeded]);
    assert!(lane.stop(SOON));
}

#[test]
fn stopping_ends_both_kinds() {
    let lane = Lane::start(logs(), Interpreters::default()).expect("a thread");
    let works = [endless("a"), Work::Sweep(live("b")), endless("c")];
    for work in &works {
        lane.push(work.clone()).expect("there is room");
    }
    assert!(lane.stop(SOON));
    assert!(works.iter().all(|work| work.state() == State::Interrupted));
    assert_eq!(lane.push(endless("d")), Err(QueueError::Stopping));
}

#[test]
fn what_waits_can_be_withdrawn_whatever_it_is() {
    let lane = Lane::start(logs(), Interpreters::default()).expect("a thread");
    for work in [endless("a"), endless("b"), Work::Sweep(live("c"))] {
        lane.push(work).expect("there is room");
    }
    assert!(matches!(lane.withdraw("b"), Some(Work::Exploration(_))));
    assert!(matches!(lane.withdraw("c"), Some(Work::Sweep(_))));
    assert!(lane.withdraw("b").is_none());
    assert!(lane.stop(SOON));
}

#[test]
fn who_saw_the_end_finds_the_lane_free() {
    let lane = Lane::start(logs(), Interpreters::default()).expect("a thread");
    for id in ["a", "b", "c"] {
        let work = Work::Exploration(queued(id, race(2, 2)));
        lane.push(work.clone()).expect("there is room");
        wait_for(&work, State::is_terminal);
        assert_eq!(lane.exclusively(|| ()), Some(()));
    }
    assert!(lane.stop(SOON));
}
