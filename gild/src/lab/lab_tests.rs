//! The lab without the wire: sweeps are created, run, followed, cancelled, resumed and deleted.

use crate::lab::history::Prune;
use crate::lab::history::Retention;
use prost::Message;
use proto::v1::sweep_event::Happening;
use proto::v1::{SweepEvent, SweepState};

use super::*;
use crate::store::portable::ExportError;
use engine::jobs::scheduler::error::QueueError;
use engine::plan::spec::StrategySelector;
use strategies::catalog::{Name, Plain};
use strategies::program::era::SwitchInterval;

/// Long enough for any test machine, short enough to notice.
const SOON: Duration = Duration::from_secs(30);

pub(crate) fn lab() -> Lab {
    Lab::temporary(Interpreters::default()).expect("a directory and a thread")
}

pub(crate) fn spec(attempts: u32) -> SweepSpec {
    SweepSpec {
        strategies: vec![StrategySelector::One(Name::Plain(Plain::Atomic))],
        tasks: vec![2],
        task_steps: vec![0],
        attempts: Some(attempts),
        ..SweepSpec::default()
    }
}

/// Attempts of ten milliseconds each in turns of ten, for minutes.
pub(crate) fn endless() -> SweepSpec {
    let task_steps = (0..60).collect();
    SweepSpec { task_steps, outside_ns: vec![10_000_000], ..spec(200) }
}

pub(crate) fn create(lab: &Lab, spec: &SweepSpec) -> String {
    lab.create(spec, "", Owner::Local).expect("queued").id
}

pub(crate) async fn all_events(lab: &Lab, id: &str, after: u64) -> Vec<SweepEvent> {
    let mut follower = lab.follow(Kind::Sweep, id, after).expect("the sweep is kept");
    let mut events = Vec::new();
    while let Some(more) = follower.next().await.expect("it can be read") {
        events.extend(more.iter().map(|one| SweepEvent::decode(&one.body[..]).expect("ours")));
    }
    events
}

fn last_state(events: &[SweepEvent]) -> SweepState {
    match &events.last().expect("an event").happening {
        Some(Happening::Ended(ended)) => ended.state(),
        other => panic!("{other:?} is not the end"),
    }
}

/// Follows a sweep until so many turns are stored.
async fn wait_for_turns(lab: &Lab, id: &str, turns: usize) {
    let mut follower = lab.follow(Kind::Sweep, id, 0).expect("kept");
    let mut seen = 0;
    while seen < turns {
        let events = follower.next().await.expect("readable").expect("it goes on");
        let decoded = events.iter().map(|one| SweepEvent::decode(&one.body[..]).expect("ours"));
        seen += decoded.filter(|event| matches!(event.happening, Some(Happening::Turn(_)))).count();
    }
}

#[tokio::test]
async fn finished_sweep_has_consecutive_events() {
    let lab = lab();
    let id = create(&lab, &spec(40));
    let events = all_events(&lab, &id, 0).await;
    let numbers: Vec<_> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=23).collect::<Vec<_>>(), "started, 20 turns, cell, ended");
    assert_eq!(last_state(&events), SweepState::Succeeded);
    assert_eq!(all_events(&lab, &id, 20).await, events[20..]);
    let record = lab.record(Kind::Sweep, &id).expect("kept");
    assert_eq!((record.state, record.attempts, record.runs), (State::Succeeded, 40, 1));
    let results = lab.results(&record).expect("readable");
    let decoded = |body: &[u8]| SweepEvent::decode(body).expect("ours").happening;
    let Some(Happening::CellEnded(cell)) = decoded(&results.newest[0].1) else {
        panic!("the cell has not ended");
    };
    assert_eq!(cell.measurement.map(|it| it.correct), Some(40));
    let Some(Happening::Ended(ended)) = decoded(&results.ended.expect("an end")) else {
        panic!("the sweep has not ended");
    };
    let own = ended.notes.last().expect("the lab's own cost");
    assert!(own.starts_with("The lab itself used ") && own.ends_with("s)."), "{own}");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn cancelled_sweep_keeps_its_measurements() {
    let lab = lab();
    let id = create(&lab, &endless());
    wait_for_turns(&lab, &id, 1).await;
    lab.cancel(Kind::Sweep, &id).expect("it runs");
    let events = all_events(&lab, &id, 0).await;
    assert_eq!(last_state(&events), SweepState::Cancelled);
    let partial = events.iter().any(|event| match &event.happening {
        Some(Happening::CellEnded(ended)) => {
            !ended.complete && ended.measurement.as_ref().is_some_and(|it| it.attempts > 0)
        }
        _ => false,
    });
    assert!(partial, "the cell says that it is partial");
    assert!(matches!(lab.cancel(Kind::Sweep, &id), Err(LabError::Ended { .. })));
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn queued_sweep_can_be_cancelled() {
    let lab = lab();
    let (first, second) = (create(&lab, &endless()), create(&lab, &spec(1)));
    lab.cancel(Kind::Sweep, &second).expect("it waits");
    assert_eq!(last_state(&all_events(&lab, &second, 0).await), SweepState::Cancelled);
    lab.cancel(Kind::Sweep, &first).expect("it runs");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn stop_interrupts_running_and_queued_sweeps() {
    let lab = lab();
    let both = [(); 2].map(|()| create(&lab, &endless()));
    assert!(lab.stop(SOON), "the lane ends in the middle of an attempt");
    for id in both {
        assert_eq!(last_state(&all_events(&lab, &id, 0).await), SweepState::Interrupted);
    }
    let refused = lab.create(&spec(1), "", Owner::Local).map(drop);
    assert_eq!(refused, Err(QueueError::Stopping.into()));
    assert_eq!(lab.stored_sweeps(), Ok(2), "what was refused is not kept");
}

#[tokio::test]
async fn repeated_request_creates_one_sweep() {
    let lab = lab();
    let create = |request: &str, owner| lab.create(&spec(1), request, owner).expect("queued").id;
    let first = create("retry me", Owner::Local);
    assert_eq!(first, create("retry me", Owner::Local));
    assert_ne!(first, create("another", Owner::Local));
    assert_ne!(first, create("retry me", Owner::User(7)), "another's request is another");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn full_queue_refuses_a_sweep() {
    let lab = lab();
    let refused = (0..=engine::limits::QUEUE_MAX + 1)
        .find_map(|_| lab.create(&endless(), "", Owner::Local).err());
    let Some(LabError::Queue(QueueError::Crowded { limit, .. })) = refused else {
        panic!("{refused:?} is not a full queue");
    };
    assert_eq!(limit, engine::limits::QUEUE_MAX);
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn sequence_number_beyond_the_end_is_refused() {
    let lab = lab();
    let id = create(&lab, &spec(1));
    let last = all_events(&lab, &id, 0).await.len() as u64;
    let refused = lab.follow(Kind::Sweep, &id, last + 1).map(drop);
    assert_eq!(refused, Err(LabError::BeyondEnd { after: last + 1, last }));
    assert!(matches!(lab.follow(Kind::Sweep, "unknown", 0), Err(LabError::NotFound { .. })));
    assert!(lab.stop(SOON));
}

/// Of each attempt of a sweep: cell, number, seed; in the order of their events.
fn attempts(events: &[SweepEvent]) -> Vec<(u32, u32, u64)> {
    let turns = events.iter().filter_map(|event| match &event.happening {
        Some(Happening::Turn(turn)) => Some(turn),
        _ => None,
    });
    let of = |turn: &proto::v1::Turn| -> Vec<_> {
        (turn.first_attempt..).zip(&turn.seeds).map(|(n, &seed)| (turn.cell, n, seed)).collect()
    };
    turns.flat_map(of).collect()
}

#[tokio::test]
async fn resumed_sweep_runs_the_missing_attempts_in_planned_order() {
    let lab = lab();
    // Some ten milliseconds a turn, and so many turns that most are to come when it is cancelled.
    let slow = SweepSpec {
        workers: vec![1, 2],
        tasks: vec![2, 4],
        outside_ns: vec![5_000_000],
        seed: Some(7),
        ..spec(20)
    };
    let twin = create(&lab, &slow.clone());
    let whole = attempts(&all_events(&lab, &twin, 0).await);
    assert_eq!(whole.len(), 80);
    let id = create(&lab, &slow);
    let mut resumed = 0;
    for turns in [3, 17] {
        wait_for_turns(&lab, &id, turns).await;
        lab.cancel(Kind::Sweep, &id).expect("it runs");
        let partial = all_events(&lab, &id, 0).await;
        assert_eq!(last_state(&partial), SweepState::Cancelled);
        let (record, missing) = lab.resume(&id).expect("something is missing");
        assert_eq!(missing + attempts(&partial).len() as u64, 80, "{record:?}");
        resumed += 1;
    }
    let events = all_events(&lab, &id, 0).await;
    assert_eq!(last_state(&events), SweepState::Succeeded);
    assert_eq!(attempts(&events), whole, "each once, in the planned order");
    let record = lab.record(Kind::Sweep, &id).expect("kept");
    assert_eq!((record.attempts, record.runs), (80, resumed + 1));
    let refused = lab.resume(&id).expect_err("nothing is missing").to_string();
    assert!(refused.contains("nothing is missing") && refused.contains("rerun"), "{refused}");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn sweep_planned_with_equal_intervals_apart_is_resumed_so() {
    let lab = lab();
    let asked =
        SweepSpec { strategies: vec![StrategySelector::One(Name::Gil)], seed: Some(7), ..spec(1) };
    let apart = lab.plan_with(&asked, EqualIntervals::Separate).expect("valid");
    let none = Interpreters::default();
    let new = codec::new_sweep(new_id(), Owner::Local, "", &asked, &apart, &none);
    let stored = lab.history().create(new).expect("room");
    assert_eq!(apart.cells.len(), 6);
    lab.rebuild(&stored).expect("planned as it is stored");
    assert_eq!(lab.plan(&asked).expect("valid").cells.len(), 5);
    assert!(lab.stop(SOON));
}

/// What a sweep comes to when its statistics are computed again from what is stored.
#[tokio::test]
async fn recomputed_measurements_equal_the_stored_ones() {
    let lab = lab();
    let strategies =
        [Plain::Unlocked, Plain::FairMutex].map(|one| StrategySelector::One(Name::Plain(one)));
    let asked = SweepSpec {
        strategies: strategies.into(),
        tasks: vec![4],
        increments: vec![3],
        ..spec(60)
    };
    let timed = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Plain(Plain::FairMutex))],
        tasks: Vec::new(),
        duration_ns: Some(10_000_000),
        ..spec(6)
    };
    let requesting = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Gil)],
        intervals: vec![SwitchInterval::from_picoseconds(20_000_000)],
        tasks: Vec::new(),
        task_steps: Vec::new(),
        cpu_workers: vec![1],
        io_workers: vec![1],
        io_ns: vec![1_000],
        requests: Some(20),
        ..spec(6)
    };
    let mut timed_kinds = [false; 4];
    for spec in [asked, timed, requesting] {
        let id = create(&lab, &spec);
        let mut measured = Vec::new();
        for event in all_events(&lab, &id, 0).await {
            if let Some(Happening::CellEnded(ended)) = event.happening {
                measured.push((ended.cell as usize, ended.measurement.expect("measured")));
            }
        }
        let record = lab.record(Kind::Sweep, &id).expect("kept");
        let (_, again) = lab.recompute(&record).expect("ours");
        for (cell, stored) in measured {
            let again = again[cell].as_ref().expect("it was measured");
            let again = crate::wire::sweep::measurement::measurement(again);
            // What a step costs is measured before each run.
            let step_cost_measured_ns = stored.step_cost_measured_ns;
            assert_eq!(proto::v1::Measurement { step_cost_measured_ns, ..again }, stored);
            let proto::v1::Measurement { wait_ns_max, hand_over_ns_max, slice_ns_max, .. } = stored;
            let longest = [wait_ns_max, hand_over_ns_max, slice_ns_max, stored.latency_ns_max];
            for (timed, longest) in timed_kinds.iter_mut().zip(longest) {
                *timed |= longest.is_some();
            }
        }
    }
    assert_eq!(timed_kinds, [true; 4], "waits, hand-overs, slices, requests");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn ended_sweep_is_deleted_and_running_one_is_not() {
    let lab = lab();
    let ids: Vec<_> = (0..4).map(|_| create(&lab, &spec(1))).collect();
    for id in &ids {
        all_events(&lab, id, 0).await;
    }
    lab.delete(Kind::Sweep, &ids[0]).expect("it has ended");
    assert!(matches!(lab.record(Kind::Sweep, &ids[0]), Err(LabError::NotFound { .. })));
    let retention = Retention { keep_newest: Some(1), ..Retention::default() };
    let would_go = lab.prune(&retention, Prune::DryRun).expect("readable");
    assert_eq!(would_go.iter().map(|it| &it.id).collect::<Vec<_>>(), [&ids[1], &ids[2]]);
    assert!(would_go.iter().all(|it| it.bytes > 0));
    assert_eq!(lab.stored_sweeps(), Ok(3), "a dry run changes nothing");
    assert_eq!(lab.prune(&retention, Prune::Delete), Ok(would_go));
    assert_eq!(lab.stored_sweeps(), Ok(1));
    let keep = Retention { keep: Some(Duration::from_hours(1)), ..Retention::default() };
    assert_eq!(lab.prune(&keep, Prune::Delete).map(|it| it.len()), Ok(0));
    let running = create(&lab, &endless());
    assert!(matches!(lab.delete(Kind::Sweep, &running), Err(LabError::Unended { .. })));
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn exported_sweep_is_equal_after_import() {
    let (here, there) = (lab(), lab());
    let id = create(&here, &spec(20));
    let events = all_events(&here, &id, 0).await;
    let file = here.export(&id).expect("it has ended");
    let record = there.import(file, Owner::User(7)).expect("it is a sweep");
    assert_eq!((record.id.as_str(), &record.owner, record.attempts), (&*id, &Owner::User(7), 20));
    assert!(!record.imported_from.is_empty());
    assert_eq!(all_events(&there, &id, 0).await, events);
    let again = there.import(here.export(&id).expect("ended"), Owner::Local).map(drop);
    assert_eq!(again, Err(LabError::Export(ExportError::Known(id.clone()))));
    there.delete(Kind::Sweep, &id).expect("it has ended");
    assert!(here.stop(SOON) && there.stop(SOON));
}

#[tokio::test]
async fn damaged_file_is_refused_without_a_trace() {
    let lab = lab();
    let id = create(&lab, &spec(20));
    all_events(&lab, &id, 0).await;
    let whole = std::fs::read(lab.export(&id).expect("ended")).expect("readable");
    lab.delete(Kind::Sweep, &id).expect("it has ended");
    let import = |bytes: &[u8]| {
        let path = crate::store::portable::temporary_file().expect("a file");
        std::fs::write(&path, bytes).expect("writable");
        lab.import(path, Owner::Local)
    };
    let half = whole.len() / 2;
    let mut scratched = whole.clone();
    let page = half / 4096 * 4096;
    scratched[page..page + 4096].fill(0xff);
    for bytes in [&b""[..], b"no database", &whole[..half], &scratched] {
        let refused = import(bytes).expect_err("it is damaged");
        assert!(matches!(refused, LabError::Export(ExportError::NoSweep(_))), "{refused:?}");
    }
    assert_eq!(lab.stored_sweeps(), Ok(0));
    import(&whole).expect("it is whole");
    assert!(lab.stop(SOON));
}
