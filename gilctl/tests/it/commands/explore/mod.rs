//! Commands of the explorer.

mod exploration;
mod replay;
mod sizes;
mod witness;
