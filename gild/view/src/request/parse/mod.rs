//! The values that flags carry: durations, numbers and lists of them, read from text. Says what is
//! wrong with a value and what would be right; knows no limit of the daemon's.

pub mod duration;
pub mod list;
pub mod percent;

/// Why a typed value is refused: the flag, the value, the problem, and what to type instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{flag}: {value} {problem}; {way_out}")]
pub struct ValueError {
    flag: &'static str,
    value: String,
    problem: String,
    way_out: String,
}

impl ValueError {
    /// A refusal; `value` is shown as it was typed.
    pub fn new(
        flag: &'static str,
        value: &str,
        problem: impl Into<String>,
        way_out: impl Into<String>,
    ) -> Self {
        let value = if value.is_empty() { "\"\"".to_owned() } else { value.to_owned() };
        Self { flag, value, problem: problem.into(), way_out: way_out.into() }
    }

    /// The flag that carried the value, as it is typed.
    pub fn flag(&self) -> &'static str {
        self.flag
    }
}
