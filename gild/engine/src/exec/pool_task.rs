//! The task that every thread of a worker pool runs.

/// A task; called once by each worker of a batch with the worker's index.
pub type PoolTask = dyn Fn(usize) + Send + Sync;
