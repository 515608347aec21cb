//! The lab without the wire: what is created is run, followed, cancelled and forgotten.

use super::*;
use crate::life::State;
use crate::plan::Choice;
use crate::store::Event;
use strategies::catalog::{Name, Plain};

/// Long enough for any test machine, short enough to notice.
const SOON: Duration = Duration::from_secs(30);

fn wish(attempts: u32) -> Wish {
    Wish {
        strategies: vec![Choice::One(Name::Plain(Plain::Atomic))],
        tasks: vec![2],
        task_steps: vec![0],
        attempts: Some(attempts),
        ..Wish::default()
    }
}

/// Attempts of a millisecond each in turns of a thousand, for minutes.
fn endless() -> Wish {
    Wish { outside_ns: vec![1_000_000], ..wish(100_000) }
}

async fn all_events(lab: &Lab, id: &str, after: u64) -> Vec<Arc<Event>> {
    let mut follower = lab.follow(id, after).expect("the sweep is kept");
    let mut events = Vec::new();
    while let Some(more) = follower.next().await {
        events.extend(more);
    }
    events
}

/// Sixty-four cells: four strategies with one and two workers and two to nine tasks.
fn wide(attempts: u32) -> Wish {
    let strategies = [Plain::Unlocked, Plain::Atomic, Plain::FairMutex, Plain::StdMutex];
    Wish {
        strategies: strategies.map(|plain| Choice::One(Name::Plain(plain))).into(),
        workers: vec![1, 2],
        tasks: (2..=9).collect(),
        ..wish(attempts)
    }
}

/// What a sweep of sixty-four cells and a million attempts may add to the daemon's memory.
const MILLION_BYTES_MAX: usize = 20 << 20;
/// Most bytes that the log may take of an attempt of few tasks, its share of the events included: one for
/// its value, four for a duration that no machine's noise stretches by more than a quarter of a second,
/// two for the overlap, one for the switches, and the rest for what a turn says of its cell.
const SHORT_ATTEMPT_BYTES_MAX: usize = 12;

#[tokio::test]
async fn a_wide_sweep_takes_few_bytes_an_attempt() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let live = lab.create(wide(100), "", Owner::Local).expect("queued");
    let events = all_events(&lab, &live.id, 0).await;
    assert_eq!(state_of(events.last().expect("an end")), State::Succeeded);
    let bytes = lab.0.sweeps.store().bytes(&live.id);
    assert!(
        bytes <= crate::shelf::Kept::bytes_max(&*live),
        "{bytes} are more than were accounted for"
    );
    let attempts = usize::try_from(live.plan.attempts()).expect("small");
    let of_attempts = bytes - events.len() * size_of::<Event>();
    assert_eq!((live.plan.cells.len(), attempts), (64, 6_400));
    assert!(of_attempts <= attempts * SHORT_ATTEMPT_BYTES_MAX, "{of_attempts} of {attempts}");
    // With a million attempts there are as many events, and no sample is larger than its bound.
    let samples = 64 * crate::measure::Series::BYTES_HELD_MAX;
    let million = events.len() * size_of::<Event>() + samples + 1_000_000 * of_attempts / attempts;
    assert!(million <= MILLION_BYTES_MAX, "{million}");
    assert!(lab.stop(SOON));
}

fn state_of(event: &Event) -> State {
    match &event.happening {
        Happening::Ended { state, .. } => *state,
        other => panic!("{other:?} is not the end"),
    }
}

#[tokio::test]
async fn a_sweep_runs_to_its_end_and_every_event_is_numbered() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let live = lab.create(wish(40), "", Owner::Local).expect("queued");
    let events = all_events(&lab, &live.id, 0).await;
    let numbers: Vec<_> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=23).collect::<Vec<_>>(), "started, 20 turns, cell, ended");
    assert_eq!(state_of(&events[22]), State::Succeeded);
    assert_eq!(all_events(&lab, &live.id, 20).await, events[20..]);
    let results = lab.results(&live);
    assert_eq!(results.measurements[0].as_ref().map(|m| m.correct), Some(40));
    let own = results.notes.last().expect("the lab's own cost");
    assert!(own.starts_with("The lab itself used ") && own.ends_with("s)."), "{own}");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn a_cancelled_sweep_keeps_what_it_measured() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let live = lab.create(endless(), "", Owner::Local).expect("queued");
    let mut follower = lab.follow(&live.id, 0).expect("kept");
    let is_turn = |event: &Arc<Event>| matches!(event.happening, Happening::Turn(_));
    while !follower.next().await.expect("it goes on").iter().any(is_turn) {}
    lab.cancel(&live.id).expect("it runs");
    let events = all_events(&lab, &live.id, 0).await;
    assert_eq!(state_of(events.last().expect("an end")), State::Cancelled);
    let partial = events.iter().any(|event| match &event.happening {
        Happening::CellEnded { complete, measurement, .. } => !complete && measurement.attempts > 0,
        _ => false,
    });
    assert!(partial, "the cell says that it is partial");
    assert!(matches!(lab.cancel(&live.id), Err(LabError::Ended { .. })));
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn a_queued_sweep_can_be_cancelled() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let first = lab.create(endless(), "", Owner::Local).expect("queued");
    let second = lab.create(wish(1), "", Owner::Local).expect("queued");
    lab.cancel(&second.id).expect("it waits");
    let events = all_events(&lab, &second.id, 0).await;
    assert_eq!(state_of(events.last().expect("an end")), State::Cancelled);
    lab.cancel(&first.id).expect("it runs");
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn stopping_interrupts_what_runs_and_what_waits() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let both = [(); 2].map(|()| lab.create(endless(), "", Owner::Local).expect("queued"));
    assert!(lab.stop(SOON), "the lane ends in the middle of an attempt");
    for live in both {
        let events = all_events(&lab, &live.id, 0).await;
        assert_eq!(state_of(events.last().expect("an end")), State::Interrupted);
    }
    assert_eq!(lab.create(wish(1), "", Owner::Local).map(drop), Err(QueueError::Stopping.into()));
}

#[tokio::test]
async fn a_repeated_request_starts_one_sweep() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let first = lab.create(wish(1), "retry me", Owner::Local).expect("queued");
    let again = lab.create(wish(1), "retry me", Owner::Local).expect("queued");
    let other = lab.create(wish(1), "another", Owner::Local).expect("queued");
    assert_eq!(first.id, again.id);
    assert_ne!(first.id, other.id);
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let refused = (0..=crate::config::QUEUE_MAX + 1)
        .find_map(|_| lab.create(endless(), "", Owner::Local).err());
    let Some(LabError::Queue(QueueError::Crowded { limit, .. })) = refused else {
        panic!("{refused:?} is not a full queue");
    };
    assert_eq!(limit, crate::config::QUEUE_MAX);
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn a_number_beyond_the_end_is_refused() {
    let lab = Lab::start(Interpreters::default()).expect("a thread");
    let live = lab.create(wish(1), "", Owner::Local).expect("queued");
    let last = all_events(&lab, &live.id, 0).await.len() as u64;
    let refused = lab.follow(&live.id, last + 1).map(drop);
    assert_eq!(refused, Err(LabError::BeyondEnd { after: last + 1, last }));
    assert!(matches!(lab.follow("nobody", 0), Err(LabError::NotFound { .. })));
    assert!(lab.stop(SOON));
}
