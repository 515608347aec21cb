//! Turns of a sweep: how the attempts of each cell are spread over rounds, and in which order the
//! turns run. The order depends on the seed alone.

use strategies::harness::rng::SplitMix64;

use crate::limits::{ROUNDS, TURN_ATTEMPTS_MAX};
use crate::plan::spec::Order;

/// A cell's share of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTurn {
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// The first attempt's number within the cell.
    pub first_attempt: u32,
    /// Attempts of the turn; at least 1.
    pub attempts: u32,
}

impl PlannedTurn {
    /// The part that is left once `done` attempts of its cell are done; `None` if nothing is.
    pub fn after(self, done: u32) -> Option<Self> {
        let end = self.first_attempt + self.attempts;
        let first_attempt = self.first_attempt.max(done);
        (first_attempt < end).then(|| Self { first_attempt, attempts: end - first_attempt, ..self })
    }
}

/// Turns of all cells in the order in which they run; `attempts` is the number of each cell.
pub fn turns(attempts: impl Iterator<Item = u32>, order: Order, seed: u64) -> Vec<PlannedTurn> {
    let by_cell: Vec<_> =
        attempts.enumerate().map(|(cell, attempts)| turns_of(cell, attempts)).collect();
    match order {
        Order::Blocked => by_cell.concat(),
        Order::Interleaved => {
            let rounds = by_cell.iter().map(Vec::len).max().unwrap_or(0);
            (0..rounds).flat_map(|round| shuffled_round(&by_cell, round, seed)).collect()
        }
    }
}

fn shuffled_round(by_cell: &[Vec<PlannedTurn>], round: usize, seed: u64) -> Vec<PlannedTurn> {
    let mut turns: Vec<_> = by_cell.iter().filter_map(|turns| turns.get(round).copied()).collect();
    SplitMix64::of(&[seed, round as u64]).shuffle(&mut turns);
    turns
}

fn turns_of(cell: usize, attempts: u32) -> Vec<PlannedTurn> {
    let share = attempts.div_ceil(ROUNDS).clamp(1, TURN_ATTEMPTS_MAX);
    (0..attempts.div_ceil(share))
        .map(|round| {
            let first_attempt = round * share;
            let attempts = share.min(attempts - first_attempt);
            PlannedTurn { cell, round, first_attempt, attempts }
        })
        .collect()
}
