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
    shown(.way_out, WAY_OUT_LETTERS_MAX)
)]
pub struct LimitError {
    /// The field as the wire names it.
    pub field: &'static str,
    /// The refused value.
    pub value: String,
    /// Why it is refused, with the limit.
    pub reason: String,
    /// What to do instead.
    pub way_out: String,
}

impl LimitError {
    /// A number that is not within `low..=high`.
    pub fn range<T: fmt::Display>(field: &'static str, value: T, low: T, high: T) -> Self {
        Self {
            field,
            value: value.to_string(),
            reason: "is outside the limits".into(),
            way_out: format!("choose a value from {low} to {high}"),
        }
    }
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
