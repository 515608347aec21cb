//! Whole numbers in documents: none that a reader with doubles would change.

mod documents;
mod lab;
mod limits;
mod messages;
mod readers;
mod seeds;
