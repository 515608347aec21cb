//! Mazurkiewicz traces: the number of interleavings that differ in more than the order of independent
//! moves, which is what an optimal partial-order reduction would have to run.
//!
//! Each class has one interleaving that comes first in the dictionary of workers. A row of moves is
//! it if and only if no move could be brought forward over moves of others, all independent of it,
//! past one of a later worker (Anisimov and Knuth 1979). So one bit a worker is enough to count
//! them: whether since the last move that its next one depends on a later worker has moved.

use std::collections::HashMap;

use num_bigint::BigUint;

use crate::model::bounds::{Bounds, SearchError};
use crate::model::moves::{Act, Ownership};
use crate::model::program::{Program, WORKERS_MAX};

/// Counts the classes. Applies where anyone may move at any time.
pub fn count(program: &Program, bounds: Bounds<'_>) -> Result<BigUint, SearchError> {
    if program.access() != Ownership::Anyone || !program.is_positional() {
        return Err(SearchError::NotApplicable(
            "classes are counted where anyone may move at any time",
        ));
    }
    let start: TraceKey = ([0; WORKERS_MAX], 0);
    let mut layer = HashMap::from([(start, BigUint::from(1_u32))]);
    let mut states = 0;
    for moves in 0..program.moves() {
        states += layer.len() as u64;
        if !(bounds.go_on)(moves as f64 / program.moves() as f64) {
            return Err(SearchError::Stopped { moves, of: program.moves() });
        }
        if states > bounds.states {
            return Err(SearchError::TooLarge {
                what: "states of the classes",
                needed: states,
                limit: bounds.states,
                proved: format!("{moves} of {} moves were walked", program.moves()),
            });
        }
        let mut next = HashMap::with_capacity(layer.len() * 2);
        for (key, ways) in &layer {
            for after in successors(program, key) {
                *next.entry(after).or_insert_with(BigUint::default) += ways;
            }
        }
        layer = next;
    }
    Ok(layer.into_values().sum())
}

/// How far each worker is, and who may not move because it could have moved earlier.
type TraceKey = ([usize; WORKERS_MAX], u8);

fn successors<'a>(
    program: &'a Program,
    &(at, late): &'a TraceKey,
) -> impl Iterator<Item = TraceKey> + 'a {
    let state = program.state_at(&at, None);
    let able = move |&worker: &usize| late >> worker & 1 == 0 && program.can_move(&state, worker);
    (0..program.workers()).filter(able).map(move |worker| {
        let act = |worker: usize| program.task().get(at[worker]).map(|made| made.act);
        let mut after = (at, late);
        after.0[worker] += 1;
        for other in (0..program.workers()).filter(|&other| other != worker) {
            match (act(worker), act(other)) {
                (Some(made), Some(next)) if depend(made, next) => after.1 &= !(1 << other),
                (Some(_), Some(_)) if worker > other => after.1 |= 1 << other,
                _ => {}
            }
        }
        after
    })
}

/// Whether the order of two workers' moves matters.
fn depend(one: Act, other: Act) -> bool {
    use Act::{Acquire, Add, Arrive, Enter, Leave, Load, Local, Release, Store};
    match (one, other) {
        (Local, _) | (_, Local) | (Load, Load) => false,
        (Load | Store | Add, Load | Store | Add)
        | (Acquire | Release, Acquire | Release)
        | (Arrive | Enter | Leave, Arrive | Enter | Leave) => true,
        _ => false,
    }
}
