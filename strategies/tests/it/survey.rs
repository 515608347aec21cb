//! The explorer as its users see it: whole answers, witnesses, scripts.

use num_bigint::BigUint;
use strategies::catalog::{Plain, Spec};
use strategies::explore::estimate::estimate;
use strategies::explore::forward::{bounded_preemption, search};
use strategies::explore::query::{Query, ScheduleString, gil};
use strategies::explore::random::{Sampler, schedule};
use strategies::explore::reachable::{Tightness, of_cell};
use strategies::explore::reverse::tasks;
use strategies::explore::survey::answer::{QueryOptions, SchedulerChoice, Survey};
use strategies::explore::survey::survey;
use strategies::explore::survey::verdict::ranges;
use strategies::explore::witness::Witnesses;
use strategies::harness::rng::SplitMix64;
use strategies::model::bounds::Bounds;
use strategies::model::program::Program;
use strategies::model::ratio::as_f64;
use strategies::model::replay::replay;
use strategies::model::scheduler::{Bits, Probability, Scheduler};
use strategies::model::state::Reduction;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::{CustomBody, Increment};
use strategies::program::era::Era;
use strategies::program::workload::Workload;

use crate::exact::{body, number};

const INTERLEAVINGS: QueryOptions = QueryOptions {
    choice: SchedulerChoice::Random(Scheduler::Interleavings),
    exact: false,
    value: None,
};

fn question(spec: Spec, body: Increment, workers: usize, increments: u32) -> Query {
    Query { spec, body, workers, increments }
}

fn race(workers: usize, increments: u32) -> Query {
    question(Spec::Plain(Plain::Unlocked), body("LS"), workers, increments)
}

fn ask(question: &Query, wanted: &QueryOptions) -> Survey {
    estimate(question, wanted).expect("within the limits");
    survey(question, wanted, &|_, _| true).expect("small")
}

/// A scheduler that gives all but one value no chance says nothing of other schedules.
#[test]
fn value_that_alone_has_a_chance_is_not_all_that_can_come_out() {
    let never = SchedulerChoice::Random(Scheduler::SwitchQ(Probability::parse("0").expect("one")));
    let options = QueryOptions { choice: never, ..INTERLEAVINGS };
    let said = survey(&race(2, 2), &options, &|_, _| true).expect("small").verdict;
    assert_eq!(
        said,
        "only 4 has a chance under switch-q; 64 of 70 interleavings end elsewhere, and other \
         schedules reach them"
    );
    let atomic = question(Spec::Plain(Plain::Atomic), body("LS"), 2, 2);
    let said = survey(&atomic, &options, &|_, _| true).expect("small").verdict;
    assert!(said.starts_with("no update can be lost: all 6 interleavings"), "{said}");
}

#[test]
fn the_race_of_two_times_ten() {
    let found = ask(&race(2, 10), &INTERLEAVINGS);
    assert_eq!(found.verdict, "2 is possible: 8 of 137,846,528,820 interleavings");
    assert_eq!((found.states, found.outcomes.len(), found.deadlocks), (Some(22_707), 19, 0));
    assert_eq!(found.classes, Some(BigUint::from(5_355_697_084_u64)));
    let least = &found.outcomes[0];
    assert_eq!((least.value, &least.count), (2, &Some(BigUint::from(8_u32))));
    assert_eq!(least.fewest_preemptions, Some(4));
    let witness = least.witness.as_ref().expect("it is small");
    let program = found.program.searched().expect("small");
    assert_eq!(replay(&program, witness).expect("a schedule of it").value, 2);
}

#[test]
fn what_is_impossible_is_said_with_what_is_possible() {
    let found = ask(&race(2, 10), &QueryOptions { value: Some(1), ..INTERLEAVINGS });
    assert_eq!(found.verdict, "1 is impossible: what can come out is 2 to 20");
    assert!(found.outcomes.is_empty());
}

#[test]
fn a_lock_leaves_one_outcome() {
    let two = |spec, name: BodyName| ask(&question(spec, name.into(), 2, 3), &INTERLEAVINGS);
    let fair = two(Spec::Plain(Plain::FairMutex), BodyName::Increment);
    assert!(
        fair.verdict.starts_with("no update can be lost under a lock that keeps its promise: all "),
        "{}",
        fair.verdict
    );
    assert_eq!(fair.outcomes.len(), 1);
    let atomic = two(Spec::Plain(Plain::Atomic), BodyName::Increment);
    assert_eq!(atomic.outcomes[0].value, 6);
    let locked = two(Spec::Plain(Plain::Unlocked), BodyName::Locked);
    assert_eq!((locked.outcomes.len(), locked.deadlocks), (1, 0));
    for era in [Era::V3_10, Era::V3_12] {
        assert_eq!(two(gil(era, None), BodyName::Increment).outcomes.len(), 1, "{era}");
        assert!(two(gil(era, None), BodyName::Call).outcomes.len() > 1, "{era}");
    }
}

/// In step with the body, each switch falls on the same move.
#[test]
fn a_tick_budget_in_step_loses_a_whole_share_or_nothing() {
    let in_step = question(gil(Era::V2_7, Some(4)), BodyName::Increment.into(), 2, 5);
    let values = |found: Survey| found.outcomes.iter().map(|it| it.value).collect::<Vec<_>>();
    assert_eq!(values(ask(&in_step, &INTERLEAVINGS)), [10]);
    let out_of_step = question(gil(Era::V2_7, Some(5)), BodyName::Increment.into(), 2, 5);
    assert!(values(ask(&out_of_step, &INTERLEAVINGS)).len() > 1);
}

#[test]
fn fixed_turns_have_a_share_of_phases() {
    let every =
        |k, phase| QueryOptions { choice: SchedulerChoice::EveryK { k, phase }, ..INTERLEAVINGS };
    let question = question(Spec::Plain(Plain::Unlocked), body("LAS"), 2, 100);
    let found = ask(&question, &every(3, None));
    let exact = found.outcomes.iter().find(|outcome| outcome.value == 200).expect("one phase");
    assert!((exact.probability - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(exact.fewest_preemptions, None, "others may have fewer");
    assert_eq!(ask(&question, &every(5, Some(1))).outcomes[0].value, 120);
    let never = ask(&race(2, 10), &QueryOptions { value: Some(7), ..every(3, None) });
    assert_eq!(
        never.verdict,
        "7 never comes out with a switch every 3 moves: what does is 13 to 14"
    );
    // One schedule needs no counting of all others.
    assert_eq!(ask(&race(2, 1000), &every(7, Some(1))).interleavings, None);
}

/// Forced moves are moves too: whole numbers and floats must say the same under every scheduler.
#[test]
fn chances_with_a_tick_budget_are_those_of_each_move() {
    let half = Scheduler::SwitchQ(Probability::parse("1/2").expect("a probability"));
    for (spec, steps, workers, increments) in [
        (gil(Era::V2_7, Some(3)), ".,L,.SJ", 3, 2),
        (gil(Era::V2_7, Some(2)), "LIS", 2, 3),
        (gil(Era::V3_9, None), "L.S", 2, 3),
    ] {
        let program = spec.program(body(steps), workers, increments).expect("small");
        for scheduler in [Scheduler::UniformStep, half] {
            let merged = Reduction::Merged;
            let parts = search::explore::<BigUint>(&program, scheduler, merged, Bounds::ALL);
            let floats = search::explore::<f64>(&program, scheduler, Reduction::None, Bounds::ALL);
            let (parts, floats) = (parts.expect("small").outcomes, floats.expect("small").outcomes);
            let all: BigUint = parts.iter().sum();
            assert!((floats.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            for (part, float) in parts.iter().zip(floats) {
                let chance = as_f64(part, &all);
                assert!((chance - float).abs() < 1e-9, "{steps} {scheduler:?}: {chance} {float}");
            }
        }
    }
    // The figure of a brute force written elsewhere.
    let asked = question(gil(Era::V2_7, Some(3)), BodyName::Increment.into(), 3, 2);
    let uniform = SchedulerChoice::Random(Scheduler::UniformStep);
    let found = ask(&asked, &QueryOptions { choice: uniform, exact: false, value: None });
    assert!((found.outcomes[0].probability - 0.017_490).abs() < 1e-6, "{:?}", found.outcomes[0]);
}

/// From 3.10 on steps tick that are no sites, so a budget may be overdrawn for long.
#[test]
fn an_overdrawn_tick_budget_stays_what_it_is() {
    let values = |steps: &str, increments| {
        let spec = gil(Era::V3_12, Some(1));
        let asked = question(spec, CustomBody::parse(steps).expect("a body").into(), 2, increments);
        ask(&asked, &INTERLEAVINGS).outcomes.iter().map(|it| it.value).collect::<Vec<_>>()
    };
    assert_eq!(values("LS", 40), [80]);
    assert_eq!(values("LCS.............................", 3), [3, 4, 5, 6]);
}

#[test]
fn value_without_probability_differs_from_an_impossible_one() {
    let never = SchedulerChoice::Random(Scheduler::SwitchQ(Probability::parse("0").expect("one")));
    let found = ask(&race(2, 3), &QueryOptions { choice: never, exact: false, value: Some(2) });
    let wanted = "2 has no chance under switch-q: what has is 6; other schedules reach it";
    assert_eq!((found.verdict.as_str(), found.outcomes.len()), (wanted, 0));
    for odd in ["0.+5", "+1/+3", "+0.5", "-0", "1e-3", ""] {
        assert!(Probability::parse(odd).is_err(), "{odd}");
    }
}

/// The two searches for witnesses are each other's check.
#[test]
fn witnesses_forwards_and_backwards_agree() {
    let spec = Spec::Plain(Plain::Unlocked);
    let gil39 = gil(Era::V3_9, None);
    for (spec, steps) in
        [(spec, "LS"), (spec, "L.S"), (gil39, "LS"), (gil39, ".L.C.S"), (gil39, "LIS")]
    {
        for (workers, increments) in [(2, 1), (2, 3), (3, 2)] {
            let program = spec.program(body(steps), workers, increments).expect("small");
            let backwards = Witnesses::prepare(&program, Bounds::ALL).expect("small");
            for (value, preemptions, schedule) in
                bounded_preemption::witnesses(&program, Bounds::ALL).expect("small")
            {
                let (fewest, other) = backwards.fewest(value).expect("it is reachable");
                assert_eq!(fewest, preemptions, "{steps} {workers}x{increments}: {value}");
                for schedule in [schedule, other] {
                    let trace = replay(&program, &schedule).expect("a schedule of it");
                    assert_eq!((trace.value, trace.preemptions), (value, preemptions));
                }
            }
        }
    }
}

#[test]
fn a_script_names_its_question_and_refuses_any_other() {
    for spec in [Spec::Plain(Plain::Unlocked), gil(Era::V3_12, None), gil(Era::V2_7, Some(7))] {
        let question = question(spec, BodyName::Call.into(), 2, 2);
        let program = question.program().expect("small");
        let (schedule, value) =
            schedule(&program, Sampler::RandomWalk, &mut SplitMix64::of(&[1])).expect("it applies");
        let long = question.long_program().expect("small");
        let text = ScheduleString { question, schedule: schedule.clone() }.write(&long);
        let (script, again) = ScheduleString::read(&text).expect("it is of today");
        assert_eq!((&script.schedule, &again), (&schedule, &long), "{text}");
        assert_eq!(replay(&program, &script.schedule).expect("a schedule of it").value, value);
        let refused = |text: String| ScheduleString::read(&text).expect_err("refused").to_string();
        assert!(refused(text.replace("gild1", "gild9")).contains("is not of this version"));
        assert!(refused(text.replace("2x2", "2x3")).contains("is the hash of another experiment"));
        assert!(refused(String::new()).contains("has no version"));
    }
}

#[test]
fn a_stopped_survey_says_how_far_it_came() {
    let stopped = survey(&race(2, 10), &INTERLEAVINGS, &|_, done| done < 0.5);
    let error = stopped.expect_err("it was stopped").to_string();
    assert!(error.contains("was stopped after"), "{error}");
    // A switch after every move has no closed form.
    let always = SchedulerChoice::Random(Scheduler::SwitchQ(Probability::parse("1").expect("one")));
    let wanted = QueryOptions { choice: always, ..INTERLEAVINGS };
    let large = estimate(&race(4, 100), &wanted).expect_err("too large").to_string();
    assert!(large.contains("increments: 100 for each of 4 workers takes more"), "{large}");
    let (_, way_out) = large.split_once("value from 1 to ").expect("it names what fits");
    let most: u32 = number(way_out.split_once(',').expect("a number").0);
    assert!(estimate(&race(4, most), &wanted).is_ok(), "{large}");
    assert!(estimate(&race(4, most + 1), &wanted).is_err(), "{large}");
}

/// Switching with a probability is a scheduler too; a fraction is read exactly.
#[test]
fn fractions_are_wanted_in_lowest_terms() {
    let q = Probability::parse("1/2").expect("a probability");
    let choice = SchedulerChoice::Random(Scheduler::SwitchQ(q));
    let found = ask(&race(2, 1), &QueryOptions { choice, exact: true, value: None });
    let ratios: Vec<_> =
        found.outcomes.iter().map(|it| it.ratio.clone().expect("wanted")).collect();
    let [one, two] = [1_u32, 2].map(BigUint::from);
    assert_eq!(ratios, [(one.clone(), two.clone()), (one, two)]);
}

/// The chain with a queue against the search, which knows nothing of chains; and what is left out
/// where only reach is asked changes nothing that can be reached.
#[test]
fn a_queue_of_tasks_is_explored_in_two_ways() {
    let specs = [Spec::Plain(Plain::Unlocked), gil(Era::V3_9, None), gil(Era::V3_12, None)];
    for spec in specs {
        for name in [BodyName::Increment, BodyName::Call, BodyName::CallFirst, BodyName::Io] {
            for (workers, tasks, increments) in
                [(2, 2, 2), (2, 5, 1), (3, 3, 1), (2, 3, 2), (3, 2, 2)]
            {
                let (moves, access) = spec.moves(name.into());
                let parts = [[].as_slice(), &moves, &[]];
                let program = Program::queued(workers, tasks, increments, parts, access);
                let program = program.expect("small");
                let what = format!("{spec:?} {name} {workers} {tasks} {increments}");
                let any = Scheduler::Interleavings;
                let searched = |program: &Program| {
                    search::explore::<Bits>(program, any, Reduction::Merged, Bounds::ALL)
                        .expect("small")
                        .outcomes
                };
                let read = |program: &Program| {
                    tasks::outcomes::<Bits>(program, any, Bounds::ALL).expect("small")
                };
                let (full, essential) = (searched(&program), program.essential());
                assert_eq!(read(&program), full, "{what}");
                assert_eq!(read(&essential), full, "{what}, essential");
                assert_eq!(searched(&essential), full, "{what}, essential");
                let chances = tasks::outcomes::<f64>(&program, Scheduler::UniformStep, Bounds::ALL);
                let also = search::explore::<f64>(
                    &program,
                    Scheduler::UniformStep,
                    Reduction::Merged,
                    Bounds::ALL,
                );
                for (one, other) in
                    chances.expect("small").iter().zip(also.expect("small").outcomes)
                {
                    assert!((one - other).abs() < 1e-12, "{what}: {one} is not {other}");
                }
            }
        }
    }
}

#[test]
fn what_a_measured_cell_can_come_to() {
    let bounds = Bounds { states: 200_000, ..Bounds::ALL };
    let reach = |spec: Spec, name: BodyName, workers, workload: Workload| {
        let workload = Workload { body: name.into(), ..workload };
        let reach = of_cell(spec, &workload, workers, bounds).expect("it is modelled");
        (reach.values.to_string(), reach.tightness)
    };
    let exact = |values: &str| (values.to_owned(), Tightness::Exact);
    let increment = BodyName::Increment;
    let chapter = Workload { tasks: 100, task_steps: 600, ..Workload::ONE };
    assert_eq!(reach(gil(Era::V3_9, None), increment, 2, chapter), exact("1 to 100"));
    assert_eq!(reach(gil(Era::V3_12, None), increment, 2, chapter), exact("100"));
    let ticks = reach(gil(Era::V2_7, Some(100)), increment, 2, chapter);
    assert_eq!(ticks, ("1 to 100".to_owned(), Tightness::AtMost));
    assert_eq!(reach(Spec::Plain(Plain::FairMutex), BodyName::Call, 3, chapter), exact("100"));
    let huge = Workload { tasks: 1000, increments: 1_000_000, ..Workload::ONE };
    for spec in [Spec::Plain(Plain::FairMutex), Spec::Plain(Plain::Atomic), gil(Era::V3_12, None)] {
        assert_eq!(reach(spec, increment, 8, huge), exact("1000000000"));
    }
    let lossy = [
        (Spec::Plain(Plain::Unlocked), increment),
        (gil(Era::V3_9, None), increment),
        (gil(Era::V3_12, None), BodyName::Call),
    ];
    for (spec, name) in lossy {
        assert_eq!(reach(spec, name, 8, huge), exact("2 to 1000000000"));
    }
    let odd = Workload { tasks: 2, increments: 511, ..Workload::ONE };
    assert_eq!(reach(Spec::Plain(Plain::Unlocked), increment, 2, odd), exact("2 to 1022"));
    let inside = CustomBody::parse("LCS").expect("a body").into();
    let found = of_cell(gil(Era::V3_12, None), &Workload { body: inside, ..odd }, 2, bounds);
    assert_eq!(found.map(|reach| reach.values.to_string()), Ok("511 to 1022".to_owned()));
    let by_ticks = reach(gil(Era::V2_7, Some(100)), increment, 2, huge);
    assert_eq!(by_ticks, ("2 to 1000000000".to_owned(), Tightness::AtMost));
    let two = Workload { tasks: 2, increments: 5, ..Workload::ONE };
    assert_eq!(reach(Spec::Plain(Plain::Unlocked), increment, 8, two), exact("2 to 10"));
    // In step with the body: all, or one worker's share is lost.
    assert_eq!(reach(gil(Era::V2_7, Some(4)), increment, 2, two), exact("5 to 10"));
}

/// Where no worker can write between load and store, the search finds the same: one outcome.
#[test]
fn what_is_shut_by_its_moves_is_shut_in_the_search() {
    let specs = [Plain::FairMutex, Plain::Atomic, Plain::Unlocked].map(Spec::Plain);
    let gils = Era::GENERATIONS.map(|era| gil(era, None));
    let workload = Workload { tasks: 2, increments: 2, ..Workload::ONE };
    for spec in specs.into_iter().chain(gils) {
        for name in BodyName::ALL {
            let workload = Workload { body: name.into(), ..workload };
            if spec.check(&workload).is_err() {
                continue;
            }
            let quick = of_cell(spec, &workload, 2, Bounds::ALL).expect("small").values;
            let (moves, access) = spec.moves(name.into());
            let program = Program::queued(2, 2, 2, [&[], &moves, &[]], access).expect("small");
            let any = Scheduler::Interleavings;
            let found = search::explore::<Bits>(&program, any, Reduction::None, Bounds::ALL);
            let found = ranges(&Bits::values(&found.expect("small").outcomes));
            assert_eq!(found, quick.to_string(), "{spec:?} {name}");
        }
    }
}
