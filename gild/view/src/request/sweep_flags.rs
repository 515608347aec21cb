//! Flags of a sweep, as they were typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::request::axes::LoadFlags;

/// In which order cells take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CellOrder {
    /// In shuffled rounds (the default)
    Interleaved,
    /// Cell after cell: shows the bias that interleaving avoids
    Blocked,
}

/// Which core a worker runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PinRule {
    /// A core of its own for each worker while there are enough (the default)
    Auto,
    /// The kernel decides
    None,
    /// One core after the other, and round again where there are too few
    Spread,
    /// All workers on one core
    Pack,
}

/// The axes of a sweep and how to run it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line by itself")]
pub struct SweepFlags {
    /// Names of strategies, or `all`; see `gilctl strategies`
    #[arg(long, value_name = "NAMES", required = true, allow_hyphen_values = true)]
    pub strategy: Vec<String>,
    /// CPython eras of the gil strategy: 2.7, 3.2 to 3.13, 3.13t, or `all`: one of each generation
    /// [default: each rule's own]
    #[arg(long, value_name = "ERAS", allow_hyphen_values = true)]
    pub era: Vec<String>,
    /// Switch intervals of the gil strategy: durations above 0, up to 10 s [default:
    /// 5ms,500ns,0.5ns]
    #[arg(long, value_name = "DURATIONS", allow_hyphen_values = true)]
    pub switch_interval: Vec<String>,
    /// Tick budgets of the gil strategy: values of sys.setcheckinterval, 1 to 1000000 [default:
    /// 100,10,1]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub switch_ticks: Vec<String>,
    /// Workers of an attempt, 1 to 64 [default: 2]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub workers: Vec<String>,
    /// Tasks of an attempt, 1 to 1000000 [default: 100]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub tasks: Vec<String>,
    /// Increments of a task, 1 to 1000000000 [default: 1]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub increments: Vec<String>,
    /// Bodies of an increment: increment, split, call, call-first, builtin, len, loop,
    /// forward-jump, io, locked [default: increment]
    #[arg(long, value_name = "NAMES", allow_hyphen_values = true)]
    pub body: Vec<String>,
    /// Bodies by hand, after those that --body names; the flag once for each, since `,` is a step:
    /// up to 32 of the letters that `gilctl strategies` explains, among them one L and after it one
    /// S, e.g. L.CS
    #[arg(long, value_name = "STEPS", allow_hyphen_values = true)]
    pub steps: Vec<String>,
    /// Steps of a task outside its bodies, 0 to 1000000 [default: 600]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub task_steps: Vec<String>,
    /// Cost of every step, for every strategy of the sweep, 0 to 10us [default: 15ns with a gil,
    /// else 0]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub step_cost: Option<String>,
    /// Work between load and store, 0 to 1s [default: 0]
    #[arg(long, value_name = "DURATIONS", allow_hyphen_values = true)]
    pub inside: Vec<String>,
    /// Work after each body, 0 to 1s [default: 0]
    #[arg(long, value_name = "DURATIONS", allow_hyphen_values = true)]
    pub outside: Vec<String>,
    /// What is asked of the system: lengths of a sleep, 0 (none) to 1s, and the words `echo` (a
    /// byte to a socket and back) and `write` (two writes that never block), e.g. 1ms,echo
    /// [default: 0, or 1ms with --io-workers]
    #[arg(long, value_name = "REQUESTS", allow_hyphen_values = true)]
    pub io: Vec<String>,
    /// Increments of one worker between two requests [default: 1]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub io_every: Vec<String>,
    /// Workers that increment while others make requests, 0 to 63 [default: 1, with --io-workers]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub cpu_workers: Vec<String>,
    /// Workers that make requests and nothing else, 1 to 64; instead of --workers, --tasks and
    /// --increments
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub io_workers: Vec<String>,
    /// Requests of each of them in an attempt, 1 to 1000000 [default: 100]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub requests: Option<String>,
    /// An interpreter for the cpython strategy, once for each; a daemon must have been started with
    /// it [default: all that it was started with; without a daemon, what is on PATH]
    #[arg(long, value_name = "PATH")]
    pub python: Vec<PathBuf>,
    /// What loads the locks.
    #[command(flatten)]
    pub load: LoadFlags,
    /// Attempts of each cell, 1 to 100000 [default: 100, with --io-workers 10, with --duration 9; of a
    /// cell that cannot lose an update up to 100, until its rate is known within 3 %]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub attempts: Option<String>,
    /// End a cell early, from 10 rounds on, once the 95 % interval of its median rate lies within
    /// so many percent of it, 0.1% to 50%; --attempts is the most then [default: 100]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub precision: Option<String>,
    /// Fixes the order of rounds (never the operating system's schedule)
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub seed: Option<String>,
    /// In which order cells take turns
    #[arg(long, value_enum, value_name = "ORDER")]
    pub order: Option<CellOrder>,
    /// Which core a worker runs on
    #[arg(long, value_enum, value_name = "RULE")]
    pub pin: Option<PinRule>,
    /// Also measure locks whose waiters never yield (`ticket-spin` and its like) with more workers
    /// than cores; attempts then take long, or fail
    #[arg(long)]
    pub allow_starvation: bool,
    /// Words by which you find it again (`gilctl list --label`), once for each label, 8 at most: up to 32
    /// letters, digits, spaces and . _ - + : / = #; changes nothing that is measured
    #[arg(long, value_name = "WORDS")]
    pub label: Vec<String>,
    /// Print the sweep's id and leave; needs a daemon
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
    /// Plan and check only
    #[arg(long)]
    pub dry_run: bool,
    /// Draw no picture below the table on a terminal
    #[arg(long)]
    pub no_plot: bool,
    /// Also print `turn` lines (with --output ndjson)
    #[arg(long)]
    pub turns: bool,
}
