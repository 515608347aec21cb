//! Writing: the queue of requests, the thread that performs them in groups, and their rows.

mod committed;
pub(crate) mod inbox;
pub(crate) mod transaction;
mod turn_rows;
pub(crate) mod writer;
