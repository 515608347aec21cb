//! Names of the protocol's enum values in records and tables.

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

/// The rule that assigns workers to cores.
pub fn pin(pin: Pin) -> &'static str {
    match pin {
        Pin::Unspecified | Pin::Auto => "auto",
        Pin::None => "none",
        Pin::Spread => "spread",
        Pin::Pack => "pack",
    }
}

/// The promise; absent while it is unknown.
pub fn promise(promise: Promise) -> Option<&'static str> {
    match promise {
        Promise::Unspecified => None,
        Promise::Exact => Some("exact"),
        Promise::Lossy => Some("lossy"),
    }
}

/// The verdict on the promise; absent without a measurement.
pub fn verdict(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Unspecified => None,
        Verdict::Kept => Some("kept"),
        Verdict::Lost => Some("lost"),
        Verdict::Broken => Some("broken"),
        Verdict::Invalid => Some("invalid"),
    }
}

/// The validity of the figures; absent without a measurement.
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

/// What the interpreter checks after an instruction; absent while it is unknown.
pub fn attention(attention: Attention) -> Option<&'static str> {
    match attention {
        Attention::Unspecified => None,
        Attention::Silent => Some("silent"),
        Attention::Tick => Some("tick"),
        Attention::Site => Some("site"),
    }
}

/// The fitness for measuring.
pub fn fitness(fitness: Fitness) -> &'static str {
    match fitness {
        Fitness::Unspecified | Fitness::Unknown => "unknown",
        Fitness::Good => "good",
        Fitness::Doubtful => "doubtful",
        Fitness::Bad => "bad",
    }
}

/// The outcome of comparing a cell; absent while it is unknown.
pub fn outcome(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Unspecified => None,
        Outcome::Same => Some("same"),
        Outcome::Faster => Some("faster"),
        Outcome::Slower => Some("slower"),
        Outcome::Righter => Some("righter"),
        Outcome::Wronger => Some("wronger"),
        Outcome::Undecided | Outcome::Unknown => Some("undecided"),
    }
}

/// A text of several lines as one line.
pub fn one_line(text: &str) -> String {
    text.replace('\n', " ⏎ ")
}

/// The grade of a value in the model; absent where it does not apply.
pub fn grade(grade: Grade) -> Option<&'static str> {
    match grade {
        Grade::Unspecified => None,
        Grade::Reachable => Some("reachable"),
        Grade::Rare => Some("rare"),
        Grade::Impossible => Some("impossible"),
    }
}
