//! Estimate of an exploration's size before it starts; explorations beyond the limits are refused here.

use num_bigint::BigUint;

use crate::explore::forward::search;
use crate::explore::forward::state_bound::state_bound;
use crate::explore::query::Query;
use crate::explore::reverse::chain;
use crate::explore::round_robin;
use crate::explore::survey::{EXACT_ADDITIONS_MAX, QueryOptions, SchedulerChoice};
use crate::model::bounds::{BYTES_MAX, Bounds, STATES_MAX};
use crate::model::program::Program;
use crate::model::scheduler::{Bits, Scheduler};
use crate::model::state::Reduction;
use crate::program::limit::LimitError;

/// Seconds of an addition of whole numbers of some hundred bits, and of one move of a fixed turn;
/// both measured on a current processor, good to a factor of three.
const SECONDS_PER_ADDITION: f64 = 1e-8;
const SECONDS_PER_MOVE: f64 = 1e-8;
const SECONDS_PER_STATE: f64 = 3e-7;
/// A whole number of some hundred bits with its place in a row.
const BYTES_PER_NUMBER: f64 = 64.0;
/// Increments of the small explorations from which a large one is judged.
const PILOTS: [u32; 2] = [2, 3];
/// States that are counted in advance, where an interpreter is held.
const COUNTED_IN_ADVANCE_MAX: u64 = 20_000;
/// States of such a small exploration at most.
const PILOT_STATES_MAX: u64 = 200_000;

/// What an exploration will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The method.
    pub method: &'static str,
    /// Most machine states: what the exploration counts as its states is never more.
    pub states: f64,
    /// Bytes that the method holds at once, within a factor of a few.
    pub bytes: f64,
    /// How long it will take, within a factor of a few.
    pub seconds: f64,
}

/// Checks every limit and says what the exploration will take.
pub fn estimate(question: &Query, wanted: &QueryOptions) -> Result<Estimate, LimitError> {
    let program = question.program()?;
    if let SchedulerChoice::EveryK { k, phase } = wanted.choice {
        round_robin::check(&program, k, phase)?;
    }
    let scheduler = match wanted.choice {
        SchedulerChoice::Random(scheduler) => scheduler,
        SchedulerChoice::EveryK { .. } => Scheduler::Interleavings,
    };
    let states = states(&program);
    let Ok(cost) = chain::cost::<BigUint>(&program, scheduler) else {
        return by_pilots(question, states);
    };
    if let SchedulerChoice::EveryK { k, phase } = wanted.choice {
        let phases = phase.map_or(f64::from(k), |_| 1.0);
        let moves = program.moves() as f64;
        let seconds = phases * moves * SECONDS_PER_MOVE;
        return Ok(Estimate { method: "round robin", states, bytes: moves, seconds });
    }
    refuse_beyond("additions of whole numbers", cost.additions, EXACT_ADDITIONS_MAX, question)?;
    refuse_beyond("bytes", cost.bytes, BYTES_MAX, question)?;
    Ok(Estimate {
        method: "reverse chain",
        states,
        bytes: cost.bytes as f64,
        seconds: cost.additions as f64 * SECONDS_PER_ADDITION,
    })
}

/// Most machine states. How far the holder of an interpreter comes before it is replaced shows only
/// in a search: a short one counts the states of small questions, and the bound stands for others.
fn states(program: &Program) -> f64 {
    let bound = state_bound(program);
    if !program.needs_last() {
        return bound;
    }
    let few = Bounds { states: COUNTED_IN_ADVANCE_MAX, ..Bounds::ALL };
    let any = Scheduler::Interleavings;
    let counted = search::explore::<Bits>(program, any, Reduction::None, few);
    counted.map_or(bound, |counted| counted.states as f64)
}

fn refuse_beyond(
    what: &'static str,
    needed: u64,
    limit: u64,
    question: &Query,
) -> Result<(), LimitError> {
    if needed <= limit {
        return Ok(());
    }
    Err(LimitError {
        field: "increments",
        value: format!("{} x {}", question.workers, question.increments),
        reason: format!("would take {needed} {what}, and the limit is {limit}"),
        way_out: "ask for fewer workers, increments or steps".into(),
    })
}

/// From the growth of small explorations: states grow as a power of the increments.
fn by_pilots(question: &Query, bound: f64) -> Result<Estimate, LimitError> {
    let pilot = |increments: u32| {
        let program = Query { increments, ..*question }.program()?;
        let bounds = Bounds { states: PILOT_STATES_MAX, ..Bounds::ALL };
        let any = Scheduler::Interleavings;
        match search::explore::<Bits>(&program, any, Reduction::Merged, bounds) {
            Ok(found) => Ok(found.states as f64),
            Err(error) => Err(LimitError {
                field: "workers",
                value: format!("{} x {}", question.workers, question.increments),
                reason: format!("cannot be explored: {error}"),
                way_out: "ask for fewer workers, increments or steps".into(),
            }),
        }
    };
    let [few, more] = [pilot(PILOTS[0])?, pilot(PILOTS[1])?];
    let growth = f64::from(PILOTS[1]) / f64::from(PILOTS[0]);
    let power = (more / few).ln() / growth.ln();
    let states = more * (f64::from(question.increments) / f64::from(PILOTS[1])).powf(power);
    let width = f64::from(question.increments) * question.workers as f64 + 1.0;
    let layers = f64::from(question.increments).max(1.0);
    let bytes = states / layers * width * BYTES_PER_NUMBER;
    let additions = states * width * question.workers as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let refuse = |what, needed: f64, limit| refuse_beyond(what, needed as u64, limit, question);
    refuse("states of the search", states, STATES_MAX)?;
    refuse("bytes", bytes, BYTES_MAX)?;
    refuse("additions of whole numbers", additions, EXACT_ADDITIONS_MAX)?;
    let seconds = states * SECONDS_PER_STATE + additions * SECONDS_PER_ADDITION;
    Ok(Estimate { method: "search", states: bound, bytes, seconds })
}
