//! Services of the daemon over real sockets: sweeps, explorations, interpreters, quotas, errors.

mod discovery;
pub(crate) mod explorations;
mod interpreters;
mod labels;
mod lanes;
mod message_sizes;
mod rejections;
mod sweeps;
mod watch;
