//! gilctl against a real lab.

mod credentials;
pub(crate) mod end_to_end;
mod histograms;
mod interference;
mod rerun;
