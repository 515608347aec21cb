//! Turns of a fixed length: another worker after every `k` moves, as a tick counter would have it.
//! One schedule for each phase, so there is nothing to search.

use crate::model::program::Program;
use crate::model::schedule::Schedule;
use crate::program::limit::{LimitError, WayOut, within};

/// Longest turn.
pub const K_MAX: u32 = 1_000_000;
/// Most moves of all phases together: some seconds.
pub const MOVES_MAX: u64 = 2_000_000_000;

/// Checks the length of a turn and of the first one, and what all phases come to.
pub fn check(program: &Program, k: u32, phase: Option<u32>) -> Result<(), LimitError> {
    within("k", k, 1, K_MAX)?;
    if let Some(phase) = phase {
        within("phase", phase, 1, k)?;
    }
    let (phases, moves) = (if phase.is_some() { 1 } else { u64::from(k) }, program.moves() as u64);
    if phases.saturating_mul(moves) <= MOVES_MAX {
        return Ok(());
    }
    Err(LimitError {
        field: "k",
        value: k.to_string(),
        reason: format!("phases of {moves} moves each are beyond the limit of {MOVES_MAX} moves"),
        way_out: WayOut::within_or(1, MOVES_MAX / moves.max(1), "name one phase"),
    })
}

/// The counter in the end, if the first turn has `phase` moves and every other `k`. A worker that is
/// done, or cannot move, is replaced at once by the next in the circle, which has a whole turn.
pub fn value(program: &Program, k: u32, phase: u32) -> u32 {
    play(program, k, phase, |_| {})
}

/// The same, as a schedule.
pub fn schedule(program: &Program, k: u32, phase: u32) -> Schedule {
    let mut schedule = Schedule::default();
    play(program, k, phase, |worker| schedule.push(worker));
    schedule
}

fn play(program: &Program, k: u32, phase: u32, mut moved: impl FnMut(usize)) -> u32 {
    let mut state = program.start();
    let (mut worker, mut left) = (0, phase);
    loop {
        let choices = program.choices(&state);
        let is_able = |worker: &usize| choices >> worker & 1 == 1;
        if left == 0 || !is_able(&worker) {
            let others = (1..=program.workers()).map(|step| (worker + step) % program.workers());
            let Some(next) = others.into_iter().find(is_able) else {
                return state.counter;
            };
            // A holder that may not be left yet goes on until it may.
            left = if next == worker && left == 0 && choices.is_power_of_two() { 1 } else { k };
            worker = next;
        }
        program.make_move(&mut state, worker);
        moved(worker);
        left -= 1;
    }
}
