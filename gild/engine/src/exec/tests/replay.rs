//! The model's values on real threads.

use super::*;
use strategies::catalog::{Plain, Spec};
use strategies::explore::query::{Query, gil};
use strategies::explore::random::{Sampler, schedule};
use strategies::explore::witness::Witnesses;
use strategies::harness::rng::SplitMix64;
use strategies::model::bounds::Bounds;
use strategies::model::program::Program;
use strategies::model::replay::replay;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::Era;

const UNLOCKED: Spec = Spec::Plain(Plain::Unlocked);

fn long(spec: Spec, steps: &str, workers: usize, increments: u32) -> LongProgram {
    LongProgram::of(&program(spec, steps, workers, increments)).expect("a small one")
}

fn program(spec: Spec, steps: &str, workers: usize, increments: u32) -> Program {
    let body = CustomBody::parse(steps).expect("a body").into();
    Query { spec, body, workers, increments }.program().expect("a small one")
}

/// Programs for each way to share a counter: unlocked, atomic, behind a lock, in FIFO order, under
/// an interpreter.
fn programs() -> Vec<Program> {
    let (atomic, fair) = (Spec::Plain(Plain::Atomic), Spec::Plain(Plain::FairMutex));
    vec![
        program(UNLOCKED, "LS", 2, 5),
        program(UNLOCKED, "L.S", 3, 3),
        program(UNLOCKED, "LS", 8, 1),
        program(UNLOCKED, "A.L.SR", 3, 3),
        program(atomic, "LS", 4, 4),
        program(fair, "L.S", 3, 3),
        program(gil(Era::V3_9, None), ".,L,.SJ", 2, 3),
        program(gil(Era::V3_12, None), ".L.CS.J", 3, 2),
        program(gil(Era::V2_7, Some(5)), ".,L,.SJ", 2, 4),
    ]
}

/// A thousand schedules, random ones and witnesses.
#[test]
fn replay_on_threads_reaches_the_model_value() {
    let (mut pool, mut stream) = (WorkerPool::default(), SplitMix64::of(&[2021]));
    let mut played = 0;
    let mut check = |program: &Program, schedule: &Schedule, wanted: u32| {
        let long = LongProgram::of(program).expect("a small one");
        let value = replay_on_threads(&mut pool, &long, schedule, &Abort::default());
        assert_eq!(value, Ok(wanted), "{program:?} {schedule}");
        played += 1;
    };
    for program in programs() {
        for _ in 0..110 {
            let (schedule, value) =
                schedule(&program, Sampler::RandomWalk, &mut stream).expect("a walk ends");
            assert_eq!(replay(&program, &schedule).map(|trace| trace.value), Ok(value));
            check(&program, &schedule, value);
        }
    }
    let race = program(UNLOCKED, "LS", 2, 8);
    let witnesses = Witnesses::prepare(&race, Bounds::ALL).expect("small");
    for value in 2..=16 {
        check(&race, &witnesses.fewest(value).expect("it is reachable").1, value);
    }
    assert!(played >= 1000, "{played}");
}

#[test]
fn incomplete_schedule_ends_early() {
    let race = long(UNLOCKED, "LS", 2, 1);
    let short = Schedule::parse("T0x1 T1x2").expect("two runs");
    assert_eq!(
        replay_on_threads(&mut WorkerPool::default(), &race, &short, &Abort::default()),
        Ok(1)
    );
}

#[test]
fn aborted_replay_has_no_value() {
    let race = long(UNLOCKED, "LS", 2, 1000);
    let turns: Schedule = (0..4000).map(|at| at % 2).collect();
    let abort = Abort::default();
    abort.raise();
    let ended = replay_on_threads(&mut WorkerPool::default(), &race, &turns, &abort);
    assert_eq!(ended, Err(ThreadReplayError::Stopped));
}

#[test]
fn move_on_taken_lock_is_refused() {
    let locked = long(UNLOCKED, "ALSR", 2, 1);
    let bad = Schedule::parse("T0x1 T1x1 T0x3 T1x3").expect("four runs");
    let refused = Err(ThreadReplayError::Refused { at: 2, worker: 1 });
    let mut pool = WorkerPool::default();
    assert_eq!(replay_on_threads(&mut pool, &locked, &bad, &Abort::default()), refused);
    let unknown = Schedule::parse("T2x1").expect("a run");
    let ended = replay_on_threads(&mut pool, &locked, &unknown, &Abort::default());
    assert_eq!(ended, Err(ThreadReplayError::UnknownWorker(2)));
    let good = Schedule::parse("T0x4 T1x4").expect("two runs");
    assert_eq!(
        replay_on_threads(&mut pool, &locked, &good, &Abort::default()),
        Ok(2),
        "the pool lives on"
    );
}

/// Turns of millions of moves: workers wake each other once a turn.
#[test]
fn long_turns_are_played_on_threads() {
    use strategies::explore::closed_form::Race;
    let body = CustomBody::parse("LS").expect("a body").into();
    let query = Query { spec: UNLOCKED, body, workers: 3, increments: 1_000_000 };
    let program = query.long_program().expect("within the limits");
    let mut pool = WorkerPool::default();
    for value in [2, 777_777, 1_000_000, 2_999_999, 3_000_000] {
        let schedule = Race::of(&program).schedule(value).expect("it is reachable");
        let found = replay_on_threads(&mut pool, &program, &schedule, &Abort::default());
        assert_eq!(found, Ok(value));
    }
}
