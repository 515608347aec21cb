//! Reachable values of a measured cell: the lab's workloads as programs, by whichever method applies.
//! Their likelihood on real threads is not part of it.

use std::fmt;
use std::ops::RangeInclusive;

use crate::catalog::Spec;
use crate::explore::closed_form::Openings;
use crate::explore::forward::search;
use crate::explore::reverse::{chain, tasks};
use crate::explore::survey::verdict::ranges;
use crate::gil::ticks::START_TICKS;
use crate::model::bounds::{Bounds, SearchError};
use crate::model::moves::{Act, Move, Ownership};
use crate::model::program::{Program, Tasks};
use crate::model::scheduler::{Bits, Scheduler};
use crate::model::state::Reduction;
use crate::program::step::{Check, ORDINARY, Step};
use crate::program::workload::Workload;

/// What the model has no word for.
const REQUESTS: &str = "requests between bodies, or instead of tasks, are not modelled";

/// Every value that can be reached, in order.
pub fn reachable(program: &Program, bounds: Bounds<'_>) -> Result<Vec<u32>, SearchError> {
    let any = Scheduler::Interleavings;
    let program = program.essential();
    let by_chain = match program.tasks() {
        Tasks::OneEach => chain::outcomes::<Bits>(&program, any, bounds),
        Tasks::Queue(_) => tasks::outcomes::<Bits>(&program, any, bounds),
    };
    let row = match by_chain {
        Err(SearchError::NotApplicable(_)) => {
            search::explore::<Bits>(&program, any, Reduction::Fused, bounds)?.outcomes
        }
        found => found?,
    };
    Ok(Bits::values(&row))
}

/// What attempts of a cell can come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The values.
    pub values: Values,
    /// Whether each of them can really be reached.
    pub tightness: Tightness,
}

/// A set of final values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// All from the first to the last, by closed form.
    All(RangeInclusive<u64>),
    /// These, in order, by search.
    These(Vec<u32>),
}

impl Values {
    /// Whether a value is among them.
    pub fn contains(&self, value: u64) -> bool {
        match self {
            Self::All(range) => range.contains(&value),
            Self::These(list) => {
                u32::try_from(value).is_ok_and(|value| list.binary_search(&value).is_ok())
            }
        }
    }
}

/// In runs: `2 to 20`, or `5, 10`.
impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(range) if range.start() == range.end() => write!(f, "{}", range.end()),
            Self::All(range) => write!(f, "{} to {}", range.start(), range.end()),
            Self::These(list) => f.write_str(&ranges(list)),
        }
    }
}

/// Whether a set holds no more than what can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tightness {
    /// Every value can be reached.
    Exact,
    /// Nothing else can be reached: the starts of a tick budget were too many to be distinguished, or
    /// there are more than two workers, so the lock was taken to change hands at any check site.
    AtMost,
}

/// What attempts of a cell can come to, at any size by closed form. Only a tick budget is searched, and
/// its starts share the bound of states.
pub fn of_cell(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    bounds: Bounds<'_>,
) -> Result<Reach, SearchError> {
    refuse_requests(workload)?;
    let (body, access) = spec.moves(workload.body);
    let openings = Openings::of(&body, access);
    let values = openings.values(workers, workload.tasks, workload.increments);
    let is_one = values.start() == values.end();
    let by_closed_form = |tightness| Reach { values: Values::All(values.clone()), tightness };
    let Ownership::HolderByTicks { budget, .. } = access else {
        return Ok(by_closed_form(Tightness::Exact));
    };
    if is_one {
        return Ok(by_closed_form(Tightness::Exact));
    }
    // A worker that finds no task left still takes its start from the budget, which the search does
    // not play; with two workers it is then alone with one that no worker can disturb any more.
    let found = if workers > 2 {
        Err(SearchError::NotApplicable("starts without a task are not modelled"))
    } else {
        over_all_starts(spec, workload, workers, budget, bounds)
    };
    match found {
        // A program that is too large is refused, not searched.
        Err(
            SearchError::TooLarge { .. } | SearchError::NotApplicable(_) | SearchError::Refused(_),
        ) => Ok(by_closed_form(Tightness::AtMost)),
        values => Ok(Reach { values: Values::These(values?), tightness: Tightness::Exact }),
    }
}

fn refuse_requests(workload: &Workload) -> Result<(), SearchError> {
    if workload.io.is_some() || workload.is_endless() || workload.is_drawn() {
        return Err(SearchError::NotApplicable(REQUESTS));
    }
    Ok(())
}

fn over_all_starts(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    budget: u32,
    bounds: Bounds<'_>,
) -> Result<Vec<u32>, SearchError> {
    let starts = u32::try_from(START_TICKS).unwrap_or(u32::MAX).min(budget.saturating_add(1));
    let (mut states, mut values) = (0, Vec::new());
    for start in 0..starts {
        let access = Ownership::HolderByTicks { budget, start };
        crate::model::bounds::within("states of all starts", states + 1, bounds.states)?;
        let program = program(spec, workload, workers, access)?;
        let bounds = Bounds { states: bounds.states.saturating_sub(states), ..bounds };
        let any = Scheduler::Interleavings;
        let found = search::explore::<Bits>(&program, any, Reduction::Fused, bounds)?;
        states += found.states;
        values.extend(Bits::values(&found.outcomes));
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

/// A cell's tasks as a program.
pub fn program(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    access: Ownership,
) -> Result<Program, SearchError> {
    refuse_requests(workload)?;
    let half = workload.task_steps / 2;
    let [lead, tail] = [half, workload.task_steps - half].map(|steps| around(spec, access, steps));
    let (tasks, increments) = (u16::try_from(workload.tasks), u32::try_from(workload.increments));
    let (Ok(tasks), Ok(increments)) = (tasks, increments) else {
        return Err(SearchError::NotApplicable(
            "there are too many tasks or increments to explore",
        ));
    };
    let (body, _) = spec.moves(workload.body);
    // Who finds no task changes nothing.
    let workers = workers.min(usize::from(tasks));
    Program::queued(workers, tasks, increments, [&lead, &body, &tail], access)
        .map_err(|error| SearchError::Refused(error.to_string()))
}

/// A task's ordinary steps on one side of its bodies: all of them where they are counted, else one
/// move that stands for them.
fn around(spec: Spec, access: Ownership, steps: u32) -> Vec<Move> {
    let looked_after =
        |step: &Step| Move { attention: spec.sites().check(*step), ..Move::of(*step) };
    let all = ORDINARY.iter().cycle().take(steps as usize).map(looked_after);
    match access {
        Ownership::Anyone => Vec::new(),
        Ownership::HolderByTicks { .. } => all.collect(),
        Ownership::Holder => {
            let is_site = |made: Move| made.attention == Check::Site;
            let site = Move { attention: Check::Site, ..Move::plain(Act::Local) };
            all.into_iter().any(is_site).then_some(site).into_iter().collect()
        }
    }
}
