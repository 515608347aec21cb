//! Strategies without a lock.

pub mod atomic;
pub mod cas_loop;
pub mod sharded;
pub mod unlocked;
