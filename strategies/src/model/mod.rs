//! The same strategies as steps that can be explored exactly: what *can* happen, how likely it is,
//! and a schedule that makes it happen.
//!
//! | word | meaning |
//! |---|---|
//! | move | a step as the strategy makes it: [`outline`] |
//! | program | workers that each make the same moves on one counter: [`program`] |
//! | schedule | who makes each move |
//! | scheduler | how likely each schedule is: [`scheduler`] |
//!
//! The general [`search`] walks forwards through states; the reverse [`chain`] reads schedules
//! backwards and needs no values. Each checks the other.
//! A closed model: it knows no time, no processor and no memory ordering.

pub mod bounds;
pub mod chain;
pub mod classes;
pub mod estimate;
pub mod forward;
mod layer;
pub mod limit;
pub mod outline;
pub mod packed;
pub mod program;
pub mod question;
pub mod queue;
pub mod ratio;
pub mod reach;
pub mod replay;
pub mod round_robin;
pub mod sample;
pub mod schedule;
pub mod scheduler;
pub mod search;
pub mod survey;
pub mod witness;
