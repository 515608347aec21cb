//! Reachable values of a measured cell: the lab's workloads as programs, by whichever method applies.
//! Their likelihood on real threads is not part of it.

use crate::catalog::Spec;
use crate::explore::forward::search;
use crate::explore::reverse::{chain, tasks};
use crate::gil::ticks::START_TICKS;
use crate::model::bounds::{Bounds, SearchError};
use crate::model::moves::{Act, Move, Ownership, Releases};
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
    /// The values, in order.
    pub values: Vec<u32>,
    /// Whether each of them can really be reached.
    pub tightness: Tightness,
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

/// What attempts of a cell can come to. A tick budget's starts share the bound of states.
pub fn of_cell(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    bounds: Bounds<'_>,
) -> Result<Reach, SearchError> {
    refuse_requests(workload)?;
    let (body, access) = spec.moves(workload.body);
    if let Some(expected) =
        u32::try_from(workload.expected()).ok().filter(|_| is_shut(&body, access))
    {
        return Ok(Reach { values: vec![expected], tightness: Tightness::Exact });
    }
    let Ownership::HolderByTicks { budget, .. } = access else {
        let values = with_fewest_workers(spec, workload, workers, access, bounds)?;
        return Ok(Reach { values, tightness: Tightness::Exact });
    };
    // A worker that finds no task left still takes its start from the budget, which the search does
    // not play; with two workers it is then alone with one that no worker can disturb any more.
    let found = if workers > 2 {
        Err(SearchError::NotApplicable("starts without a task are not modelled"))
    } else {
        over_all_starts(spec, workload, workers, budget, bounds)
    };
    match found {
        Err(SearchError::TooLarge { .. } | SearchError::NotApplicable(_)) => {
            let values = with_fewest_workers(spec, workload, workers, Ownership::Holder, bounds)?;
            Ok(Reach { values, tightness: Tightness::AtMost })
        }
        values => Ok(Reach { values: values?, tightness: Tightness::Exact }),
    }
}

fn refuse_requests(workload: &Workload) -> Result<(), SearchError> {
    if workload.io.is_some() || workload.is_endless() || workload.is_drawn() {
        return Err(SearchError::NotApplicable(REQUESTS));
    }
    Ok(())
}

/// Whether no worker can write between a worker's load and its store, whatever the size: one move does
/// both, a lock is held from before to after, or the interpreter is not let go between them.
fn is_shut(body: &[Move], access: Ownership) -> bool {
    let at = |act: Act| body.iter().position(|made| made.act == act);
    let (Some(load), Some(store)) = (at(Act::Load), at(Act::Store)) else { return true };
    let holds = |takes, lets_go| {
        at(takes).is_some_and(|at| at < load) && at(lets_go).is_some_and(|at| store < at)
    };
    let is_kept = |made: &Move| made.attention != Check::Site && made.gap == Releases::Closed;
    let is_held = access != Ownership::Anyone && body[load..store].iter().all(is_kept);
    is_held || holds(Act::Enter, Act::Leave) || holds(Act::Acquire, Act::Release)
}

/// What two workers can reach, all can: the others leave the queue alone. And no worker can come below
/// 1, nor below 2 where a task has two increments: the load of its last one saw the first.
fn with_fewest_workers(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    access: Ownership,
    bounds: Bounds<'_>,
) -> Result<Vec<u32>, SearchError> {
    let least = if workload.increments == 1 { 1 } else { 2 };
    let few = program(spec, workload, workers.min(2), access)?;
    let values = reachable(&few, bounds)?;
    if workers <= 2 || values.iter().copied().eq(least..=few.expected()) {
        return Ok(values);
    }
    reachable(&program(spec, workload, workers, access)?, bounds)
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
