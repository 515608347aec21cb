//! An exploration: what was requested and what it will take. Searches nothing.

use strategies::explore::estimate::Estimate;
use strategies::explore::query::Query;
use strategies::explore::survey::answer::QueryOptions;
use strategies::model::long_program::LongProgram;
use strategies::program::limit::LimitError;

/// What was requested of an exploration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplorationSpec {
    /// The strategy and the bodies of its workers.
    pub query: Query,
    /// What is computed of it.
    pub options: QueryOptions,
    /// The probability of a switch as it was written, which may not be a decimal.
    pub q: Option<String>,
    /// The model of the query.
    pub program: LongProgram,
}

/// An exploration, as one kind of job.
#[derive(Debug)]
pub struct Exploration {
    /// What was requested.
    pub spec: ExplorationSpec,
    /// What it will take.
    pub estimate: Estimate,
}

impl ExplorationSpec {
    /// A query that can be explored; `q` as it was written.
    pub fn new(query: Query, options: QueryOptions, q: Option<String>) -> Result<Self, LimitError> {
        let program = query.long_program()?;
        Ok(Self { query, options, q, program })
    }
}
