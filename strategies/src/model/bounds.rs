//! Bounds of a search: its limits, and the flag that cancels it.

use std::fmt;

/// Most states of one search.
pub const STATES_MAX: u64 = 50_000_000;
/// Most bytes that a search may hold at once.
pub const BYTES_MAX: u64 = 2 << 30;
/// Most additions of one search: some minutes.
pub const ADDITIONS_MAX: u64 = 400_000_000_000;

/// The limits of a search, and the flag that cancels it.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// Most states; at most [`STATES_MAX`].
    pub states: u64,
    /// Most bytes held at once; at most [`BYTES_MAX`].
    pub bytes: u64,
    /// Asked now and then with the share that is done, 0 to 1; `false` ends the search.
    pub go_on: &'a dyn Fn(f64) -> bool,
}

impl Bounds<'_> {
    /// The greatest limits, for callers that wait to the end.
    pub const ALL: Self = Self { states: STATES_MAX, bytes: BYTES_MAX, go_on: &|_| true };
}

impl fmt::Debug for Bounds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounds")
            .field("states", &self.states)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Why a search has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The search was cancelled.
    #[error("the search was stopped after {moves} of {of} moves; start it again")]
    Stopped {
        /// Moves of all schedules that were explored.
        moves: usize,
        /// Moves of a whole schedule.
        of: usize,
    },
    /// It would need, or has needed, more than it may.
    #[error(
        "the exploration needs {needed} {what}, and the limit is {limit}; {proved}; \
         ask for fewer workers, increments or steps"
    )]
    TooLarge {
        /// What there would be too much of.
        what: &'static str,
        /// How much.
        needed: u64,
        /// The limit.
        limit: u64,
        /// What is known nevertheless.
        proved: String,
    },
    /// The question breaks a limit.
    #[error("{0}")]
    Refused(String),
    /// The method does not apply to the program.
    #[error("{0}; ask for another strategy or scheduler")]
    NotApplicable(&'static str),
}

/// Refuses what would be too much before anything is done.
pub fn within(what: &'static str, needed: u64, limit: u64) -> Result<(), SearchError> {
    if needed <= limit {
        return Ok(());
    }
    let proved = "nothing was explored".into();
    Err(SearchError::TooLarge { what, needed, limit, proved })
}
