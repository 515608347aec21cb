//! The kinds of pictures, a file each.

pub mod exploration;
pub(super) mod heatmap;
pub(super) mod outcomes;
pub(super) mod rate;
pub mod ratios;
pub(super) mod right;
pub(super) mod rounds;
pub(super) mod shares;
pub(super) mod waits;
pub(super) mod workers;
