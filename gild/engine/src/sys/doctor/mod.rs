//! The doctor: facts about the machine, one rule per fact, and a verdict on its fitness.

pub mod examine;
pub mod facts;
pub mod finding;
pub mod rules;
