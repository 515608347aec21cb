//! Compatibility with commit 2c8d602: its history, what its gilctl printed from it, what its gilctl
//! and gild sent each other, and its flags. `tests/data/2c8d602/README.md` describes the records.

mod documents;
mod flags;
pub(crate) mod history;
mod permitted;
pub(crate) mod raw;
pub(crate) mod record;
mod replay;
mod wire;
