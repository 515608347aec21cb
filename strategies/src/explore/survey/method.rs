//! Choice of the method that answers a question, before anything is searched; what neither a search
//! can hold nor a closed form answers is refused here.

use num_bigint::BigUint;

use crate::explore::closed_form::Race;
use crate::explore::forward::search;
use crate::explore::query::Query;
use crate::explore::reverse::chain;
use crate::explore::round_robin;
use crate::explore::survey::analysis::EXACT_ADDITIONS_MAX;
use crate::explore::survey::answer::{QueryOptions, SchedulerChoice};
use crate::model::bounds::{BYTES_MAX, Bounds, STATES_MAX, SearchError};
use crate::model::long_program::LongProgram;
use crate::model::program::Program;
use crate::model::scheduler::{Bits, Scheduler};
use crate::model::state::Reduction;
use crate::program::limit::{LimitError, WayOut};

/// The search that reads schedules backwards.
const CHAIN: &str = "reverse chain";
/// The search that walks through states.
const SEARCH: &str = "search";
/// The search that plays turns of one length.
const TURNS: &str = "round robin";
/// A whole number of some hundred bits with its place in a row.
const BYTES_PER_NUMBER: f64 = 64.0;
/// Increments of the small explorations from which a large one is judged.
const PILOTS: [u32; 2] = [2, 3];
/// States of such a small exploration at most.
const PILOT_STATES_MAX: u64 = 200_000;
/// Additions up to which a value's interleavings are counted, where its closed form is known: some
/// twenty milliseconds.
const QUICK_ADDITIONS_MAX: u64 = 1_000_000;
/// Moves up to which they are where only a forward search can count: a state for each worker's place.
const QUICK_MOVES_MAX: usize = 48;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// By its closed form.
    ClosedForm(Race),
    /// By searches, the most expensive of which has this name and this cost.
    Search {
        /// The name.
        name: &'static str,
        /// The cost.
        cost: SearchCost,
    },
}

/// What a search takes, within a factor of a few.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchCost {
    /// States of the forward search; 0 of other methods.
    pub searched: f64,
    /// Bytes held at once.
    pub bytes: f64,
    /// Additions of whole numbers.
    pub additions: f64,
}

/// Checks every limit and chooses. One wanted value is answered by its closed form where there is one,
/// unless all about it is counted in no time; all values are where no search can hold them.
pub fn choose(question: &Query, wanted: &QueryOptions) -> Result<Method, LimitError> {
    let program = question.long_program()?;
    let scheduler = match wanted.choice {
        SchedulerChoice::Random(scheduler) => scheduler,
        SchedulerChoice::EveryK { k, phase } => return turns(question, k, phase),
    };
    let race = closed_form(&program, scheduler, wanted.value);
    if let Some(race) = race.filter(|_| wanted.value.is_some() && !is_quick(&program, scheduler)) {
        return Ok(Method::ClosedForm(race));
    }
    searched(question, scheduler).or_else(|error| race.map(Method::ClosedForm).ok_or(error))
}

/// The race, if it answers without a search. It says nothing about chances, and some schedules have
/// none where a switch is certain or never.
fn closed_form(program: &LongProgram, scheduler: Scheduler, value: Option<u32>) -> Option<Race> {
    let race = Race::of(program);
    let is_known = match value {
        Some(value) => race.is_known(value),
        None => race.values().is_some(),
    };
    (is_known && scheduler.has_all_schedules()).then_some(race)
}

fn is_quick(program: &LongProgram, scheduler: Scheduler) -> bool {
    let Ok(searched) = program.searched() else { return false };
    match chain::cost::<BigUint>(&searched, scheduler) {
        Ok(cost) => cost.additions <= QUICK_ADDITIONS_MAX,
        Err(_) => program.moves() <= QUICK_MOVES_MAX,
    }
}

fn turns(question: &Query, k: u32, phase: Option<u32>) -> Result<Method, LimitError> {
    let program = question.program()?;
    round_robin::check(&program, k, phase)?;
    let phases = phase.map_or(f64::from(k), |_| 1.0);
    let moves = program.moves() as f64;
    let cost = SearchCost { searched: 0.0, bytes: moves, additions: phases * moves };
    Ok(Method::Search { name: TURNS, cost })
}

fn searched(question: &Query, scheduler: Scheduler) -> Result<Method, LimitError> {
    let of_chain = |increments| {
        let program = Query { increments, ..*question }.program().ok()?;
        chain_cost(&program, scheduler)
    };
    if let Some(cost) = chain_cost(&question.program()?, scheduler) {
        let fits = |increments| of_chain(increments).is_some_and(SearchCost::fits);
        return within_limits(CHAIN, cost, question, fits);
    }
    let of = by_pilots(question)?;
    within_limits(SEARCH, of(question.increments), question, |increments| of(increments).fits())
}

fn within_limits(
    name: &'static str,
    cost: SearchCost,
    question: &Query,
    fits: impl Fn(u32) -> bool,
) -> Result<Method, LimitError> {
    match cost.scarce() {
        None => Ok(Method::Search { name, cost }),
        Some(scarce) => Err(beyond(question, scarce, most(question.increments, fits))),
    }
}

fn chain_cost(program: &Program, scheduler: Scheduler) -> Option<SearchCost> {
    let cost = chain::cost::<BigUint>(program, scheduler).ok()?;
    let [bytes, additions] = [cost.bytes, cost.additions].map(|part| part as f64);
    Some(SearchCost { searched: 0.0, bytes, additions })
}

impl SearchCost {
    fn fits(self) -> bool {
        self.scarce().is_none()
    }

    /// What there is too little of, if the search cannot be made.
    fn scarce(self) -> Option<&'static str> {
        if self.searched > STATES_MAX as f64 || self.bytes > BYTES_MAX as f64 {
            return Some("memory");
        }
        (self.additions > EXACT_ADDITIONS_MAX as f64).then_some("time")
    }
}

/// The most increments, below those that were asked for, that fit; 0 if none do.
fn most(asked: u32, fits: impl Fn(u32) -> bool) -> u32 {
    let (mut fit, mut unfit) = (0, asked);
    while unfit - fit > 1 {
        let between = fit + (unfit - fit) / 2;
        if fits(between) { fit = between } else { unfit = between }
    }
    fit
}

fn beyond(question: &Query, scarce: &str, most: u32) -> LimitError {
    let (workers, fewer) = (question.workers, "fewer workers or steps");
    LimitError {
        field: "increments",
        value: question.increments.to_string(),
        reason: format!(
            "for each of {workers} workers takes more {scarce} than an exploration may"
        ),
        way_out: match most {
            0 => format!("choose {fewer}").into(),
            most => WayOut::within_or(1, most, fewer),
        },
    }
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

/// From the growth of small explorations: states grow as a power of the increments.
fn by_pilots(question: &Query) -> Result<impl Fn(u32) -> SearchCost + use<>, LimitError> {
    let pilot = |increments: u32| {
        let program = Query { increments, ..*question }.program()?;
        let bounds = Bounds { states: PILOT_STATES_MAX, ..Bounds::ALL };
        let any = Scheduler::Interleavings;
        let found = search::explore::<Bits>(&program, any, Reduction::Merged, bounds);
        found.map(|found| found.states as f64).map_err(|error| unexplored(question, &error))
    };
    let [few, more] = [pilot(PILOTS[0])?, pilot(PILOTS[1])?];
    let growth = f64::from(PILOTS[1]) / f64::from(PILOTS[0]);
    let (power, workers) = ((more / few).ln() / growth.ln(), question.workers as f64);
    Ok(move |increments| {
        let states = more * (f64::from(increments) / f64::from(PILOTS[1])).powf(power);
        let width = f64::from(increments) * workers + 1.0;
        let layers = f64::from(increments).max(1.0);
        let bytes = states / layers * width * BYTES_PER_NUMBER;
        SearchCost { searched: states, bytes, additions: states * width * workers }
    })
}
