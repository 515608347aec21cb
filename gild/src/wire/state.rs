//! States of jobs on the wire, and filters by state.

use proto::v1;
use strategies::program::limit::LimitError;

use engine::jobs::state::State;

/// State that a filter selects. Filters are the subset of AIP-160 that lists need: nothing, or
/// `state = NAME`.
pub fn filter_state(filter: &str) -> Result<Option<State>, LimitError> {
    if filter.trim().is_empty() {
        return Ok(None);
    }
    let wanted = filter.split_once('=').filter(|(field, _)| field.trim() == "state");
    let state = wanted.and_then(|(_, name)| {
        let name = name.trim().trim_matches('"');
        STATES.into_iter().find(|(known, _)| *known == name).map(|(_, state)| state)
    });
    state.map(Some).ok_or_else(|| LimitError {
        field: "filter",
        value: format!("{filter:?}"),
        reason: "is not understood".into(),
        way_out: format!("use `state = NAME` with one of {}", STATES.map(|(n, _)| n).join(", "))
            .into(),
    })
}

const STATES: [(&str, State); 7] = [
    ("QUEUED", State::Queued),
    ("RUNNING", State::Running),
    ("CANCELLING", State::Cancelling),
    ("SUCCEEDED", State::Succeeded),
    ("FAILED", State::Failed),
    ("CANCELLED", State::Cancelled),
    ("INTERRUPTED", State::Interrupted),
];

/// The state as the wire spells it.
pub(crate) fn wire_state(state: State) -> v1::SweepState {
    match state {
        State::Queued => v1::SweepState::Queued,
        State::Running => v1::SweepState::Running,
        State::Cancelling => v1::SweepState::Cancelling,
        State::Succeeded => v1::SweepState::Succeeded,
        State::Failed => v1::SweepState::Failed,
        State::Cancelled => v1::SweepState::Cancelled,
        State::Interrupted => v1::SweepState::Interrupted,
    }
}
