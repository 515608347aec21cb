//! gilctl against a real lab.

mod credentials;
pub(crate) mod end_to_end;
mod interference;
mod rerun;
