//! TODO room.

pub mod rwlock;
pub mod seqlock;
