//! Live terminal: `gilctl top` and `gilctl watch --tui`. A pure state machine ([`state`]) is changed by
//! [`event`]s and asks for [`event::Effect`]s; [`draw`] turns it into characters; [`run`] owns the
//! terminal, the keys and the calls of the lab ([`feed`]).
//!
//! ```text
//!   keys --Key--.                        .--> draw --Buffer--> terminal
//!               +--Event--> state -------+
//!   feed -------'  ^                     '--Effect--.
//!     ^            '-- ticks of the clock           |
//!     '---------------------------------------------'
//! ```
//!
//! Rows, words and pictures are those of the crate `view`; nothing is computed here.

pub mod draw;
pub mod event;
pub mod feed;
pub mod job_log;
pub mod keys;
pub mod run;
pub mod state;
pub mod terminal;
