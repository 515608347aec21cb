//! The words for the enums of the wire, as lines and tables carry them.

use proto::v1::compared_cell::Outcome;
use proto::v1::{Attention, Fitness, Grade, Order, Pin, Promise, SweepState, Validity, Verdict};

/// A sweep's state, e.g. `RUNNING`.
pub fn state(state: SweepState) -> &'static str {
    state.as_str_name().trim_start_matches("SWEEP_STATE_")
}

/// The order of cells.
pub fn order(order: Order) -> &'static str {
    match order {
        Order::Unspecified | Order::Interleaved => "interleaved",
        Order::Blocked => "blocked",
    }
}

/// By which rule workers are put on cores.
pub fn pin(pin: Pin) -> &'static str {
    match pin {
        Pin::Unspecified | Pin::Auto => "auto",
        Pin::None => "none",
        Pin::Spread => "spread",
        Pin::Pack => "pack",
    }
}

/// What is promised; nothing while it is unknown.
pub fn promise(promise: Promise) -> Option<&'static str> {
    match promise {
        Promise::Unspecified => None,
        Promise::Exact => Some("exact"),
        Promise::Lossy => Some("lossy"),
    }
}

/// What became of the promise; nothing while nothing was measured.
pub fn verdict(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Unspecified => None,
        Verdict::Kept => Some("kept"),
        Verdict::Lost => Some("lost"),
        Verdict::Broken => Some("broken"),
        Verdict::Invalid => Some("invalid"),
    }
}

/// Whether figures mean what they seem to; nothing while nothing was measured.
pub fn validity(validity: Validity) -> Option<&'static str> {
    match validity {
        Validity::Unspecified => None,
        Validity::Ok => Some("ok"),
        Validity::Sequential => Some("sequential"),
        Validity::Noisy => Some("noisy"),
        Validity::Uncontended => Some("uncontended"),
        Validity::Degraded => Some("degraded"),
    }
}

/// What the interpreter does about switching; nothing while it is unknown.
pub fn attention(attention: Attention) -> Option<&'static str> {
    match attention {
        Attention::Unspecified => None,
        Attention::Silent => Some("silent"),
        Attention::Tick => Some("tick"),
        Attention::Site => Some("site"),
    }
}

/// How fit something is for measuring.
pub fn fitness(fitness: Fitness) -> &'static str {
    match fitness {
        Fitness::Unspecified | Fitness::Unknown => "unknown",
        Fitness::Good => "good",
        Fitness::Doubtful => "doubtful",
        Fitness::Bad => "bad",
    }
}

/// What the comparison of a cell comes to; nothing while it is not known of what.
pub fn outcome(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Unspecified => None,
        Outcome::Same => Some("same"),
        Outcome::Faster => Some("faster"),
        Outcome::Slower => Some("slower"),
        Outcome::Righter => Some("righter"),
        Outcome::Wronger => Some("wronger"),
        Outcome::Unknown => Some("undecided"),
    }
}

/// A text of several lines on one.
pub fn one_line(text: &str) -> String {
    text.replace('\n', " ⏎ ")
}

/// How a value stands to the model; `None` where it does not apply.
pub fn grade(grade: Grade) -> Option<&'static str> {
    match grade {
        Grade::Unspecified => None,
        Grade::Reachable => Some("reachable"),
        Grade::Rare => Some("rare"),
        Grade::Impossible => Some("impossible"),
    }
}
