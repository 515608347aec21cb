//! TODO room.

pub mod spin_wait;
pub mod test_and_set;
