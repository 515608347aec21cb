//! Outcomes of pairs where correctness decides: by attempts, by increments, and before speed.

use super::*;
use crate::stats::lost_increments::IncrementCounts;

/// Ten rounds of a second, each of which lost so many of a million increments.
fn load(lost: &[u64; 10], correct: u32, rate: f64) -> ComparedCell {
    let counts = lost.map(|lost| IncrementCounts { checked: 1_000_000, lost });
    let verdict = if lost.iter().all(|lost| *lost == 0) { Verdict::Kept } else { Verdict::Lost };
    ComparedCell {
        verdict: Some(verdict),
        attempts: 10,
        lost_increments: Some(LostIncrements::of(&counts)),
        ..cell("a", correct, rate)
    }
}

/// By attempts, all of these lose alike: each attempt but those of the first lost something.
#[test]
fn load_cells_are_compared_by_increments() {
    let (none, few, many) = ([0; 10], [900; 10], [300_000; 10]);
    comes_to(load(&none, 10, 1e6), load(&few, 0, 9e6), PairOutcome::Wronger);
    comes_to(load(&many, 0, 9e6), load(&few, 0, 1e6), PairOutcome::Righter);
    comes_to(load(&few, 0, 1e6), load(&many, 0, 9e6), PairOutcome::Wronger);
    comes_to(load(&many, 0, 1e6), load(&many, 0, 5e5), PairOutcome::Slower);
}

/// Nine tenths of attempts lost something, or a thousandth of increments: neither says which is worse.
#[test]
fn shares_of_attempts_and_of_increments_are_not_compared() {
    let [attempts, increments] = [cell("a", 10, 1e6), load(&[900; 10], 0, 5e5)];
    comes_to(attempts.clone(), increments.clone(), PairOutcome::Unknown);
    comes_to(increments, attempts, PairOutcome::Unknown);
    comes_to(cell("a", 100, 1e6), load(&[900; 10], 0, 5e5), PairOutcome::Unknown);
    comes_to(cell("a", 100, 1e6), load(&[0; 10], 10, 5e5), PairOutcome::Slower);
    comes_to(broken(1e6), load(&[900; 10], 0, 5e5), PairOutcome::Righter);
}

/// One burst in ten rounds may come again or not, though one attempt in ten is wrong.
#[test]
fn losses_of_a_single_round_are_no_difference() {
    let burst = [0, 0, 0, 40_000, 0, 0, 0, 0, 0, 0];
    comes_to(load(&[0; 10], 10, 1e6), load(&burst, 9, 5e5), PairOutcome::Slower);
    let one_round = |cell: ComparedCell| ComparedCell {
        lost_increments: Some(LostIncrements::of(&[IncrementCounts {
            checked: 1_000_000,
            lost: 400_000,
        }])),
        ..cell
    };
    let single = one_round(load(&[40_000; 10], 0, 5e5));
    comes_to(load(&[0; 10], 10, 1e6), single, PairOutcome::Slower);
}

#[test]
fn correctness_precedes_speed() {
    comes_to(cell("a", 100, 1e6), broken(9e6), PairOutcome::Wronger);
    comes_to(broken(9e6), cell("a", 100, 1e6), PairOutcome::Righter);
    comes_to(cell("a", 100, 1e6), cell("a", 50, 9e6), PairOutcome::Wronger);
    comes_to(cell("a", 20, 9e6), cell("a", 60, 1e6), PairOutcome::Righter);
}

/// One wrong attempt in a hundred is chance for a lossy cell, but then it is never faster.
#[test]
fn cell_that_lost_updates_is_never_faster() {
    comes_to(cell("a", 100, 1e6), cell("a", 99, 9e6), PairOutcome::Unknown);
    comes_to(cell("a", 50, 1e6), cell("a", 52, 9e6), PairOutcome::Unknown);
    comes_to(broken(1e6), broken(9e6), PairOutcome::Unknown);
    comes_to(cell("a", 50, 9e6), cell("a", 52, 1e6), PairOutcome::Slower);
    comes_to(cell("a", 50, 1e6), cell("a", 52, 1e6), PairOutcome::Same);
    comes_to(cell("a", 99, 1e6), cell("a", 100, 9e6), PairOutcome::Faster);
}
