//! Plan of a sweep: request, check, expansion of strategies, grid of cells, turns. Every limit is
//! refused here.

pub mod cell;
pub mod check;
pub mod expand;
pub mod grid;
pub mod oversubscription;
pub mod seed;
pub mod spec;
pub mod subject;
pub mod sweep_plan;
pub mod turns;
