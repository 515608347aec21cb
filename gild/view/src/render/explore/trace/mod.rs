//! Traces read for people: the numbers of their moves, and the segments that they fall into.

pub mod instructions;
pub mod moves;
pub mod segments;
