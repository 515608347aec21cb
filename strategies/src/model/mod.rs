//! The same strategies as steps that can be explored exactly: what *can* happen, how likely it is,
//! and a schedule that makes it happen.
//!
//! | word | meaning |
//! |---|---|
//! | move | a step as the strategy makes it: [`moves`] |
//! | program | workers that each make the same moves on one counter: [`program`] |
//! | schedule | who makes each move |
//! | scheduler | how likely each schedule is: [`scheduler`] |
//!
//! The general [`search`](crate::explore::forward::search) walks forwards through states; the reverse
//! [`chain`](crate::explore::reverse::chain) reads schedules backwards and needs no values. Each
//! checks the other.
//! A closed model: it knows no time, no processor and no memory ordering.

pub mod bounds;
pub mod counting;
pub mod long_program;
pub mod moves;
pub mod program;
pub mod rare_switch;
pub mod ratio;
pub mod replay;
pub mod schedule;
pub mod scheduler;
pub mod state;
