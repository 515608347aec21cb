//! Everything that can come out of a program, how likely each value is, and a schedule for each: one
//! question, answered by a closed form or by whichever searches apply.

pub mod analysis;
pub mod answer;
pub mod closed;
pub mod method;
pub mod verdict;

use crate::explore::query::Query;
use crate::explore::survey::answer::{GoOn, QueryOptions, Survey};
use crate::explore::survey::method::{Method, choose};
use crate::model::bounds::SearchError;

/// Answers a question whose limits have been checked by [`crate::explore::estimate::estimate`].
pub fn survey(
    question: &Query,
    wanted: &QueryOptions,
    go_on: GoOn<'_>,
) -> Result<Survey, SearchError> {
    let refused = |error| SearchError::Refused(format!("{error}"));
    let program = question.long_program().map_err(refused)?;
    let basis = question.spec.basis();
    match choose(question, wanted).map_err(refused)? {
        Method::ClosedForm(race) => Ok(closed::survey(program, basis, &race, wanted)),
        Method::Search { .. } => {
            let program = program.searched().map_err(refused)?;
            analysis::search_all(&program, basis, wanted, go_on)
        }
    }
}
