//! A sweep that is asked for: wish, plan, turns and the answer of a dry run. An accepted one keeps
//! every limit, plans each attempt once, and what the answer says was asked is what was asked.

use std::sync::LazyLock;

use engine::limits::{CELLS_MAX, SWEEP_ATTEMPTS_MAX, TURN_ATTEMPTS_MAX, WORKERS_MAX};
use engine::plan::spec::{Order, SweepSpec};
use engine::plan::sweep_plan::Plan;
use engine::sys::host::Host;
use gild::wire::request;
use gild::wire::sweep::response::{Detail, planned};
use gild::wire::sweep::spec;
use prost::Message;
use proto::v1;

use super::names::INTERPRETERS;
use super::outcome::{ANSWER_BYTES_MAX, Breach, Outcome, accepted, hold, magnitude, refused};

/// The machine that answers name.
static HOST: LazyLock<Host> = LazyLock::new(Host::detect);

/// What the service does to a request for a sweep, up to the queue.
pub(crate) fn create(asked: v1::CreateSweepRequest) -> Result<Outcome, Breach> {
    let v1::CreateSweepRequest { spec, request_id, validate_only: _ } = asked;
    let wish = match spec::sweep_spec(spec) {
        Ok(wish) => wish,
        Err(error) => return refused(&error),
    };
    if let Err(error) = request::request_id(&request_id) {
        return refused(&error);
    }
    match Plan::new(&wish, &INTERPRETERS, 0) {
        Ok(plan) => {
            keeps_limits(&plan)?;
            covers_each_attempt(&plan)?;
            answers(&wish, &plan)?;
            accepted(shape(&plan))
        }
        Err(error) => refused(&error),
    }
}

fn keeps_limits(plan: &Plan) -> Result<(), Breach> {
    let cells = plan.cells.len();
    hold((1..=CELLS_MAX).contains(&cells), || format!("a plan of {cells} cells"))?;
    let attempts = plan.attempts();
    hold(attempts <= SWEEP_ATTEMPTS_MAX, || format!("a plan of {attempts} attempts"))?;
    for cell in &plan.cells {
        let workers = 1..=WORKERS_MAX as usize;
        hold(workers.contains(&cell.workers), || format!("{} workers", cell.workers))?;
        hold(cell.workload.checked().is_ok(), || format!("beyond a limit: {cell:?}"))?;
        hold(cell.subject.check(&cell.workload).is_ok(), || format!("cannot be done: {cell:?}"))?;
    }
    Ok(())
}

/// Each cell's turns follow on each other, from its first attempt to its last.
fn covers_each_attempt(plan: &Plan) -> Result<(), Breach> {
    let mut done = vec![0; plan.cells.len()];
    for turn in plan.turns() {
        let is_next = done.get(turn.cell) == Some(&turn.first_attempt);
        hold(is_next, || format!("out of order: {turn:?}"))?;
        hold((1..=TURN_ATTEMPTS_MAX).contains(&turn.attempts), || format!("{turn:?}"))?;
        done[turn.cell] += turn.attempts;
    }
    let is_whole = plan.cells.iter().zip(&done).all(|(cell, done)| cell.attempts == *done);
    hold(is_whole, || format!("attempts that turns leave out: {done:?}"))
}

fn answers(wish: &SweepSpec, plan: &Plan) -> Result<(), Breach> {
    let answer = planned(wish, plan, &INTERPRETERS, &HOST, Detail::Full);
    let bytes = answer.encoded_len();
    hold(bytes <= ANSWER_BYTES_MAX, || format!("an answer of {bytes} bytes"))?;
    let again = spec::sweep_spec(answer.spec);
    hold(again.as_ref() == Ok(wish), || format!("{wish:?} was answered as {again:?}"))
}

fn shape(plan: &Plan) -> String {
    let cells = magnitude(plan.cells.len()) / 3;
    let order = match plan.order {
        Order::Interleaved => "",
        Order::Blocked => " blocked",
    };
    let skipped = if plan.skipped.is_empty() { "" } else { " skipped" };
    let workload = plan.cells[0].workload;
    let kind = match (workload.service, workload.duration_ns) {
        (Some(_), _) => "service",
        (None, Some(_)) => "timed",
        (None, None) => "tasks",
    };
    format!("{kind} {cells}{order}{skipped}")
}
