//! Rankings of constructed rates.

use super::*;
use crate::measure::accumulator::CellAccumulator;
use crate::measure::measurement::Measurement;
use crate::measure::measurement::tests::{CELL, measured, seen};
use crate::plan::cell::Cell;
use crate::plan::spec::Order;
use crate::plan::sweep_plan::{EarlyEnd, Plan};
use crate::report::verdict::verdict;
use crate::stats::descriptive::Spread;
use crate::stats::two_sample::Sample;
use crate::sys::affinity::Pin;
use strategies::catalog::{Plain, Spec};

/// A cell whose attempts end at `total` and take so many nanoseconds.
struct Ran {
    strategy: Plain,
    total: u64,
    duration_ns: Vec<u64>,
    workers: usize,
}

/// A hundred attempts of increasing duration.
fn ran(strategy: Plain, total: u64, duration_ns: u64) -> Ran {
    let durations = (0..100).map(|it| duration_ns + it).collect();
    Ran { strategy, total, duration_ns: durations, workers: 2 }
}

fn verdict_of(ran: &[Ran]) -> String {
    let (mut cells, mut accumulators) = (Vec::new(), Vec::new());
    for Ran { strategy, total, duration_ns, workers } in ran {
        let cell = Cell { subject: Spec::Plain(*strategy).into(), workers: *workers, ..CELL };
        let mut accumulator = CellAccumulator::new(cell, 0.0);
        let attempt =
            |&duration_ns| crate::exec::attempt::Observation { duration_ns, ..seen(*total) };
        duration_ns.iter().map(attempt).for_each(|seen| accumulator.add_round(&[seen]));
        cells.push(cell);
        accumulators.push(accumulator);
    }
    let plan = Plan {
        cells,
        merged: Vec::new(),
        skipped: Vec::new(),
        seed: 1,
        order: Order::Interleaved,
        pin: Pin::Auto,
        early_end: EarlyEnd::Never,
    };
    let measurements: Vec<_> = accumulators.iter().map(CellAccumulator::measurement).collect();
    verdict(
        &plan,
        &measurements,
        &accumulators.iter().map(CellAccumulator::rates).collect::<Vec<_>>(),
    )
}

#[test]
fn clear_winner_is_named_with_its_ratio() {
    let said = verdict_of(&[
        ran(Plain::FairMutex, 100, 2_000),
        ran(Plain::Atomic, 100, 1_000),
        ran(Plain::Unlocked, 60, 500),
        ran(Plain::Ticket, 100, 9_000),
    ]);
    let wanted = "atomic is 1.95x fair-mutex [1.93-1.97], both right (2 workers, of 100 rounds each, \
                  p < 0.0001).\nFaster but wrong: unlocked (lost 40.0 % [40.0 to 40.0]).";
    assert_eq!(said, wanted);
}

#[test]
fn near_equal_strategies_are_not_distinguished() {
    let said = verdict_of(&[ran(Plain::FairMutex, 100, 1_000), ran(Plain::Ticket, 100, 1_003)]);
    assert!(
        said.starts_with("fair-mutex and ticket cannot be distinguished: 1.00x [0.9"),
        "{said}"
    );
    assert!(said.contains("], both right (2 workers, of 100 rounds each, p = 0."), "{said}");
}

#[test]
fn all_strategies_near_the_best_are_named() {
    let said = verdict_of(&[
        ran(Plain::FairMutex, 100, 1_000),
        ran(Plain::Ticket, 100, 1_003),
        ran(Plain::Mcs, 100, 1_002),
        ran(Plain::Clh, 100, 5_000),
    ]);
    assert!(said.starts_with("fair-mutex cannot be distinguished from mcs (1.00x ["), "{said}");
    assert!(said.contains("ticket (1.00x [") && !said.contains("clh"), "{said}");
}

#[test]
fn few_rounds_distinguish_nothing() {
    let of = |strategy, duration_ns: u64, count: u64| Ran {
        duration_ns: (0..count).map(|it| duration_ns + it).collect(),
        ..ran(strategy, 100, 0)
    };
    let pair =
        |count| verdict_of(&[of(Plain::FairMutex, 1_000, count), of(Plain::Ticket, 3_000, count)]);
    assert!(pair(1).contains("are not yet distinguished") && pair(1).contains("of 1 round each"));
    assert!(pair(4).contains(" are not yet distinguished: "), "{}", pair(4));
    assert!(pair(4).ends_with(" More attempts decide it: ask for --attempts 20."), "{}", pair(4));
    assert!(pair(5).starts_with("fair-mutex is 3.00x ticket ["), "{}", pair(5));
}

#[test]
fn wrong_strategy_of_similar_speed_is_not_called_faster() {
    let said = verdict_of(&[ran(Plain::Atomic, 100, 1_000), ran(Plain::Unlocked, 60, 999)]);
    assert!(said.starts_with("Only atomic promises to lose nothing and kept it: 95.3 M"), "{said}");
    assert!(said.contains("Wrong and no faster: unlocked (lost 40.0 %"), "{said}");
}

#[test]
fn wins_and_ties_are_counted_per_setting() {
    let at_three = |ran: Ran| Ran { workers: 3, ..ran };
    let said = verdict_of(&[
        ran(Plain::FairMutex, 100, 1_000),
        ran(Plain::Ticket, 100, 1_001),
        at_three(ran(Plain::FairMutex, 100, 1_000)),
        at_three(ran(Plain::Ticket, 100, 3_000)),
    ]);
    assert_eq!(
        said,
        "Fastest that is right: fair-mutex in 1 of 2 settings; fastest right ones not \
         distinguished in 1 of 2 settings."
    );
}

/// What one worker does is right under any strategy.
#[test]
fn settings_in_which_nothing_can_be_lost_are_not_ranked() {
    let at = |workers, ran: Ran| Ran { workers, ..ran };
    let alone =
        verdict_of(&[at(1, ran(Plain::Unlocked, 100, 500)), at(1, ran(Plain::Ticket, 100, 1_000))]);
    assert!(alone.starts_with("Right in every attempt: unlocked ("), "{alone}");
    let said = verdict_of(&[
        at(1, ran(Plain::Unlocked, 100, 500)),
        at(1, ran(Plain::Ticket, 100, 1_000)),
        at(2, ran(Plain::Unlocked, 100, 500)),
        at(2, ran(Plain::Ticket, 100, 1_000)),
    ]);
    assert_eq!(
        said,
        "Alone in promising it and right: ticket in 1 of 1 setting.\n\
         Right this time without a promise: unlocked in 1 of 2 cells."
    );
}

#[test]
fn row_without_increments_has_no_ratio() {
    let still =
        Measurement { rate: Spread::default(), ..measured(Spec::Plain(Plain::Atomic), &[0]) };
    let some = measured(Spec::Plain(Plain::Ticket), &[100]);
    let (none, one) = (Sample::new(vec![0.0]), Sample::new(vec![1e8]));
    let row = |measured, rates| Row { cell: &CELL, also: &[], measured, rates };
    let runner_up = RunnerUp { row: row(&still, &none), found: None };
    assert_eq!(runner_up.ratio(None), "in some attempt no worker incremented");
    assert_eq!(compare(row(&some, &one), row(&still, &none)), None);
}
