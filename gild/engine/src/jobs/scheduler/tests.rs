//! Lanes with sweeps and explorations side by side, of several owners.

use super::*;
use crate::exec::lost_workers::LostWorkers;
use crate::jobs::event::memory::Memory;
use crate::jobs::exploration::job::Exploration;
use crate::jobs::exploration::run::tests::{queued, race};
use crate::jobs::state::State;
use crate::jobs::sweep::job::tests::live;
use crate::limits::{QUEUE_RETRY, QUEUE_RETRY_BOUNDS};
use std::time::Instant;

pub(super) const SOON: Duration = Duration::from_secs(30);

pub(super) fn logs() -> EventSinks {
    EventSinks { sweeps: Arc::new(Memory::default()), explorations: Arc::new(Memory::default()) }
}

pub(super) fn one_lane() -> Scheduler {
    Scheduler::open(SchedulerConfig::default(), &logs(), Interpreters::default()).expect("a thread")
}

pub(super) fn wait_for(work: &Job, is_there: impl Fn(State) -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_there(work.state()) {
        assert!(Instant::now() < deadline, "{work} is still {:?}", work.state());
        thread::sleep(Duration::from_millis(1));
    }
}

/// A search of ten seconds or more, of that user.
fn endless_of(id: &str, user: u32) -> Job {
    let asked = race(2, 300);
    let estimate = queued(id, asked.clone()).estimate;
    Job::Exploration(Exploration::new(id.into(), Owner::User(user), asked, estimate))
}

/// The same, of nobody whom a quota counts.
pub(super) fn endless(id: &str) -> Job {
    Job::Exploration(queued(id, race(2, 300)))
}

#[test]
fn both_kinds_wait_in_one_line() {
    let lane = one_lane();
    let works = [endless("a"), Job::Sweep(live("b")), Job::Exploration(queued("c", race(2, 2)))];
    for work in &works {
        lane.push(work.clone()).expect("there is room");
    }
    wait_for(&works[0], |state| state == State::Running);
    assert_eq!(["a", "b", "c"].map(|id| lane.position(id)), [None, Some(1), Some(2)]);
    assert_eq!(lane.exclusively(|| ()), None, "a search would disturb a measurement");
    works[0].stop(StopReason::Interrupted);
    wait_for(&works[2], State::is_terminal);
    let states = works.each_ref().map(Job::state);
    assert_eq!(states, [State::Interrupted, State::Succeeded, State::Succeeded]);
    assert!(lane.stop(SOON));
}

#[test]
fn stopping_ends_both_kinds() {
    let lane = one_lane();
    let works = [endless("a"), Job::Sweep(live("b")), endless("c")];
    for work in &works {
        lane.push(work.clone()).expect("there is room");
    }
    assert!(lane.stop(SOON));
    assert!(works.iter().all(|work| work.state() == State::Interrupted));
    assert_eq!(lane.push(endless("d")), Err(QueueError::Stopping));
}

#[test]
fn what_waits_can_be_withdrawn_whatever_it_is() {
    let lane = one_lane();
    for work in [endless("a"), endless("b"), Job::Sweep(live("c"))] {
        lane.push(work).expect("there is room");
    }
    assert!(matches!(lane.withdraw("b"), Some(Job::Exploration(_))));
    assert!(matches!(lane.withdraw("c"), Some(Job::Sweep(_))));
    assert!(lane.withdraw("b").is_none());
    assert!(lane.stop(SOON));
}

#[test]
fn who_saw_the_end_finds_the_lane_free() {
    let lane = one_lane();
    for id in ["a", "b", "c"] {
        let work = Job::Exploration(queued(id, race(2, 2)));
        lane.push(work.clone()).expect("there is room");
        wait_for(&work, State::is_terminal);
        assert_eq!(lane.exclusively(|| ()), Some(()));
    }
    assert!(lane.stop(SOON));
}

#[test]
fn owners_take_turns() {
    let lane = one_lane();
    let first = endless_of("a", 1);
    lane.push(first.clone()).expect("there is room");
    wait_for(&first, |state| state == State::Running);
    for (id, user, position) in [("b", 1, 1), ("c", 1, 2), ("d", 2, 2)] {
        assert_eq!(lane.push(endless_of(id, user)), Ok(position), "{id}");
    }
    assert_eq!(["b", "d", "c"].map(|id| lane.position(id)), [1, 2, 3].map(Some));
    assert_eq!(lane.owners(), [(Owner::User(1), 3), (Owner::User(2), 1)]);
    first.stop(StopReason::Interrupted);
    for id in ["b", "d", "c"] {
        let next = running(&lane, id);
        next.stop(StopReason::Interrupted);
        wait_for(&next, State::is_terminal);
    }
    assert!(lane.stop(SOON));
}

/// Waits until that work runs.
fn running(lane: &Scheduler, id: &str) -> Job {
    let deadline = Instant::now() + SOON;
    loop {
        match lane.running().first() {
            Some(work) if work.id() == id && work.state() == State::Running => return work.clone(),
            other => assert!(Instant::now() < deadline, "{other:?} runs instead of {id}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn small(queue_max: usize, quota: usize) -> Scheduler {
    let terms = SchedulerConfig { queue_max, quota, ..SchedulerConfig::default() };
    Scheduler::open(terms, &logs(), Interpreters::default()).expect("a thread")
}

#[test]
fn nobody_has_more_than_the_quota() {
    let lane = small(64, 2);
    let first = endless_of("a", 1);
    lane.push(first.clone()).expect("there is room");
    wait_for(&first, |state| state == State::Running);
    lane.push(endless_of("b", 1)).expect("one runs, one waits");
    let refused = lane.push(endless_of("c", 1)).expect_err("what runs counts too");
    let wanted = QueueError::Quota { owner: Owner::User(1), limit: 2, retry: QUEUE_RETRY };
    assert_eq!(refused, wanted, "nobody knows how long a search takes");
    assert_eq!(
        refused.to_string(),
        "user 1 has 2 sweeps and explorations that wait or run, which is the quota; try again when \
         one has ended, or cancel one"
    );
    lane.push(endless_of("c", 2)).expect("another's quota");
    for id in ["x", "y", "z"] {
        lane.push(endless(id)).expect("the process itself has none");
    }
    assert!(lane.withdraw("b").is_some());
    lane.push(endless_of("d", 1)).expect("one was withdrawn");
    lane.withdraw("x");
    lane.withdraw("y");
    lane.withdraw("z");
    assert!(lane.stop(SOON));
}

#[test]
fn a_full_queue_says_its_limit() {
    let lane = small(1, 16);
    let first = endless("a");
    lane.push(first.clone()).expect("there is room");
    wait_for(&first, |state| state == State::Running);
    lane.push(endless("b")).expect("one may wait");
    let refused = lane.push(endless("c")).expect_err("no two").to_string();
    assert!(refused.contains("at most 1 sweeps and explorations wait"), "{refused}");
    assert!(lane.stop(SOON));
}

#[test]
fn who_is_refused_hears_when_the_running_sweep_may_end() {
    let lane = small(1, 16);
    let live = live("a");
    let work = Job::Sweep(Arc::clone(&live));
    // Half of it is done before it begins: what is left is as long as what has passed.
    for _ in 0..live.plan.attempts() / 2 {
        live.begin_attempt();
        live.count_attempt();
    }
    let queue = Queue::new(lane.terms());
    queue.push(work).expect("there is room");
    assert!(queue.next().is_some());
    queue.push(endless("b")).expect("one may wait");
    let Err(QueueError::Crowded { limit: 1, retry }) = queue.push(endless("c")) else {
        panic!("a second one waits");
    };
    let [least, most] = QUEUE_RETRY_BOUNDS;
    assert!((least..=most).contains(&retry), "{retry:?}");
    assert!(lane.stop(SOON));
}

/// Two lanes, even on a machine that is too small for them.
fn two_lanes() -> Scheduler {
    let all = CpuSet::default();
    let [first, last] = [0, all.count() - 1].map(|at| CpuSet::share(&[all.numbers()[at]]));
    let stage =
        |cores, queue: &Queue| Executor::on(cores, queue.degraded.clone(), Interpreters::default());
    let terms = SchedulerConfig { lanes: 2, ..SchedulerConfig::default() };
    Scheduler::with(terms, &logs(), vec![first, last], stage).expect("two threads")
}

#[test]
fn two_lanes_run_two_at_once_and_the_rest_waits() {
    let lane = two_lanes();
    assert_eq!((lane.lanes(), lane.cores()), (2, 1));
    let works = ["a", "b", "c"].map(endless);
    for work in &works {
        lane.push(work.clone()).expect("there is room");
    }
    for work in &works[..2] {
        wait_for(work, |state| state == State::Running);
    }
    assert_eq!((lane.running().len(), lane.position("c"), lane.is_idle()), (2, Some(2), false));
    works[0].stop(StopReason::Interrupted);
    wait_for(&works[2], |state| state == State::Running);
    assert_eq!(lane.exclusively(|| ()), None, "all lanes must be idle");
    assert!(lane.stop(SOON));
    assert!(works.iter().all(|work| work.state() == State::Interrupted));
}

#[test]
fn what_is_done_exclusively_keeps_every_lane_waiting() {
    let lane = two_lanes();
    let work = Job::Exploration(queued("a", race(2, 2)));
    let seen = lane.exclusively(|| {
        lane.push(work.clone()).expect("there is room");
        (lane.is_idle(), lane.exclusively(|| ()), lane.running().len(), work.state())
    });
    assert_eq!(seen, Some((false, None, 0, State::Queued)));
    wait_for(&work, State::is_terminal);
    assert!(lane.stop(SOON));
}

#[test]
fn a_sweep_beside_others_says_so() {
    let lane = two_lanes();
    let live = live("a");
    let logs = logs();
    let mut stage =
        Executor::on(lane.cores[1].clone(), LostWorkers::default(), Interpreters::default());
    Job::Sweep(live).run(&mut stage, &logs).expect("it runs");
    let notes = lost::ending(&logs, "a").1;
    assert!(notes.iter().any(|note| note.starts_with("Other sweeps may have been")), "{notes:?}");
    assert!(notes.iter().all(|note| !note.starts_with("The lab itself used")), "{notes:?}");
    assert!(lane.stop(SOON));
}

#[test]
fn terms_that_cannot_be_met_start_nothing() {
    let terms = SchedulerConfig { quota: 0, ..SchedulerConfig::default() };
    let refused = Scheduler::open(terms, &logs(), Interpreters::default()).expect_err("no quota");
    assert!(matches!(refused, StartError::Limit(LimitError { field: "quota", .. })), "{refused}");
}
