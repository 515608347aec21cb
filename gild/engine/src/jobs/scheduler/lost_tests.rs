//! A lane with a worker that never comes back: its sweep fails, later ones say so, and the process
//! can be replaced without losing what waits.

use crate::jobs::scheduler::config::DegradedPolicy;
use std::sync::OnceLock;
use std::time::Instant;

use super::*;
use crate::exec::stall_injection::StallInjection;
use crate::exec::worker_pool::Limits;
use crate::jobs::event::SweepEvent;
use crate::jobs::scheduler::tests::{SOON, logs, one_lane, wait_for};
use crate::jobs::state::State;
use crate::jobs::sweep::job::tests::live;
use crate::measure::validity::Validity;

/// How long attempts may take here: that of the worker who stays lasts as long, no other comes near
/// it.
const LIMIT: Duration = Duration::from_secs(2);

/// How a sweep failed, and what else was said of it.
pub(super) fn ending(logs: &EventSinks, id: &str) -> (String, Vec<String>) {
    match logs.sweeps.told_of(id).pop() {
        Some(SweepEvent::Ended { error, notes, .. }) => (error, notes),
        other => panic!("{other:?} is not the end"),
    }
}

fn validity(logs: &EventSinks, id: &str) -> Validity {
    let events = logs.sweeps.told_of(id);
    let validity = events.iter().find_map(|event| match event {
        SweepEvent::CellEnded { measurement, .. } => Some(measurement.validity),
        _ => None,
    });
    validity.expect("it has a cell")
}

/// One lane whose first worker of all stays until it is released.
fn lane(when_degraded: DegradedPolicy, logs: &EventSinks, release: &Abort) -> Scheduler {
    let (victim, release) = (OnceLock::new(), release.clone());
    let stays = StallInjection::new(move || {
        let me = thread::current().id();
        *victim.get_or_init(|| me) == me && !release.is_raised()
    });
    let stage = move |cores, queue: &Queue| {
        let mut stage = Executor::on(cores, queue.degraded.clone(), Interpreters::default());
        stage.pool.stall_injection = stays.clone();
        stage.pool.limits = Limits { attempt: LIMIT, grace: Duration::ZERO };
        stage
    };
    let terms = SchedulerConfig { when_degraded, ..SchedulerConfig::default() };
    Scheduler::with(terms, logs, vec![CpuSet::default()], stage).expect("a thread")
}

/// Runs a sweep to its end.
fn run(lane: &Scheduler, id: &str) -> Job {
    let work = Job::Sweep(live(id));
    lane.push(work.clone()).expect("there is room");
    wait_for(&work, State::is_terminal);
    work
}

fn wait_until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never comes true");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_lost_worker_fails_its_sweep_and_degrades_all_later_ones_until_it_comes_back() {
    let (logs, release) = (logs(), Abort::default());
    let lane = lane(DegradedPolicy::GoOn, &logs, &release);
    assert_eq!(lane.degraded(), None);
    assert_eq!(run(&lane, "a").state(), State::Failed);
    assert_eq!(lane.degraded_changes(false), Some(true));
    let (error, _) = ending(&logs, "a");
    assert!(error.contains("worker 0 [thread ") && error.contains("] is at work for "), "{error}");
    assert!(error.contains("worker 1 [thread "), "{error}");
    let text = lane.degraded().expect("it is out");
    assert!(text.contains(" of sweep a, on "), "{text}");
    assert_eq!(run(&lane, "b").state(), State::Succeeded);
    assert_eq!(validity(&logs, "b"), Validity::Degraded);
    let (_, notes) = ending(&logs, "b");
    let remark = |note: &String| note.starts_with("A worker of an earlier attempt never came back");
    assert!(notes.iter().any(remark), "{notes:?}");
    release.raise();
    assert_eq!(lane.degraded_changes(true), Some(false));
    assert_eq!(lane.degraded(), None);
    assert_eq!(run(&lane, "c").state(), State::Succeeded);
    assert_ne!(validity(&logs, "c"), Validity::Degraded);
    assert!(!ending(&logs, "c").1.iter().any(remark));
    assert!(lane.stop(SOON));
}

#[test]
fn what_waits_stays_where_it_is_until_the_process_was_replaced() {
    let (logs, release) = (logs(), Abort::default());
    let lane = lane(DegradedPolicy::Hold, &logs, &release);
    let works = ["a", "b"].map(|id| Job::Sweep(live(id)));
    for work in &works {
        lane.push(work.clone()).expect("there is room");
    }
    let seen = lane.once_degraded_and_idle(|| {
        let states = works.each_ref().map(Job::state);
        (states, lane.len(), lane.running().len(), lane.degraded().is_some())
    });
    let wanted = ([State::Failed, State::Queued], 1, 0, true);
    assert_eq!(seen, Some(wanted), "the moment to replace it");
    // Whoever looks a second time finds the same.
    let again = lane.once_degraded_and_idle(|| works.each_ref().map(Job::state));
    assert_eq!(again, Some(wanted.0));
    // It could not be replaced: nobody shall wait for good.
    lane.go_on_degraded();
    wait_for(&works[1], State::is_terminal);
    assert_eq!(validity(&logs, "b"), Validity::Degraded);
    release.raise();
    assert!(lane.stop(SOON));
}

#[test]
fn a_queue_that_was_held_goes_on_when_the_worker_comes_back() {
    let (logs, release) = (logs(), Abort::default());
    let lane = lane(DegradedPolicy::Hold, &logs, &release);
    assert_eq!(run(&lane, "a").state(), State::Failed);
    let waiting = Job::Sweep(live("b"));
    lane.push(waiting.clone()).expect("there is room");
    wait_until(|| lane.is_idle());
    assert_eq!((waiting.state(), lane.position("b")), (State::Queued, Some(0)));
    release.raise();
    wait_for(&waiting, State::is_terminal);
    assert_ne!(validity(&logs, "b"), Validity::Degraded);
    assert!(lane.stop(SOON));
}

#[test]
fn who_waits_for_a_restart_hears_of_the_stop() {
    let lane = one_lane();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| lane.once_degraded_and_idle(|| ()));
        let watching = scope.spawn(|| lane.degraded_changes(false));
        assert!(lane.stop(SOON));
        assert_eq!(waiting.join().expect("no panic"), None);
        assert_eq!(watching.join().expect("no panic"), None);
    });
}
