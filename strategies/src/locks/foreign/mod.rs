//! Library locks, measured as they are.

pub mod adapter;
pub mod parking_lot_fair;
pub mod parking_lot_mutex;
pub mod pthread;
pub mod std_mutex;
