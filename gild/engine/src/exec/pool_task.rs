//! The task that every thread of a worker pool runs.

/// What each worker of a batch does, given its index.
pub type PoolTask = dyn Fn(usize) + Send + Sync;
