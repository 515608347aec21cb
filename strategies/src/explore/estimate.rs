//! Estimate of an exploration's size before it starts; explorations beyond the limits are refused here.

use crate::explore::forward::search;
use crate::explore::forward::state_bound::state_bound;
use crate::explore::query::Query;
use crate::explore::survey::answer::QueryOptions;
use crate::explore::survey::method::{Method, SearchCost, choose};
use crate::model::bounds::Bounds;
use crate::model::program::Program;
use crate::model::scheduler::{Bits, Scheduler};
use crate::model::state::Reduction;
use crate::program::limit::LimitError;

/// The method that searches nothing.
pub const CLOSED_FORM: &str = "closed form";

/// Seconds of an addition of whole numbers of some hundred bits, or of one move of a fixed turn; both
/// measured on a current processor, good to a factor of three.
const SECONDS_PER_ADDITION: f64 = 1e-8;
/// Seconds of a state of the forward search.
const SECONDS_PER_STATE: f64 = 3e-7;
/// States that are counted in advance, where an interpreter is held.
const COUNTED_IN_ADVANCE_MAX: u64 = 20_000;

/// What an exploration will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The method.
    pub method: &'static str,
    /// Most machine states: what the exploration counts as its states is never more. 0 for a closed
    /// form, which counts none.
    pub states: f64,
    /// Bytes that the method holds at once, within a factor of a few.
    pub bytes: f64,
    /// How long it will take, within a factor of a few.
    pub seconds: f64,
}

/// Checks every limit and says what the exploration will take.
pub fn estimate(question: &Query, wanted: &QueryOptions) -> Result<Estimate, LimitError> {
    let (method, cost) = match choose(question, wanted)? {
        Method::ClosedForm(_) => {
            return Ok(Estimate { method: CLOSED_FORM, states: 0.0, bytes: 0.0, seconds: 0.0 });
        }
        Method::Search { name, cost } => (name, cost),
    };
    let SearchCost { searched, bytes, additions } = cost;
    let seconds = additions * SECONDS_PER_ADDITION + searched * SECONDS_PER_STATE;
    Ok(Estimate { method, states: states(&question.program()?), bytes, seconds })
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
