//! Spin locks and their waiting loops.

pub mod spin_wait;
pub mod test_and_set;
