//! TODO room.

pub mod expand;
pub mod grid;
pub mod oversubscription;
pub mod seed;
pub mod subject;
pub mod sweep_spec;
