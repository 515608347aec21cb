//! Verdicts: an answer in one sentence.

use num_bigint::BigUint;

use crate::explore::closed_form::Race;
use crate::explore::survey::answer::{QueryOptions, SchedulerChoice};
use crate::harness::entry::ModelBasis;
use crate::model::counting::orders::EXACT_TURNS_MAX;
use crate::model::ratio::shown;

/// What a search found. `reachable` are all values under the scheduler, `ways` the interleavings that
/// lead to each value.
pub fn of_search(
    expected: u32,
    basis: ModelBasis,
    wanted: &QueryOptions,
    reachable: &[u32],
    ways: &[BigUint],
    deadlocks: u64,
) -> String {
    let all = shown(&ways.iter().sum());
    if deadlocks > 0 {
        return format!(
            "{deadlocks} states are dead ends: some worker is not done and none can move"
        );
    }
    let given = basis.condition();
    let asked = wanted.value.or(reachable.first().copied()).unwrap_or(expected);
    let can = ranges(reachable);
    let ways_there = ways.get(asked as usize).filter(|ways| ways.bits() > 0);
    match (wanted.choice, reachable.contains(&asked), ways_there) {
        (SchedulerChoice::EveryK { k, phase }, true, _) => {
            let phases =
                phase.map_or_else(|| format!("over {k} phases"), |it| format!("in phase {it}"));
            format!("with a switch every {k} moves{given}, {phases}, what comes out is {can}")
        }
        (SchedulerChoice::EveryK { k, .. }, false, _) => {
            format!(
                "{asked} never comes out with a switch every {k} moves{given}: what does is {can}"
            )
        }
        (SchedulerChoice::Random(scheduler), false, Some(_)) => {
            let name = scheduler.name();
            format!(
                "{asked} has no chance under {name}{given}: what has is {can}; other schedules \
                 reach it"
            )
        }
        (SchedulerChoice::Random(_), false, None) => {
            format!("{asked} is impossible{given}: what can come out is {can}")
        }
        (SchedulerChoice::Random(scheduler), true, there) if reachable == [expected] => {
            let elsewhere: BigUint =
                ways.iter().sum::<BigUint>() - there.cloned().unwrap_or_default();
            if elsewhere.bits() == 0 {
                return format!(
                    "no update can be lost{given}: all {all} interleavings end at {expected}"
                );
            }
            let (name, elsewhere) = (scheduler.name(), shown(&elsewhere));
            format!(
                "only {expected} has a chance under {name}{given}; {elsewhere} of {all} \
                 interleavings end elsewhere, and other schedules reach them"
            )
        }
        (SchedulerChoice::Random(_), true, ways) => {
            let count = ways.map(shown).unwrap_or_default();
            format!("{asked} is possible: {count} of {all} interleavings")
        }
    }
}

/// What a closed form says of the wanted value, or of all.
pub fn of_closed_form(race: &Race, basis: ModelBasis, wanted: &QueryOptions) -> String {
    let bound = race.bound();
    let [least, most] = [*bound.start(), *bound.end()];
    let can = if least == most { most.to_string() } else { format!("{least} to {most}") };
    let every = if race.values().is_some() { "every value" } else { "no value but those" };
    let given = basis.condition();
    let said = match wanted.value {
        Some(value) if !bound.contains(&value) => {
            format!("{value} is impossible{given}: by closed form, what can come out is {can}")
        }
        _ if least == most => {
            format!("no update can be lost{given}: by closed form, every schedule ends at {most}")
        }
        Some(value) => {
            format!("{value} is possible: by closed form, {every} from {can} can come out")
        }
        None => format!(
            "by closed form, {every} from {can} can come out; how many interleavings lead to each \
             is not counted at this size"
        ),
    };
    match race.orders() {
        Some(orders) if wanted.exact && orders.turns_of_all() > EXACT_TURNS_MAX => format!(
            "{said}; interleavings are counted to the last digit up to {EXACT_TURNS_MAX} turns of all \
             workers, and these are {}",
            orders.turns_of_all()
        ),
        _ => said,
    }
}

/// Values in runs: `2 to 20`, or `10, 20`.
pub fn ranges(values: &[u32]) -> String {
    let runs = values.chunk_by(|a, b| a + 1 == *b);
    let run = |run: &[u32]| match run {
        [first, .., last] => format!("{first} to {last}"),
        [one] => one.to_string(),
        [] => String::new(),
    };
    runs.map(run).collect::<Vec<_>>().join(", ")
}
