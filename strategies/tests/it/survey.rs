//! The explorer as its users see it: whole answers, witnesses, scripts, and samples that hit as often
//! as the exact tables say.

use num_bigint::BigUint;
use strategies::catalog::{Plain, Spec};
use strategies::era::Era;
use strategies::listing::BodyName;
use strategies::model::bounds::Bounds;
use strategies::model::estimate::estimate;
use strategies::model::packed::Reduction;
use strategies::model::program::Program;
use strategies::model::question::{Question, Script, gil};
use strategies::model::reach::{Tightness, of_cell};
use strategies::model::replay::replay;
use strategies::model::sample::{Priorities, Sampler, play, schedule};
use strategies::model::scheduler::{Bits, Probability, Scheduler};
use strategies::model::survey::{Choice, Survey, Wanted, ranges, survey};
use strategies::model::witness::Witnesses;
use strategies::model::{chain, forward, queue, search};
use strategies::seed::Stream;
use strategies::spelling::Increment;
use strategies::workload::Workload;

use crate::exact::{body, unlocked};

const INTERLEAVINGS: Wanted =
    Wanted { choice: Choice::Random(Scheduler::Interleavings), exact: false, value: None };

fn question(spec: Spec, body: Increment, workers: usize, increments: u32) -> Question {
    Question { spec, body, workers, increments }
}

fn race(workers: usize, increments: u32) -> Question {
    question(Spec::Plain(Plain::Unlocked), body("LS"), workers, increments)
}

fn ask(question: &Question, wanted: &Wanted) -> Survey {
    estimate(question, wanted).expect("within the limits");
    survey(question, wanted, &|_, _| true).expect("small")
}

#[test]
fn the_race_of_two_times_ten() {
    let found = ask(&race(2, 10), &INTERLEAVINGS);
    assert_eq!(found.verdict, "2 is possible: 8 of 137,846,528,820 interleavings");
    assert_eq!((found.states, found.outcomes.len(), found.deadlocks), (Some(22_707), 19, 0));
    assert_eq!(found.classes, Some(BigUint::from(5_355_697_084_u64)));
    let least = &found.outcomes[0];
    assert_eq!((least.value, &least.count), (2, &Some(BigUint::from(8_u32))));
    let (preemptions, witness) = least.witness.as_ref().expect("it is small");
    assert_eq!(*preemptions, 4);
    assert_eq!(replay(&found.program, witness).expect("a schedule of it").value, 2);
}

#[test]
fn what_is_impossible_is_said_with_what_is_possible() {
    let found = ask(&race(2, 10), &Wanted { value: Some(1), ..INTERLEAVINGS });
    assert_eq!(found.verdict, "1 is impossible: what can come out is 2 to 20");
    assert!(found.outcomes.is_empty());
}

#[test]
fn a_lock_leaves_one_outcome() {
    let two = |spec, name: BodyName| ask(&question(spec, name.into(), 2, 3), &INTERLEAVINGS);
    let fair = two(Spec::Plain(Plain::FairMutex), BodyName::Increment);
    assert!(fair.verdict.starts_with("no update can be lost: all "), "{}", fair.verdict);
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
    let every = |k, phase| Wanted { choice: Choice::EveryK { k, phase }, ..INTERLEAVINGS };
    let question = question(Spec::Plain(Plain::Unlocked), body("LAS"), 2, 100);
    let found = ask(&question, &every(3, None));
    let exact = found.outcomes.iter().find(|outcome| outcome.value == 200).expect("one phase");
    assert!((exact.probability - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(ask(&question, &every(5, Some(1))).outcomes[0].value, 120);
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
                forward::witnesses(&program, Bounds::ALL).expect("small")
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
            schedule(&program, Sampler::RandomWalk, &mut Stream::of(&[1])).expect("it applies");
        let text = Script { question, schedule: schedule.clone() }.write(&program);
        let (script, again) = Script::read(&text).expect("it is of today");
        assert_eq!((&script.schedule, &again), (&schedule, &program), "{text}");
        assert_eq!(replay(&again, &script.schedule).expect("a schedule of it").value, value);
        let refused = |text: String| Script::read(&text).expect_err("refused").to_string();
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
    let large = estimate(&race(8, 100), &INTERLEAVINGS).expect_err("too large");
    assert!(large.to_string().contains("8 x 100 would take"), "{large}");
}

/// Random walks and drawn interleavings against the exact distributions.
#[test]
fn samples_hit_as_often_as_the_exact_tables_say() {
    let pairs = [
        (Sampler::RandomWalk, Scheduler::UniformStep),
        (Sampler::Interleavings, Scheduler::Interleavings),
    ];
    for (seed, (workers, increments, steps)) in
        [(2, 1, "LS"), (2, 3, "LS"), (2, 5, "LAS"), (3, 2, "LS"), (3, 3, "LAS")]
            .into_iter()
            .enumerate()
    {
        let program = unlocked(workers, increments, steps);
        for (sampler, scheduler) in pairs {
            let exact = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
            let what = format!("{sampler:?} {workers}x{increments} {steps}");
            fits(&program, sampler, seed as u64, &exact, &what);
        }
    }
}

/// All orders and all places of a change are equally likely: the distribution is a mean over them.
#[test]
fn priorities_hit_as_often_as_their_draws_say() {
    let program = unlocked(2, 3, "LS");
    let moves = program.moves() as u64;
    let mut exact = vec![0.0; program.expected() as usize + 1];
    for order in [vec![0, 1], vec![1, 0]] {
        for first in 0..moves {
            for second in 0..moves {
                let draw = Priorities { order: order.clone(), changes: vec![first, second] };
                exact[draw.play(&program, |_| {}) as usize] += 1.0 / (2 * moves * moves) as f64;
            }
        }
    }
    fits(&program, Sampler::Priorities { depth: 3 }, 7, &exact, "priorities");
    // One preemption makes 3 of 6, which is a bug of depth 2.
    let least = 1.0 / (2.0 * moves as f64);
    let hits = (0..2000).filter(|&seed| {
        let drawn =
            play(&program, Sampler::Priorities { depth: 2 }, &mut Stream::of(&[seed]), |_| {});
        drawn == Ok(3)
    });
    assert!(hits.count() as f64 / 2000.0 > least);
}

#[test]
fn bounded_preemptions_stay_within_their_bound() {
    let program = unlocked(2, 5, "LS");
    for seed in 0..500 {
        let drawn = schedule(&program, Sampler::Preemptions { most: 2 }, &mut Stream::of(&[seed]));
        let (schedule, value) = drawn.expect("it applies");
        let trace = replay(&program, &schedule).expect("a schedule of it");
        assert!(trace.preemptions <= 2 && trace.value == value);
        // Below the increments of one worker it takes four.
        assert!(value >= 5, "{schedule}: {value}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let program = unlocked(3, 2, "LS");
    let drawn = |sampler| {
        schedule(&program, sampler, &mut Stream::of(&[42])).expect("it applies").0.to_string()
    };
    let all = [
        Sampler::RandomWalk,
        Sampler::Interleavings,
        Sampler::Priorities { depth: 3 },
        Sampler::Preemptions { most: 2 },
    ]
    .map(drawn);
    let walk = "T1x1 T2x1 T1x1 T0x1 T2x1 T0x2 T2x1 T0x1 T1x2 T2x1";
    let interleaving = "T1x1 T2x1 T1x1 T0x1 T2x1 T0x2 T2x1 T0x1 T2x1 T1x2";
    assert_eq!(all, [walk, interleaving, "T1x4 T2x1 T0x4 T2x3", "T1x4 T0x4 T2x4"]);
}

/// Pearson's chi-square of 100,000 samples; values with fewer than five expected are taken together.
#[track_caller]
fn fits(program: &Program, sampler: Sampler, seed: u64, exact: &[f64], what: &str) {
    const SAMPLES: u32 = 100_000;
    let mut met = vec![0_u32; exact.len()];
    let mut stream = Stream::of(&[seed, 2026]);
    for _ in 0..SAMPLES {
        met[play(program, sampler, &mut stream, |_| {}).expect("it applies") as usize] += 1;
    }
    let (mut sum, mut cells, mut rare) = (0.0, 0, (0.0, 0.0));
    // Ways count one each; chances sum up to 1 anyway.
    let all: f64 = exact.iter().sum();
    for (&p, &met) in exact.iter().zip(&met) {
        let (wanted, met) = (p / all * f64::from(SAMPLES), f64::from(met));
        assert!(p > 0.0 || met == 0.0, "{what}: an impossible value");
        if wanted < 5.0 {
            rare = (rare.0 + wanted, rare.1 + met);
        } else {
            sum += (met - wanted).powi(2) / wanted;
            cells += 1;
        }
    }
    if rare.0 >= 5.0 {
        sum += (rare.1 - rare.0).powi(2) / rare.0;
        cells += 1;
    }
    let limit = chi_square_limit(cells - 1);
    assert!(sum < limit, "{what}: chi-square {sum} of {cells} cells, limit {limit}");
}

/// The value that chi-square exceeds with probability 0.001 (Wilson and Hilferty 1931).
fn chi_square_limit(degrees: u32) -> f64 {
    let k = f64::from(degrees.max(1));
    let part = 2.0 / (9.0 * k);
    k * (1.0 - part + 3.0902 * part.sqrt()).powi(3)
}

/// Switching with a probability is a scheduler too; a fraction is read exactly.
#[test]
fn fractions_are_wanted_in_lowest_terms() {
    let q = Probability::parse("1/2").expect("a probability");
    let choice = Choice::Random(Scheduler::SwitchQ(q));
    let found = ask(&race(2, 1), &Wanted { choice, exact: true, value: None });
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
                    queue::outcomes::<Bits>(program, any, Bounds::ALL).expect("small")
                };
                let (full, essential) = (searched(&program), program.essential());
                assert_eq!(read(&program), full, "{what}");
                assert_eq!(read(&essential), full, "{what}, essential");
                assert_eq!(searched(&essential), full, "{what}, essential");
                let chances = queue::outcomes::<f64>(&program, Scheduler::UniformStep, Bounds::ALL);
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
        (ranges(&reach.values), reach.tightness)
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
    let two = Workload { tasks: 2, increments: 5, ..Workload::ONE };
    assert_eq!(reach(Spec::Plain(Plain::Unlocked), increment, 8, two), exact("2 to 10"));
    // In step with the body: all, or one worker's share is lost.
    assert_eq!(reach(gil(Era::V2_7, Some(4)), increment, 2, two), exact("5 to 10"));
}

/// Where nobody can write between load and store, the search finds the same: one outcome.
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
            assert_eq!(Bits::values(&found.expect("small").outcomes), quick, "{spec:?} {name}");
        }
    }
}
