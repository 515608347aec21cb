//! TODO room.

pub mod parking_lot_fair;
pub mod parking_lot_mutex;
pub mod pthread;
pub mod std_mutex;
