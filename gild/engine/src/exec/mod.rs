//! Execution: one attempt of a cell on threads or in an interpreter, from seed to observation.

pub mod attempt;
pub mod executor;
pub mod lost_workers;
pub mod pool_task;
pub mod replay;
#[cfg(any(test, debug_assertions))]
pub mod stall_injection;
pub mod timed;
pub mod trial;
pub mod worker_pool;
pub mod worker_status;
