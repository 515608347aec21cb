//! gilctl against a real lab.

pub(crate) mod beside;
mod credentials;
mod documented;
pub(crate) mod end_to_end;
mod hints;
mod histograms;
mod interference;
mod models;
mod named;
mod own_history;
mod own_page;
mod question;
mod reading;
mod rerun;
mod tour;
mod transcripts;
