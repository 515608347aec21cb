//! Estimates of explorations against what they then find, over many small questions.

use std::collections::HashSet;

use strategies::catalog::{Plain, Spec};
use strategies::explore::estimate::estimate;
use strategies::explore::query::{Query, gil};
use strategies::explore::survey::answer::{QueryOptions, SchedulerChoice};
use strategies::explore::survey::survey;
use strategies::model::scheduler::{Probability, Scheduler};
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::Increment;
use strategies::program::era::Era;

use crate::exact::body;

/// Workers and increments of each.
const SIZES: [(usize, u32); 7] = [(1, 1), (1, 4), (2, 1), (2, 2), (2, 4), (3, 1), (3, 2)];
/// Questions that are estimated to have more states are left out.
const STATES_MAX: f64 = 3_000.0;

/// Estimated states of a race, in counted ones, at most.
const MOST_TIMES: f64 = 3.0;

fn specs() -> Vec<Spec> {
    let plain = Plain::ALL.iter().copied().map(Spec::Plain);
    let gils = Era::ALL.iter().map(|&era| gil(era, None));
    let ticks = [1, 3, 7, 100].map(|budget| gil(Era::V2_7, Some(budget)));
    plain.chain(gils).chain(ticks).collect()
}

fn bodies() -> Vec<Increment> {
    let named = BodyName::ALL.iter().map(|&name| name.into());
    let spelled = ["LS", "L.S", "LIS", "ALSR", ".L,.S.J", "A.LCS.R"].map(body);
    named.chain(spelled).collect()
}

fn schedulers() -> [SchedulerChoice; 5] {
    let half = Probability::parse("1/2").expect("a probability");
    let random = [Scheduler::Interleavings, Scheduler::UniformStep, Scheduler::SwitchQ(half)];
    let [any, uniform, half] = random.map(SchedulerChoice::Random);
    let every = |k, phase| SchedulerChoice::EveryK { k, phase };
    [any, uniform, half, every(3, None), every(2, Some(1))]
}

/// The states said before and those counted after, over all questions.
fn each_question(mut answered: impl FnMut(&Query, SchedulerChoice, f64, f64)) {
    let mut asked = HashSet::new();
    for spec in specs() {
        for body in bodies() {
            for (workers, increments) in SIZES {
                let question = Query { spec, body, workers, increments };
                // Many locks are the same program.
                let Ok(program) = question.program() else { continue };
                if !asked.insert(program) {
                    continue;
                }
                // The first is the one that all others' states are counted under.
                let choices = if workers * increments as usize <= 4 { 5 } else { 1 };
                for choice in schedulers().into_iter().take(choices) {
                    let wanted = QueryOptions { choice, exact: false, value: None };
                    let Ok(said) = estimate(&question, &wanted) else { continue };
                    if said.states > STATES_MAX {
                        continue;
                    }
                    let found = survey(&question, &wanted, &|_, _| true).expect("small");
                    // A body takes one lock and lets it go: that none deadlocks is no finding.
                    assert_eq!(found.deadlocks, 0, "{question:?} {choice:?}");
                    let counted = found.states.expect("so few are counted") as f64;
                    answered(&question, choice, said.states, counted);
                }
            }
        }
    }
}

#[test]
fn estimated_states_are_never_fewer_than_the_counted_ones() {
    let mut answers = 0;
    each_question(|question, choice, said, counted| {
        let what = format!("{question:?} {choice:?}: said {said}, counted {counted}");
        assert!(said >= counted, "{what}");
        // Where values follow from positions, or the states were counted in advance, none is missed.
        let program = question.program().expect("it was explored");
        let races = question.spec == Spec::Plain(Plain::Unlocked) && program.workers() > 1;
        let most = if races { MOST_TIMES * counted } else { counted };
        assert!(said <= most, "{what}");
        answers += 1;
    });
    assert!(answers > 1000, "{answers}");
}

/// Values are bounded one by one, so more of them stand together than can be reached.
#[test]
fn estimated_states_of_a_larger_race_are_not_many_times_the_counted_ones() {
    for (workers, increments) in [(2, 10), (2, 20), (3, 3), (4, 1)] {
        let spec = Spec::Plain(Plain::Unlocked);
        let question = Query { spec, body: body("LS"), workers, increments };
        let wanted = QueryOptions { choice: schedulers()[0], exact: false, value: None };
        let said = estimate(&question, &wanted).expect("within the limits").states;
        let found = survey(&question, &wanted, &|_, _| true).expect("small");
        let counted = found.states.expect("so few are counted") as f64;
        assert!(
            (counted..=MOST_TIMES * counted).contains(&said),
            "{workers}x{increments}: {counted} {said}"
        );
    }
}

/// A single schedule has no limit but that of the program itself.
#[test]
fn estimated_states_of_the_largest_programs_are_numbers() {
    let last = SchedulerChoice::EveryK { k: 7, phase: Some(1) };
    let wanted = QueryOptions { choice: last, exact: false, value: None };
    for spec in [Spec::Plain(Plain::Unlocked), Spec::Plain(Plain::Spin), gil(Era::V3_9, None)] {
        for (workers, increments) in [(8, 2047), (2, 8191), (1, 15_000)] {
            let question = Query { spec, body: body("LS"), workers, increments };
            let said = estimate(&question, &wanted).expect("within the limits").states;
            assert!(said.is_finite() && said > f64::from(increments), "{question:?}: {said}");
        }
    }
}
