//! gilctl against a real lab.

mod credentials;
mod end_to_end;
mod interference;
mod rerun;
