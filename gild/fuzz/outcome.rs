//! Outcomes of an input, their signatures, and the properties of every refusal.

use std::fmt;

use strategies::program::limit::LimitError;

/// Most bytes of a refusal as it is sent: it travels twice in headers, escaped, of which clients
/// take 16 KiB in all.
pub(crate) const REFUSAL_BYTES_MAX: usize = 2048;
/// Most bytes of an answer: what any client of gRPC takes by default.
pub(crate) const ANSWER_BYTES_MAX: usize = 4 << 20;

/// What came of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is no message of that kind.
    Undecoded,
    /// It was refused.
    Refused {
        /// The field that the refusal names.
        field: String,
        /// The first words of the reason.
        reason: String,
    },
    /// It was accepted.
    Accepted {
        /// Roughly what it came to.
        shape: String,
    },
}

/// Something that must never be: what, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach(pub(crate) String);

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecoded => f.write_str("undecoded"),
            Self::Refused { field, reason } => write!(f, "refused {field}: {reason}"),
            Self::Accepted { shape } => write!(f, "accepted {shape}"),
        }
    }
}

impl Outcome {
    /// Its place in a count of outcomes: undecoded, refused, accepted.
    pub(crate) const fn place(&self) -> usize {
        match self {
            Self::Undecoded => 0,
            Self::Refused { .. } => 1,
            Self::Accepted { .. } => 2,
        }
    }
}

/// A breach unless it holds.
pub(crate) fn hold(holds: bool, what: impl FnOnce() -> String) -> Result<(), Breach> {
    if holds { Ok(()) } else { Err(Breach(what())) }
}

/// Accepted, and so it came to.
#[expect(clippy::unnecessary_wraps, reason = "the end of what may be a breach before")]
pub(crate) fn accepted(shape: impl Into<String>) -> Result<Outcome, Breach> {
    Ok(Outcome::Accepted { shape: shape.into() })
}

/// A refusal says which field, which value, why and what else to do; and it fits where it is sent.
pub(crate) fn refused(error: &LimitError) -> Result<Outcome, Breach> {
    let LimitError { field, value: _, reason, way_out } = error;
    let way_out = way_out.to_string();
    for (part, text) in [("field", *field), ("reason", reason), ("way out", &way_out)] {
        hold(!text.is_empty(), || format!("a refusal without a {part}: {error:?}"))?;
    }
    refused_as(field, reason, &error.to_string())
}

/// The same of an error that is no [`LimitError`]; `shown` is all that is sent.
pub(crate) fn refused_as(field: &str, reason: &str, shown: &str) -> Result<Outcome, Breach> {
    hold(shown.len() <= REFUSAL_BYTES_MAX, || {
        format!("a refusal of {} bytes, and {REFUSAL_BYTES_MAX} can be sent: {field}", shown.len())
    })?;
    hold(!shown.contains(char::is_control), || {
        format!("a refusal with control letters: {shown:?}")
    })?;
    Ok(Outcome::Refused { field: field.into(), reason: first_words(reason) })
}

/// The first words that are no number and nothing quoted: what tells reasons apart, not values.
fn first_words(reason: &str) -> String {
    const WORDS: usize = 4;
    let is_plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    reason.split_whitespace().take(WORDS).filter(is_plain).collect::<Vec<_>>().join(" ")
}

/// A size as its power of two, so that sizes near each other are one signature.
pub(crate) fn magnitude(size: usize) -> u32 {
    usize::BITS - size.leading_zeros()
}
