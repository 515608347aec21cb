//! Programs of any length against the programs that are searched: the same rules, move by move, and
//! repeated bodies are what they stand for.

use strategies::catalog::{Plain, Spec};
use strategies::explore::query::gil;
use strategies::harness::rng::SplitMix64;
use strategies::model::long_program::{INCREMENTS_MAX, LongProgram};
use strategies::model::moves::Act;
use strategies::model::program::Program;
use strategies::model::replay::{Event, ReplayError, Trace, replay, replay_long};
use strategies::model::schedule::Schedule;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::Era;

/// Increments of each worker.
const INCREMENTS: u32 = 30;

fn programs() -> Vec<LongProgram> {
    let specs = [
        (Spec::Plain(Plain::Unlocked), "LS"),
        (Spec::Plain(Plain::Unlocked), ".L.S."),
        (Spec::Plain(Plain::Unlocked), ".A.LSR."),
        (Spec::Plain(Plain::Atomic), "L.S"),
        (Spec::Plain(Plain::StdMutex), "L.S."),
        (Spec::Plain(Plain::FairMutex), ".LS."),
        (gil(Era::V3_9, None), ".,L,.SJ"),
        (gil(Era::V3_12, None), "LCS"),
        (gil(Era::V3_12, None), ".LISJ"),
        (gil(Era::V2_7, Some(4)), ".,L,.SJ"),
        (gil(Era::V2_7, Some(7)), ".,L,.SJ"),
    ];
    let of = |(spec, letters): (Spec, &str)| {
        let (moves, access) = spec.moves(CustomBody::parse(letters).expect("a body").into());
        LongProgram::new(3, INCREMENTS, &moves, access).expect("small")
    };
    specs.map(of).to_vec()
}

/// A walk through the searched program that seldom changes the worker: every move, and the counter
/// and the choices after it.
fn walked(program: &Program, stream: &mut SplitMix64) -> (Schedule, Vec<(u32, u8)>) {
    let (mut state, mut schedule, mut after) = (program.start(), Schedule::default(), Vec::new());
    while let choices @ 1.. = program.choices(&state) {
        let stays = state.last().filter(|last| choices >> last & 1 == 1 && stream.below(40) > 0);
        let able: Vec<usize> = (0..8).filter(|worker| choices >> worker & 1 == 1).collect();
        let drawn = usize::try_from(stream.below(able.len() as u64)).expect("few");
        let worker = stays.unwrap_or(able[drawn]);
        program.make_move(&mut state, worker);
        schedule.push(worker);
        after.push((state.counter, program.choices(&state)));
    }
    assert!(program.is_over(&state), "no program here has a deadlock");
    (schedule, after)
}

#[test]
fn moves_are_those_of_the_searched_program() {
    let mut stream = SplitMix64::of(&[7]);
    for long in programs() {
        let program = long.searched().expect("small");
        assert_eq!(LongProgram::of(&program), Ok(long.clone()));
        assert_eq!((long.moves(), long.expected()), (program.moves(), program.expected()));
        for _ in 0..20 {
            let (schedule, wanted) = walked(&program, &mut stream);
            let (mut state, mut after) = (long.start(), Vec::new());
            for worker in schedule.workers() {
                long.make_move(&mut state, worker);
                after.push((state.counter(), long.choices(&state)));
            }
            assert_eq!(after, wanted, "{long:?} {schedule}");
            assert!(long.is_over(&state));
        }
    }
}

/// A trace with each repeated body as so many bodies.
fn unfolded(trace: &Trace) -> Vec<Event> {
    let mut all = Vec::new();
    let alike = |a: &Event, b: &Event| {
        a.times > 1 && (a.worker, a.increment, a.times) == (b.worker, b.increment, b.times)
    };
    for body in trace.events.chunk_by(alike) {
        let times = body[0].times;
        for nth in 0..times {
            let (before, left) = (nth, times - 1 - nth);
            let mut has_written = false;
            for event in body {
                let writes = matches!(event.made.act, Act::Store | Act::Add);
                has_written |= writes;
                let counter =
                    if has_written { event.counter - left } else { event.counter + before };
                let value = event.value.map(|_| counter);
                let increment = event.increment + nth;
                all.push(Event { counter, value, increment, times: 1, ..*event });
            }
        }
    }
    all
}

#[test]
fn repeated_bodies_stand_for_what_they_repeat() {
    let (mut stream, mut folded) = (SplitMix64::of(&[8]), 0);
    for long in programs() {
        let program = long.searched().expect("small");
        for _ in 0..20 {
            let (schedule, _) = walked(&program, &mut stream);
            let whole = replay(&program, &schedule).expect("a schedule of it");
            let short = match replay_long(&long, &schedule, long.moves() - 1) {
                Ok(short) => short,
                Err(ReplayError::TooManyEvents { .. }) => continue,
                Err(error) => panic!("{error}"),
            };
            assert_eq!(unfolded(&short), whole.events, "{long:?} {schedule}");
            assert_eq!((short.value, short.preemptions), (whole.value, whole.preemptions));
            let lost = |trace: &Trace| -> u32 {
                let all = trace.losses.iter().flat_map(|loss| &loss.lost);
                all.map(|&at| trace.events[at].times).sum()
            };
            assert_eq!(lost(&short), lost(&whole), "{long:?} {schedule}");
            folded += 1;
        }
    }
    assert!(folded > 150, "{folded}");
}

#[test]
fn what_is_wrong_with_a_long_schedule_is_named_by_its_move() {
    let (moves, access) =
        Spec::Plain(Plain::Unlocked).moves(CustomBody::parse("LS").expect("a body").into());
    let program = LongProgram::new(2, INCREMENTS_MAX, &moves, access).expect("within the limits");
    let error = |text: &str| {
        let schedule = Schedule::parse(text).expect("a schedule");
        replay_long(&program, &schedule, 1000).expect_err("refused").to_string()
    };
    assert_eq!(
        error("T0x2000000 T1x1999999"),
        "the schedule ends after 3999999 of 4000000 moves; only T1 can"
    );
    assert_eq!(error("T0x2000001"), "move 2000001: T0 cannot move here; only T1 can");
    assert_eq!(error("T2x1"), "move 1: there is no worker T2; the last is T1");
    let often = error(&"T0x1 T1x1 ".repeat(600));
    assert!(often.starts_with("move 1001: the schedule takes more than the limit of 1000 moves"));
    let beyond = LongProgram::new(2, INCREMENTS_MAX + 1, &moves, access).expect_err("refused");
    assert_eq!(
        beyond.to_string(),
        "increments: 1000001 is outside the limits; choose a value from 1 to 1000000"
    );
}
