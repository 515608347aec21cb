//! The flags that load locks, as they were typed.

use clap::Args;

/// How long, how mixed, how many locks, how often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct LoadFlags {
    /// Increment for so long instead of taking tasks, 10ms to 8s: rates, fairness by window, waits,
    /// order, hand-over; instead of --tasks and --increments
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub duration: Option<String>,
    /// How the lengths of --inside and --outside are drawn around their means, for each body:
    /// fixed, uniform, exponential [default: fixed]
    #[arg(long, value_name = "NAMES", allow_hyphen_values = true)]
    pub lengths: Vec<String>,
    /// Locks, each with a counter of its own; each body takes one at random, 1 to 4096 [default: 1]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub locks: Vec<String>,
    /// Percent of the bodies that only read, 0 to 99 [default: 0]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub reads: Vec<String>,
    /// Bodies that arrive per second for all workers together, whether or not those before them are
    /// done, 1 to 10000000; waits count from arrival. 0 begins each when the last is done; needs
    /// --duration [default: 0]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub arrivals: Vec<String>,
}
