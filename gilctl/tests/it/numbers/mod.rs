//! Documents as other programs read them: whole numbers that no double changes, tables that parse.

mod agreement;
pub(crate) mod documents;
pub(crate) mod lab;
mod limits;
mod messages;
mod readers;
mod screens;
mod seeds;
mod tables;
mod widths;
