//! TODO room.

pub mod compare;
pub mod explain;
pub mod notes;
pub mod phrases;
pub mod ranking;
pub mod verdict;
