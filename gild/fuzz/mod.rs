//! A seeded fuzzer of all that a request goes through before anything runs: decoding, names,
//! limits, planning, estimates, scripts. Shared by the bench (millions of inputs) and a test (the
//! kept corpus and a few fresh ones). Never starts a lab, a thread that measures, or a process.
//!
//! ```text
//! seed, number -> target: an input -> guard: wall time, memory, panics -> door: what the service does
//!              -> outcome -> signature -> corpus: one small input for each new signature
//! ```
//! [`door`] says which inputs there are; [`sweeps`], [`explorations`], [`names`] and [`texts`] hold
//! what must be true of each; [`target`] makes inputs with [`bytes`], [`requests`], [`questions`]
//! and [`writing`]; [`guard`] and [`watchdog`] catch what must never happen; [`session`] is the
//! loop.

pub(crate) mod bytes;
pub(crate) mod chance;
pub(crate) mod corpus;
pub(crate) mod door;
pub(crate) mod explorations;
pub(crate) mod guard;
pub(crate) mod names;
pub(crate) mod outcome;
pub(crate) mod questions;
pub(crate) mod report;
pub(crate) mod requests;
pub(crate) mod session;
pub(crate) mod sweeps;
pub(crate) mod target;
pub(crate) mod texts;
pub(crate) mod watchdog;
pub(crate) mod writing;
