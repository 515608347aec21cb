//! Estimate of an exploration's size before it starts; explorations beyond the limits are refused here.

use num_bigint::BigUint;

use crate::explore::forward::search;
use crate::explore::forward::state_bound::state_bound;
use crate::explore::query::Query;
use crate::explore::reverse::chain;
use crate::explore::round_robin;
use crate::explore::survey::{EXACT_ADDITIONS_MAX, QueryOptions, SchedulerChoice};
use crate::model::bounds::{BYTES_MAX, Bounds, STATES_MAX, SearchError};
use crate::model::program::Program;
use crate::model::scheduler::{Bits, Scheduler};
use crate::model::state::Reduction;
use crate::program::limit::{LimitError, WayOut};

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

/// What an exploration needs of what is limited.
#[derive(Debug, Clone, Copy)]
struct Needs {
    /// States of a search; a chain holds none.
    states: f64,
    bytes: f64,
    additions: f64,
}

impl Needs {
    /// What there is too little of, if the exploration cannot be made.
    fn scarce(&self) -> Option<&'static str> {
        if self.states > STATES_MAX as f64 || self.bytes > BYTES_MAX as f64 {
            return Some("memory");
        }
        (self.additions > EXACT_ADDITIONS_MAX as f64).then_some("time")
    }
}

/// How an exploration's needs are computed.
#[derive(Debug, Clone, Copy)]
enum Method {
    /// The reverse chain: from its shape.
    Chain(Scheduler),
    /// A search: from the states of two small ones, since states grow as a power of the increments.
    Search([f64; 2]),
}

impl Method {
    fn of(question: &Query, program: &Program, scheduler: Scheduler) -> Result<Self, LimitError> {
        match chain::cost::<BigUint>(program, scheduler) {
            Ok(_) => Ok(Self::Chain(scheduler)),
            Err(_) => Ok(Self::Search([pilot(question, PILOTS[0])?, pilot(question, PILOTS[1])?])),
        }
    }

    fn needs(self, question: &Query) -> Result<Needs, LimitError> {
        let [few, more] = match self {
            Self::Search(pilots) => pilots,
            Self::Chain(scheduler) => {
                let refused = |error| unexplored(question, &error);
                let cost =
                    chain::cost::<BigUint>(&question.program()?, scheduler).map_err(refused)?;
                let [bytes, additions] = [cost.bytes, cost.additions].map(|needed| needed as f64);
                return Ok(Needs { states: 0.0, bytes, additions });
            }
        };
        let growth = f64::from(PILOTS[1]) / f64::from(PILOTS[0]);
        let power = (more / few).ln() / growth.ln();
        let states = more * (f64::from(question.increments) / f64::from(PILOTS[1])).powf(power);
        let width = f64::from(question.increments) * question.workers as f64 + 1.0;
        let layers = f64::from(question.increments).max(1.0);
        let bytes = states / layers * width * BYTES_PER_NUMBER;
        Ok(Needs { states, bytes, additions: states * width * question.workers as f64 })
    }

    /// Refuses a question that needs too much, with the most increments that do not.
    fn check(self, question: &Query) -> Result<Needs, LimitError> {
        let needs = self.needs(question)?;
        let Some(scarce) = needs.scarce() else { return Ok(needs) };
        let fits = |increments: u32| {
            let needs = self.needs(&Query { increments, ..*question });
            needs.is_ok_and(|needs| needs.scarce().is_none())
        };
        let (mut most, mut beyond) = (0, question.increments);
        while beyond - most > 1 {
            let middle = most + (beyond - most) / 2;
            if fits(middle) { most = middle } else { beyond = middle }
        }
        let fewer = "fewer workers or steps";
        Err(LimitError {
            field: "increments",
            value: question.increments.to_string(),
            reason: format!(
                "for each of {} workers takes more {scarce} than an exploration may",
                question.workers
            ),
            way_out: match most {
                0 => format!("choose {fewer}").into(),
                most => WayOut::within_or(1, most, fewer),
            },
        })
    }
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
    let method = Method::of(question, &program, scheduler)?;
    if let (Method::Chain(_), SchedulerChoice::EveryK { k, phase }) = (method, wanted.choice) {
        let phases = phase.map_or(f64::from(k), |_| 1.0);
        let moves = program.moves() as f64;
        let seconds = phases * moves * SECONDS_PER_MOVE;
        let states = states(&program);
        return Ok(Estimate { method: "round robin", states, bytes: moves, seconds });
    }
    let Needs { states: searched, bytes, additions } = method.check(question)?;
    let states = states(&program);
    let added = additions * SECONDS_PER_ADDITION;
    Ok(match method {
        Method::Chain(_) => Estimate { method: "reverse chain", states, bytes, seconds: added },
        Method::Search(_) => {
            let seconds = searched * SECONDS_PER_STATE + added;
            Estimate { method: "search", states, bytes, seconds }
        }
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

/// States of a small exploration of so many increments.
fn pilot(question: &Query, increments: u32) -> Result<f64, LimitError> {
    let program = Query { increments, ..*question }.program()?;
    let bounds = Bounds { states: PILOT_STATES_MAX, ..Bounds::ALL };
    let any = Scheduler::Interleavings;
    let found = search::explore::<Bits>(&program, any, Reduction::Merged, bounds);
    found.map(|found| found.states as f64).map_err(|error| unexplored(question, &error))
}

fn unexplored(question: &Query, error: &SearchError) -> LimitError {
    let reason = match error {
        SearchError::TooLarge { .. } => {
            format!("take more memory than an exploration may, even with {} increments", PILOTS[1])
        }
        other => format!("cannot be explored: {other}"),
    };
    LimitError {
        field: "workers",
        value: question.workers.to_string(),
        reason,
        way_out: "choose fewer workers or steps".into(),
    }
}
