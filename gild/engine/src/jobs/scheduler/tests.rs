//! Lanes that run sweeps and explorations of several owners.

use super::*;
use crate::exec::lost_workers::LostWorkers;
use crate::jobs::event::recorder::EventRecorder;
use crate::jobs::exploration::run::tests::{exploration, queued, race};
use crate::jobs::state::State;
use crate::jobs::sweep::job::tests::{sweep, sweep_job};
use crate::limits::{QUEUE_RETRY, QUEUE_RETRY_BOUNDS};
use std::time::Instant;
use strategies::program::limit::LimitError;

pub(super) const SOON: Duration = Duration::from_secs(30);

pub(super) fn sink() -> Arc<dyn EventSink> {
    Arc::new(EventRecorder::default())
}

pub(super) fn one_lane() -> Scheduler {
    Scheduler::open(SchedulerConfig::default(), &sink(), Interpreters::default()).expect("a thread")
}

pub(super) fn wait_for(job: &Job, is_there: impl Fn(State) -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_there(job.state()) {
        assert!(Instant::now() < deadline, "{job} is still {:?}", job.state());
        thread::sleep(Duration::from_millis(1));
    }
}

/// A search of ten seconds or more, of that user.
fn endless_of(id: &str, user: u32) -> Arc<Job> {
    Job::new(id.into(), Owner::User(user), Arc::new(exploration(race(2, 300))))
}

/// The same, of an owner without a quota.
pub(super) fn endless(id: &str) -> Arc<Job> {
    queued(id, race(2, 300))
}

#[test]
fn jobs_of_both_kinds_share_the_queue() {
    let lane = one_lane();
    let jobs = [endless("a"), sweep_job("b"), queued("c", race(2, 2))];
    for job in &jobs {
        lane.push(Arc::clone(job)).expect("there is room");
    }
    wait_for(&jobs[0], |state| state == State::Running);
    assert_eq!(["a", "b", "c"].map(|id| lane.position(id)), [None, Some(1), Some(2)]);
    assert_eq!(lane.exclusively(|| ()), None, "a search would disturb a measurement");
    jobs[0].lifecycle().stop(StopReason::Interrupted);
    wait_for(&jobs[2], State::is_terminal);
    let states = jobs.each_ref().map(|job| job.state());
    assert_eq!(states, [State::Interrupted, State::Succeeded, State::Succeeded]);
    assert!(lane.stop(SOON));
}

#[test]
fn stop_interrupts_jobs_of_both_kinds() {
    let lane = one_lane();
    let jobs = [endless("a"), sweep_job("b"), endless("c")];
    for job in &jobs {
        lane.push(Arc::clone(job)).expect("there is room");
    }
    assert!(lane.stop(SOON));
    assert!(jobs.iter().all(|job| job.state() == State::Interrupted));
    assert_eq!(lane.push(endless("d")), Err(QueueError::Stopping));
}

#[test]
fn queued_jobs_of_both_kinds_can_be_removed() {
    let lane = one_lane();
    for job in [endless("a"), endless("b"), sweep_job("c")] {
        lane.push(job).expect("there is room");
    }
    let removed = |id| lane.remove(id).map(|job| job.to_string());
    assert_eq!(removed("b").as_deref(), Some("exploration b"));
    assert_eq!(removed("c").as_deref(), Some("sweep c"));
    assert_eq!(removed("b"), None);
    assert!(lane.stop(SOON));
}

#[test]
fn lane_is_free_once_the_end_is_visible() {
    let lane = one_lane();
    for id in ["a", "b", "c"] {
        let job = queued(id, race(2, 2));
        lane.push(Arc::clone(&job)).expect("there is room");
        wait_for(&job, State::is_terminal);
        assert_eq!(lane.exclusively(|| ()), Some(()));
    }
    assert!(lane.stop(SOON));
}

#[test]
fn owners_are_served_in_turns() {
    let lane = one_lane();
    let first = endless_of("a", 1);
    lane.push(Arc::clone(&first)).expect("there is room");
    wait_for(&first, |state| state == State::Running);
    for (id, user, position) in [("b", 1, 1), ("c", 1, 2), ("d", 2, 2)] {
        assert_eq!(lane.push(endless_of(id, user)), Ok(position), "{id}");
    }
    assert_eq!(["b", "d", "c"].map(|id| lane.position(id)), [1, 2, 3].map(Some));
    assert_eq!(lane.owners(), [(Owner::User(1), 3), (Owner::User(2), 1)]);
    first.lifecycle().stop(StopReason::Interrupted);
    for id in ["b", "d", "c"] {
        let next = running(&lane, id);
        next.lifecycle().stop(StopReason::Interrupted);
        wait_for(&next, State::is_terminal);
    }
    assert!(lane.stop(SOON));
}

/// Waits until that job runs.
fn running(lane: &Scheduler, id: &str) -> Arc<Job> {
    let deadline = Instant::now() + SOON;
    loop {
        match lane.running().first() {
            Some(job) if job.id() == id && job.state() == State::Running => return Arc::clone(job),
            other => assert!(Instant::now() < deadline, "{other:?} runs instead of {id}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn small(queue_max: usize, quota: usize) -> Scheduler {
    let config = SchedulerConfig { queue_max, quota, ..SchedulerConfig::default() };
    Scheduler::open(config, &sink(), Interpreters::default()).expect("a thread")
}

#[test]
fn job_beyond_the_quota_is_refused() {
    let lane = small(64, 2);
    let first = endless_of("a", 1);
    lane.push(Arc::clone(&first)).expect("there is room");
    wait_for(&first, |state| state == State::Running);
    lane.push(endless_of("b", 1)).expect("one runs, one waits");
    let refused = lane.push(endless_of("c", 1)).expect_err("what runs counts too");
    let wanted = QueueError::Quota { owner: Owner::User(1), limit: 2, retry: QUEUE_RETRY };
    assert_eq!(refused, wanted, "the duration of a search is unknown");
    assert_eq!(
        refused.to_string(),
        "user 1 has 2 sweeps and explorations that wait or run, which is the quota; try again when \
         one has ended, or cancel one"
    );
    lane.push(endless_of("c", 2)).expect("another's quota");
    for id in ["x", "y", "z"] {
        lane.push(endless(id)).expect("the process itself has none");
    }
    assert!(lane.remove("b").is_some());
    lane.push(endless_of("d", 1)).expect("one was withdrawn");
    lane.remove("x");
    lane.remove("y");
    lane.remove("z");
    assert!(lane.stop(SOON));
}

#[test]
fn full_queue_refusal_names_its_limit() {
    let lane = small(1, 16);
    let first = endless("a");
    lane.push(Arc::clone(&first)).expect("there is room");
    wait_for(&first, |state| state == State::Running);
    lane.push(endless("b")).expect("one may wait");
    let refused = lane.push(endless("c")).expect_err("no two").to_string();
    assert!(refused.contains("at most 1 sweeps and explorations wait"), "{refused}");
    assert!(lane.stop(SOON));
}

#[test]
fn refusal_has_the_remaining_time_of_the_running_sweep() {
    let lane = small(1, 16);
    let sweep = Arc::new(sweep());
    // Half of it is done before it begins: the rest takes as long as the time that has passed.
    for _ in 0..sweep.plan.attempts() / 2 {
        sweep.count_attempt();
    }
    let queue = Queue::new(lane.config());
    queue.push(Job::new("a".into(), Owner::Local, sweep)).expect("there is room");
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
    let executor =
        |cores, queue: &Queue| Executor::on(cores, queue.degraded.clone(), Interpreters::default());
    let config = SchedulerConfig { lanes: 2, ..SchedulerConfig::default() };
    Scheduler::with(config, &sink(), vec![first, last], executor).expect("two threads")
}

#[test]
fn two_lanes_run_two_jobs_at_once_and_the_rest_waits() {
    let lane = two_lanes();
    assert_eq!((lane.lanes(), lane.cores()), (2, 1));
    let jobs = ["a", "b", "c"].map(endless);
    for job in &jobs {
        lane.push(Arc::clone(job)).expect("there is room");
    }
    for job in &jobs[..2] {
        wait_for(job, |state| state == State::Running);
    }
    assert_eq!((lane.running().len(), lane.position("c"), lane.is_idle()), (2, Some(2), false));
    jobs[0].lifecycle().stop(StopReason::Interrupted);
    wait_for(&jobs[2], |state| state == State::Running);
    assert_eq!(lane.exclusively(|| ()), None, "all lanes must be idle");
    assert!(lane.stop(SOON));
    assert!(jobs.iter().all(|job| job.state() == State::Interrupted));
}

#[test]
fn exclusive_use_keeps_every_lane_waiting() {
    let lane = two_lanes();
    let job = queued("a", race(2, 2));
    let seen = lane.exclusively(|| {
        lane.push(Arc::clone(&job)).expect("there is room");
        (lane.is_idle(), lane.exclusively(|| ()), lane.running().len(), job.state())
    });
    assert_eq!(seen, Some((false, None, 0, State::Queued)));
    wait_for(&job, State::is_terminal);
    assert!(lane.stop(SOON));
}

#[test]
fn sweep_on_a_shared_machine_has_a_note() {
    let lane = two_lanes();
    let recorder = EventRecorder::default();
    let mut executor =
        Executor::on(lane.cores[1].clone(), LostWorkers::default(), Interpreters::default());
    sweep_job("a").run(&mut executor, &recorder).expect("it runs");
    let notes = degraded_tests::end_of(&recorder, "a").1;
    assert!(notes.iter().any(|note| note.starts_with("Other sweeps may have been")), "{notes:?}");
    assert!(notes.iter().all(|note| !note.starts_with("The lab itself used")), "{notes:?}");
    assert!(lane.stop(SOON));
}

#[test]
fn invalid_config_is_refused() {
    let config = SchedulerConfig { quota: 0, ..SchedulerConfig::default() };
    let refused = Scheduler::open(config, &sink(), Interpreters::default()).expect_err("no quota");
    assert!(matches!(refused, StartError::Limit(LimitError { field: "quota", .. })), "{refused}");
}
