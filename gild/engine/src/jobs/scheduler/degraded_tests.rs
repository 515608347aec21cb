//! A lane with a worker that never comes back: its sweep fails, later ones are marked, and the process
//! can be replaced without losing queued jobs.

use crate::jobs::scheduler::config::DegradedPolicy;
use std::sync::OnceLock;
use std::time::Instant;

use super::*;
use crate::exec::stall_injection::StallInjection;
use crate::exec::worker_pool::Limits;
use crate::jobs::event::recorder::EventRecorder;
use crate::jobs::event::sweep::SweepEvent;
use crate::jobs::scheduler::tests::{SOON, one_lane, wait_for};
use crate::jobs::state::State;
use crate::jobs::sweep::job::tests::sweep_job;
use crate::measure::validity::Validity;

/// How long attempts may take here: the one with the stalled worker takes that long, no other comes
/// near it.
const LIMIT: Duration = Duration::from_secs(2);

/// The error and the notes of a sweep that has ended.
pub(super) fn end_of(recorder: &EventRecorder, id: &str) -> (String, Vec<String>) {
    match recorder.sweep_events(id).pop() {
        Some(SweepEvent::Ended { error, notes, .. }) => (error, notes),
        other => panic!("{other:?} is not the end"),
    }
}

fn validity(recorder: &EventRecorder, id: &str) -> Validity {
    let events = recorder.sweep_events(id);
    let validity = events.iter().find_map(|event| match event {
        SweepEvent::CellEnded { measurement, .. } => Some(measurement.validity),
        _ => None,
    });
    validity.expect("it has a cell")
}

/// One lane whose first worker stalls until it is released.
fn lane(
    when_degraded: DegradedPolicy,
    recorder: &Arc<EventRecorder>,
    release: &Abort,
) -> Scheduler {
    let (victim, release) = (OnceLock::new(), release.clone());
    let stays = StallInjection::new(move || {
        let me = thread::current().id();
        *victim.get_or_init(|| me) == me && !release.is_raised()
    });
    let executor = move |cores, queue: &Queue| {
        let mut executor = Executor::on(cores, queue.degraded.clone(), Interpreters::default());
        executor.pool.stall_injection = stays.clone();
        executor.pool.limits = Limits { attempt: LIMIT, grace: Duration::ZERO };
        executor
    };
    let config = SchedulerConfig { when_degraded, ..SchedulerConfig::default() };
    let sink: Arc<dyn EventSink> = recorder.clone();
    Scheduler::with(config, &sink, vec![CpuSet::default()], executor).expect("a thread")
}

/// Runs a sweep to its end.
fn run(lane: &Scheduler, id: &str) -> Arc<Job> {
    let job = sweep_job(id);
    lane.push(Arc::clone(&job)).expect("there is room");
    wait_for(&job, State::is_terminal);
    job
}

fn wait_until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never comes true");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn lost_worker_fails_its_sweep_and_degrades_later_ones_until_it_comes_back() {
    let (recorder, release) = (Arc::new(EventRecorder::default()), Abort::default());
    let lane = lane(DegradedPolicy::GoOn, &recorder, &release);
    assert_eq!(lane.degraded(), None);
    assert_eq!(run(&lane, "a").state(), State::Failed);
    assert_eq!(lane.degraded_changes(false), Some(true));
    let (error, _) = end_of(&recorder, "a");
    assert!(error.contains("worker 0 [thread ") && error.contains("] is at work for "), "{error}");
    assert!(error.contains("worker 1 [thread "), "{error}");
    let text = lane.degraded().expect("it is out");
    assert!(text.contains(" of sweep a, on "), "{text}");
    assert_eq!(run(&lane, "b").state(), State::Succeeded);
    assert_eq!(validity(&recorder, "b"), Validity::Degraded);
    let (_, notes) = end_of(&recorder, "b");
    let remark = |note: &String| note.starts_with("A worker of an earlier attempt never came back");
    assert!(notes.iter().any(remark), "{notes:?}");
    release.raise();
    assert_eq!(lane.degraded_changes(true), Some(false));
    assert_eq!(lane.degraded(), None);
    assert_eq!(run(&lane, "c").state(), State::Succeeded);
    assert_ne!(validity(&recorder, "c"), Validity::Degraded);
    assert!(!end_of(&recorder, "c").1.iter().any(remark));
    assert!(lane.stop(SOON));
}

#[test]
fn held_queue_stays_until_it_is_resumed_degraded() {
    let (recorder, release) = (Arc::new(EventRecorder::default()), Abort::default());
    let lane = lane(DegradedPolicy::Hold, &recorder, &release);
    let jobs = ["a", "b"].map(sweep_job);
    for job in &jobs {
        lane.push(Arc::clone(job)).expect("there is room");
    }
    let seen = lane.once_degraded_and_idle(|| {
        let states = jobs.each_ref().map(|job| job.state());
        (states, lane.len(), lane.running().len(), lane.degraded().is_some())
    });
    let wanted = ([State::Failed, State::Queued], 1, 0, true);
    assert_eq!(seen, Some(wanted), "the moment to replace it");
    // A second call finds the same.
    let again = lane.once_degraded_and_idle(|| jobs.each_ref().map(|job| job.state()));
    assert_eq!(again, Some(wanted.0));
    // It could not be replaced: jobs must not wait forever.
    lane.resume_degraded();
    wait_for(&jobs[1], State::is_terminal);
    assert_eq!(validity(&recorder, "b"), Validity::Degraded);
    release.raise();
    assert!(lane.stop(SOON));
}

#[test]
fn held_queue_goes_on_when_the_worker_comes_back() {
    let (recorder, release) = (Arc::new(EventRecorder::default()), Abort::default());
    let lane = lane(DegradedPolicy::Hold, &recorder, &release);
    assert_eq!(run(&lane, "a").state(), State::Failed);
    let waiting = sweep_job("b");
    lane.push(Arc::clone(&waiting)).expect("there is room");
    wait_until(|| lane.is_idle());
    assert_eq!((waiting.state(), lane.position("b")), (State::Queued, Some(0)));
    release.raise();
    wait_for(&waiting, State::is_terminal);
    assert_ne!(validity(&recorder, "b"), Validity::Degraded);
    assert!(lane.stop(SOON));
}

#[test]
fn waiting_for_degradation_ends_with_the_stop() {
    let lane = one_lane();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| lane.once_degraded_and_idle(|| ()));
        let watching = scope.spawn(|| lane.degraded_changes(false));
        assert!(lane.stop(SOON));
        assert_eq!(waiting.join().expect("no panic"), None);
        assert_eq!(watching.join().expect("no panic"), None);
    });
}
