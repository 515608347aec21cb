//! The explorer against tables that were computed elsewhere, by dynamic programming in exact
//! integers, and checked there by brute force: `tests/data/exact`.

use num_bigint::BigUint;
use serde_json::Value;
use strategies::catalog::{Plain, Spec};
use strategies::explore::forward::{search, traces};
use strategies::explore::reverse::chain;
use strategies::explore::round_robin;
use strategies::explore::witness::Witnesses;
use strategies::model::bounds::Bounds;
use strategies::model::program::Program;
use strategies::model::replay::replay;
use strategies::model::schedule::Schedule;
use strategies::model::scheduler::{Bits, Cell, Probability, Scheduler};
use strategies::model::state::Reduction;
use strategies::program::body_spec::{CustomBody, Increment};

/// The bodies' names in the tables.
pub(crate) fn body(name: &str) -> Increment {
    let letters = match name {
        "LAS" => "L.S",
        "inline7" => "..L..S.",
        "call12" => "......L..S..",
        letters => letters,
    };
    CustomBody::parse(letters).expect("a body").into()
}

pub(crate) fn unlocked(workers: usize, increments: u32, steps: &str) -> Program {
    let program = Spec::Plain(Plain::Unlocked).program(body(steps), workers, increments);
    program.expect("within the limits")
}

fn table(file: &str) -> Value {
    let path = format!("{}/tests/data/exact/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a table")).expect("JSON")
}

/// `T2_n10_LS_rest` as its parts.
fn key(key: &str) -> (usize, u32, &str, &str) {
    let mut parts = key.splitn(4, '_');
    let mut part = || parts.next().expect("four parts");
    let workers = part()[1..].parse().expect("a number");
    let increments = part()[1..].parse().expect("a number");
    (workers, increments, part(), part())
}

/// Where the table has whole numbers they must be met, else its floats.
#[test]
fn distributions_under_the_uniform_schedulers() {
    let all = table("distributions.json");
    for (name, wanted) in all.as_object().expect("an object") {
        let (workers, increments, steps, scheduler) = key(name);
        let scheduler = match scheduler {
            "interleavings" => Scheduler::Interleavings,
            _ => Scheduler::UniformStep,
        };
        let program = unlocked(workers, increments, steps);
        let ways = chain::outcomes::<BigUint>(&program, scheduler, Bounds::ALL).expect("small");
        let chances = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
        let (sum, all) = (ways.iter().sum::<BigUint>(), chances.iter().sum::<f64>());
        for (value, (ways, chance)) in ways.iter().zip(&chances).enumerate() {
            let at = value.to_string();
            match (&wanted["counts"][&at], &wanted["p"][&at]) {
                (Value::String(count), _) => {
                    let den = whole_number(&wanted["den"]);
                    let count: BigUint = count.parse().expect("a number");
                    assert_eq!(ways * den, count * &sum, "{name}: {value}");
                }
                (_, p) => close(chance / all, p.as_f64().unwrap_or(0.0), &format!("{name} {at}")),
            }
        }
    }
}

fn whole_number(value: &Value) -> BigUint {
    value.as_str().expect("a string").parse().expect("a number")
}

/// To 1e-9 of the value or 1e-12.
#[track_caller]
pub(crate) fn close(found: f64, wanted: f64, what: &str) {
    let off = (found - wanted).abs();
    assert!(off < 1e-12 || off < 1e-9 * wanted, "{what}: {found} is not {wanted}");
}

#[test]
fn distributions_under_switching() {
    let all = table("random_switch_distributions.json");
    for (name, wanted) in all.as_object().expect("an object") {
        let (workers, increments, steps, q) = key(name);
        let q = Probability::parse(&q[1..]).expect("a probability");
        let program = unlocked(workers, increments, steps);
        let scheduler = Scheduler::SwitchQ(q);
        let found = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
        let searched = search::explore::<f64>(&program, scheduler, Reduction::Merged, Bounds::ALL);
        let searched = searched.expect("small").outcomes;
        let wanted: Vec<f64> =
            wanted.as_array().expect("a list").iter().map(|p| p.as_f64().expect("one")).collect();
        for (value, &wanted) in wanted.iter().enumerate() {
            for found in [&found, &searched] {
                let found = found.get(value).copied().unwrap_or(0.0);
                close(found, wanted, &format!("{name} {value}"));
            }
        }
    }
}

/// Neither method is the other's only check: both run for every small size.
#[test]
fn search_and_chain_agree() {
    for steps in ["LS", "L.S"] {
        for increments in 1..=8 {
            let program = unlocked(2, increments, steps);
            agree::<Bits>(&program, Scheduler::Interleavings, Reduction::None);
            agree::<Bits>(&program, Scheduler::Interleavings, Reduction::Fused);
            for scheduler in [Scheduler::Interleavings, Scheduler::UniformStep] {
                agree::<BigUint>(&program, scheduler, Reduction::None);
                agree::<BigUint>(&program, scheduler, Reduction::Merged);
            }
        }
    }
}

fn agree<C: Cell + PartialEq + std::fmt::Debug>(
    program: &Program,
    scheduler: Scheduler,
    reduction: Reduction,
) {
    let read = chain::outcomes::<C>(program, scheduler, Bounds::ALL).expect("small");
    let searched = search::explore::<C>(program, scheduler, reduction, Bounds::ALL);
    assert_eq!(searched.expect("small").outcomes, read, "{program:?} {reduction:?}");
}

/// Each value's fewest preemptions, and both our witness and the table's come to that value.
#[test]
fn fewest_preemptions_and_witnesses() {
    let mut rows = rows("preemptions.csv");
    rows.sort();
    for chunk in rows.chunk_by(|a, b| a[..3] == b[..3]) {
        let [workers, increments, steps] = [0, 1, 2].map(|column| chunk[0][column].as_str());
        let program = unlocked(number(workers), number(increments), steps);
        let witnesses = Witnesses::prepare(&program, Bounds::ALL).expect("small");
        for row in chunk {
            let (value, wanted) = (number(&row[3]), number(&row[4]));
            let (preemptions, schedule) = witnesses.fewest(value).expect("it is reachable");
            assert_eq!(preemptions, wanted, "{row:?}");
            for schedule in [schedule, Schedule::parse(&row[5]).expect("a schedule")] {
                let trace = replay(&program, &schedule).expect("a schedule of this program");
                assert_eq!((trace.value, trace.preemptions), (value, wanted), "{row:?}");
            }
        }
    }
}

pub(crate) fn rows(file: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/data/exact/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a table");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[track_caller]
pub(crate) fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a number")
}

#[test]
fn turns_of_fixed_length() {
    for row in rows("round_robin.csv") {
        let (workers, increments, k) = (number(&row[0]), number(&row[1]), number::<u32>(&row[5]));
        let program = unlocked(workers, increments, &row[2]);
        let finals: Vec<u32> =
            (1..=k).map(|phase| round_robin::value(&program, k, phase)).collect();
        let exact = finals.iter().filter(|&&value| value == program.expected()).count();
        let mean = f64::from(finals.iter().sum::<u32>()) / f64::from(k);
        assert_eq!(row[7..9], [k.to_string(), exact.to_string()], "{row:?}");
        assert_eq!(row[9], finals[k as usize - 1].to_string(), "{row:?}");
        let least_and_most =
            [finals.iter().min(), finals.iter().max()].map(|value| *value.expect("one"));
        assert_eq!([number::<u32>(&row[10]), number::<u32>(&row[12])], least_and_most, "{row:?}");
        assert!((mean - number::<f64>(&row[11])).abs() < 1e-4, "{row:?}: {mean}");
    }
    for row in rows("round_robin_by_phase.csv") {
        let program = unlocked(number(&row[0]), number(&row[1]), &row[2]);
        let found = round_robin::value(&program, number(&row[3]), number(&row[4]));
        assert_eq!(found, number::<u32>(&row[5]), "{row:?}");
    }
}

#[test]
fn interleavings_classes_and_states() {
    for row in rows("reductions.csv") {
        let program = unlocked(number(&row[0]), number(&row[1]), "LS");
        let ways = chain::outcomes::<BigUint>(&program, Scheduler::Interleavings, Bounds::ALL);
        let ways = ways.expect("small");
        assert_eq!(ways.iter().sum::<BigUint>().to_string(), row[2], "{row:?}");
        assert_eq!(traces::count(&program, Bounds::ALL).expect("small").to_string(), row[3]);
        let searched = search::explore::<Bits>(
            &program,
            Scheduler::Interleavings,
            Reduction::None,
            Bounds::ALL,
        );
        assert_eq!(searched.expect("small").states.to_string(), row[6], "{row:?}");
        assert_eq!(ways.iter().filter(|ways| ways.bits() > 0).count().to_string(), row[7]);
    }
}
