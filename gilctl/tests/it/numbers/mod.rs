//! Documents as other programs read them: whole numbers that no double changes, tables that parse.

mod documents;
mod lab;
mod limits;
mod messages;
mod readers;
mod seeds;
mod tables;
mod widths;
