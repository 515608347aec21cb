//! An exploration that is asked for, with its estimate, and a script that is to be played. What is
//! accepted keeps the model's limits, and what the answer says was asked is what was asked.

use engine::jobs::exploration::job::ExplorationSpec;
use engine::jobs::replay::Replay;
use engine::limits::PLAYED_MOVES_MAX;
use gild::wire::exploration_request::asked;
use gild::wire::{exploration, request};
use prost::Message;
use proto::v1;
use strategies::explore::estimate::{Estimate, estimate};
use strategies::explore::query::ScheduleString;
use strategies::explore::survey::method::{Method, choose};
use strategies::model::bounds::STATES_MAX;
use strategies::model::long_program::INCREMENTS_MAX;
use strategies::model::program::WORKERS_MAX;
use strategies::program::limit::within;

use super::outcome::{
    ANSWER_BYTES_MAX, Breach, Outcome, accepted, hold, magnitude, refused, refused_as,
};

/// What the service does to a request for an exploration, up to the queue.
pub(crate) fn create(request: v1::CreateExplorationRequest) -> Result<Outcome, Breach> {
    let v1::CreateExplorationRequest { spec, request_id, validate_only: _ } = request;
    let wanted = match asked(spec) {
        Ok(wanted) => wanted,
        Err(error) => return refused(&error),
    };
    if let Err(error) = request::request_id(&request_id) {
        return refused(&error);
    }
    keeps_limits(&wanted)?;
    match estimate(&wanted.query, &wanted.options) {
        Ok(taking) => {
            answers(&wanted, &taking)?;
            let (method, moves) = (taking.method, magnitude(wanted.program.moves()));
            accepted(format!("{method}, {moves}"))
        }
        Err(error) => refused(&error),
    }
}

fn keeps_limits(asked: &ExplorationSpec) -> Result<(), Breach> {
    let ExplorationSpec { query, program, .. } = asked;
    let workers = query.workers;
    hold((1..=WORKERS_MAX).contains(&workers), || format!("{workers} workers"))?;
    let increments = program.increments();
    hold(increments <= INCREMENTS_MAX, || format!("{increments} increments"))
}

fn answers(wanted: &ExplorationSpec, taking: &Estimate) -> Result<(), Breach> {
    let Estimate { states, bytes, seconds, .. } = *taking;
    let all = [states, bytes, seconds];
    hold(all.iter().all(|one| one.is_finite() && *one >= 0.0), || format!("{taking:?}"))?;
    // The estimate bounds what a count could find, which is more than what a search visits.
    let is_within = match choose(&wanted.query, &wanted.options) {
        Ok(Method::Search { cost, .. }) => cost.searched <= STATES_MAX as f64,
        Ok(Method::ClosedForm(_)) => true,
        Err(_) => false,
    };
    hold(is_within, || format!("beyond a limit: {taking:?}"))?;
    let answer = exploration::estimated(wanted, taking);
    let bytes = answer.encoded_len();
    hold(bytes <= ANSWER_BYTES_MAX, || format!("an answer of {bytes} bytes"))?;
    let again = asked(answer.spec);
    hold(again.as_ref() == Ok(wanted), || format!("{wanted:?} was answered as {again:?}"))
}

/// What the service does to a script, up to the threads.
pub(crate) fn replay(request: &v1::ReplayScheduleRequest) -> Result<Outcome, Breach> {
    let read = ScheduleString::read(&request.script).and_then(|(script, program)| {
        within("script", script.schedule.runs().len(), 1, PLAYED_MOVES_MAX)?;
        Ok((script, program))
    });
    let (script, program) = match read {
        Ok(read) => read,
        Err(error) => return refused(&error),
    };
    match Replay::of(script.question, &program, script.schedule.clone()) {
        Ok(played) => {
            plays_whole(&played, program.moves())?;
            let again = ScheduleString::read(&played.script).map(|(script, _)| script);
            hold(again.as_ref() == Ok(&script), || format!("{script:?} was read as {again:?}"))?;
            accepted(format!("{}", magnitude(played.moves())))
        }
        Err(error) => refused_as("script", &error.to_string(), &error.to_string()),
    }
}

fn plays_whole(played: &Replay, moves: usize) -> Result<(), Breach> {
    hold(played.moves() == moves, || format!("{} of {moves} moves", played.moves()))?;
    let value = played.trace.value;
    hold((1..=played.expected).contains(&value), || format!("{value} of {}", played.expected))?;
    let bytes = exploration::playback(played).encoded_len();
    hold(bytes <= ANSWER_BYTES_MAX, || format!("an answer of {bytes} bytes"))
}
