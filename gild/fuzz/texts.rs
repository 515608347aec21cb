//! The texts that the lab reads by themselves: bodies by hand, schedules, owners, probabilities.
//! What is read must be what was written.

use engine::jobs::owner::Owner;
use strategies::model::schedule::{RUN_MOVES_MAX, RUNS_MAX, Schedule};
use strategies::model::scheduler::Probability;
use strategies::program::body_spec::{CustomBody, STEPS_MAX};

use super::outcome::{Breach, Outcome, accepted, hold, magnitude, refused, refused_as};

/// A body by hand.
pub(crate) fn steps(text: &str) -> Result<Outcome, Breach> {
    match CustomBody::parse(text) {
        Ok(body) => {
            hold(body.to_string() == text, || format!("`{text}` was read as `{body}`"))?;
            hold(text.len() <= STEPS_MAX, || format!("`{text}` is too long"))?;
            accepted(format!("{}", magnitude(text.len())))
        }
        Err(error) => refused(&error),
    }
}

/// Who moves when.
pub(crate) fn schedule(text: &str) -> Result<Outcome, Breach> {
    match Schedule::parse(text) {
        Ok(schedule) => {
            let moves: u64 = schedule.runs().iter().map(|run| u64::from(run.moves)).sum();
            hold(moves <= u64::from(RUN_MOVES_MAX), || format!("{moves} moves"))?;
            hold(schedule.runs().len() <= RUNS_MAX, || "too many runs".into())?;
            let again = Schedule::parse(&schedule.to_string());
            hold(again.as_ref() == Ok(&schedule), || format!("read back as {again:?}"))?;
            accepted(format!("{} runs", magnitude(schedule.runs().len())))
        }
        Err(error) => refused(&error),
    }
}

/// Who asked for something.
pub(crate) fn owner(text: &str) -> Result<Outcome, Breach> {
    match text.parse::<Owner>() {
        Ok(owner) => {
            let again = owner.to_string().parse::<Owner>();
            hold(again.as_ref() == Ok(&owner), || format!("{owner:?} was read as {again:?}"))?;
            let kind = match owner {
                Owner::Local => "local",
                Owner::User(_) => "user",
                Owner::Token(_) => "token",
                Owner::Certificate(_) => "certificate",
                Owner::Anyone => "anyone",
            };
            accepted(kind)
        }
        // No client can send one: it is read from what the lab itself wrote.
        Err(_) => refused_as("owner", "does not name an owner", "owner"),
    }
}

/// The probability of a switch.
pub(crate) fn probability(text: &str) -> Result<Outcome, Breach> {
    match Probability::parse(text) {
        Ok(q) => {
            let share = q.as_f64();
            hold((0.0..=1.0).contains(&share), || format!("`{text}` was read as {share}"))?;
            accepted(if share.fract() > 0.0 { "between" } else { "0 or 1" })
        }
        Err(error) => refused(&error),
    }
}
