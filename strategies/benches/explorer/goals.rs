//! Goals: queries that no tool that runs code can answer, each with a time limit.

use strategies::explore::reverse::chain;
use strategies::explore::witness::Witnesses;
use strategies::model::bounds::Bounds;
use strategies::model::replay::replay;
use strategies::model::scheduler::{Bits, Scheduler};

use crate::table::{Median, Rounds, seconds, shown};
use crate::toys::program;

/// A query, and the most seconds that it may take.
pub(crate) struct Goal {
    pub(crate) name: &'static str,
    pub(crate) most: f64,
    pub(crate) run: fn(),
}

pub(crate) const ALL: [Goal; 4] = [
    Goal { name: "all values of 2 x 100", most: 0.2, run: || values(2, 100) },
    Goal { name: "all probabilities of 2 x 300 in f64", most: 0.5, run: probabilities },
    Goal { name: "all values of 3 x 12", most: 0.1, run: || values(3, 12) },
    Goal { name: "a schedule for each value of 2 x 100", most: 0.1, run: witnesses },
];

pub(crate) fn all(rounds: Rounds) {
    println!("goals");
    for Goal { name, most, run } in ALL {
        let times = (0..rounds.many).map(|_| seconds(1, run)).collect();
        let Median { middle, low, high } = Median::of(times);
        let verdict = if middle <= most { "reached" } else { "not reached" };
        let [middle, low, high, most] = [middle, low, high, most].map(shown);
        println!("  {name:<40} {middle:>10}  [{low} to {high}]  of {most}: {verdict}");
    }
}

fn values(workers: usize, increments: u32) {
    let toy = program(workers, increments);
    let row = chain::outcomes::<Bits>(&toy, Scheduler::Interleavings, Bounds::ALL);
    let values = Bits::values(&row.expect("within the limits"));
    assert_eq!(values, (2..=toy.expected()).collect::<Vec<_>>());
}

fn probabilities() {
    let toy = program(2, 300);
    let row = chain::outcomes::<f64>(&toy, Scheduler::UniformStep, Bounds::ALL);
    let all: f64 = row.expect("within the limits").iter().sum();
    assert!((all - 1.0).abs() < 1e-9);
}

/// Prepared once, followed for each value, and replayed to check that it yields that value.
fn witnesses() {
    let toy = program(2, 100);
    let witnesses = Witnesses::prepare(&toy, Bounds::ALL).expect("within the limits");
    for value in 2..=toy.expected() {
        let (_, schedule) = witnesses.fewest(value).expect("the value is reachable");
        assert_eq!(replay(&toy, &schedule).map(|trace| trace.value), Ok(value));
    }
}
