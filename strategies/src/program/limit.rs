//! Limit checks: a value outside its limits is refused with an error that names the value, the
//! limits and the way out.

use std::fmt;

use crate::program::sanitize::{REASON_LETTERS_MAX, VALUE_LETTERS_MAX, WAY_OUT_LETTERS_MAX, shown};

pub(crate) const PICOS_PER_NANO: u64 = 1000;

/// A value outside its limits: what, how much, and what would be accepted. Its text is at most a
/// few times as long as its limits in [`crate::program::sanitize`], whatever was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{field}: {} {}; {}",
    shown(.value, VALUE_LETTERS_MAX),
    shown(.reason, REASON_LETTERS_MAX),
    shown(&.way_out.to_string(), WAY_OUT_LETTERS_MAX)
)]
pub struct LimitError {
    /// The field as the wire names it.
    pub field: &'static str,
    /// The refused value.
    pub value: String,
    /// Why it is refused, with the limit.
    pub reason: String,
    /// What to do instead.
    pub way_out: WayOut,
}

/// What to do instead of what was refused. Limits stay apart from the words around them, so that a
/// client can show them in the unit that its user typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayOut {
    /// A sentence.
    Words(String),
    /// A value within limits.
    Within {
        /// The least value, as the field counts.
        low: Box<str>,
        /// The greatest value, as the field counts.
        high: Box<str>,
        /// What else would help, to stand after `or`; may be empty.
        or: Box<str>,
    },
}

impl WayOut {
    /// A value from `low` to `high`.
    pub fn within(low: impl fmt::Display, high: impl fmt::Display) -> Self {
        Self::within_or(low, high, "")
    }

    /// A value from `low` to `high`, or something else.
    pub fn within_or(
        low: impl fmt::Display,
        high: impl fmt::Display,
        or: impl Into<Box<str>>,
    ) -> Self {
        Self::Within { low: low.to_string().into(), high: high.to_string().into(), or: or.into() }
    }
}

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = match self {
            Self::Words(words) => return f.write_str(words),
            Self::Within { low, high, or } => {
                if low == high {
                    write!(f, "choose {low}")?;
                } else {
                    write!(f, "choose a value from {low} to {high}")?;
                }
                or
            }
        };
        if or.is_empty() { Ok(()) } else { write!(f, ", or {or}") }
    }
}

impl From<String> for WayOut {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<&str> for WayOut {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl LimitError {
    /// A number that is not within `low..=high`.
    pub fn range<T: fmt::Display>(field: &'static str, value: T, low: T, high: T) -> Self {
        Self {
            field,
            value: value.to_string(),
            reason: "is outside the limits".into(),
            way_out: WayOut::within(low, high),
        }
    }
}

/// Checks a number that is multiplied by another, `other`, which is named beside it: their product is
/// at most `most`, and the error says how large the number may be with that other.
pub fn product_within(
    (field, value): (&'static str, u64),
    (other, others): (u64, &str),
    most: u64,
    what: &str,
) -> Result<(), LimitError> {
    if value.saturating_mul(other) <= most {
        return Ok(());
    }
    let (high, fewer) = (most / other.max(1), format!("fewer {others}"));
    Err(LimitError {
        field,
        value: value.to_string(),
        reason: format!("for each of {other} {others} is beyond the limit of {most} {what}"),
        way_out: match high {
            0 => format!("choose {fewer}").into(),
            high => WayOut::within_or(1, high, fewer),
        },
    })
}

/// Checks that a number is within its limits.
pub fn within<T>(field: &'static str, value: T, low: T, high: T) -> Result<T, LimitError>
where
    T: PartialOrd + fmt::Display + Copy,
{
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(LimitError::range(field, value, low, high))
    }
}

/// A number of nanoseconds as [`picoseconds`] shows it.
pub fn nanoseconds(ns: u64) -> String {
    picoseconds(ns.saturating_mul(PICOS_PER_NANO))
}

/// A duration in its largest whole-ish unit, exact: `5 ms`, `0.5 ns`, `1.5 us`.
pub fn picoseconds(ps: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "s"), (1_000_000_000, "ms"), (1_000_000, "us"), (1_000, "ns")];
    let (size, unit) = UNITS.into_iter().find(|&(size, _)| ps >= size).unwrap_or((1_000, "ns"));
    let (whole, rest) = (ps / size, ps % size);
    if rest == 0 {
        return format!("{whole} {unit}");
    }
    let digits = usize::try_from(size.ilog10()).unwrap_or(0);
    let fraction = format!("{rest:0digits$}");
    format!("{whole}.{} {unit}", fraction.trim_end_matches('0'))
}

/// Checks that a duration is within its limits; the error says all three as people write them.
pub fn duration_within(
    field: &'static str,
    picos: u64,
    low_picos: u64,
    high_picos: u64,
) -> Result<(), LimitError> {
    let is_within = (low_picos..=high_picos).contains(&picos);
    let shown = [picos, low_picos, high_picos].map(picoseconds);
    let [value, low, high] = shown;
    if is_within { Ok(()) } else { Err(LimitError::range(field, value, low, high)) }
}

pub(crate) fn nanoseconds_within(
    field: &'static str,
    ns: u64,
    low: u64,
    high: u64,
) -> Result<(), LimitError> {
    let [ps, low, high] = [ns, low, high].map(|ns| ns.saturating_mul(PICOS_PER_NANO));
    duration_within(field, ps, low, high)
}
