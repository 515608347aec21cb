//! Locks with concurrent readers.

pub mod rwlock;
pub mod seqlock;
