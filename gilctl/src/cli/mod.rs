//! The command line as it was typed. Nothing is interpreted here: `1..=8` and `5ms` are still text,
//! and defaults are the daemon's.

pub mod access;
pub mod axes;
pub mod explore;
pub mod flag;
pub mod help;
pub mod history;
pub mod parse;
pub mod schema;
pub mod settings;
pub mod target;
pub mod to_request;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::axes::LoadFlags;
use crate::cli::explore::{ExplainFlags, ExploreFlags, ReplayFlags, WitnessFlags};
use crate::cli::help::examples;
use crate::cli::history::{
    CompareFlags, DeleteFlags, ExportFlags, ImportFlags, ListFlags, PlotFlags, PruneFlags,
    ReportFlags, RerunFlags, ResumeFlags, ShowFlags,
};
use crate::cli::schema::SchemaFlags;
use crate::cli::settings::credentials::CredentialFlags;
use crate::cli::settings::{ConfigFlags, TypedFlags};
use crate::cli::target::Target;
use gild::daemon::cli::shell::{CompletionsFlags, ManFlags};

const SERVER: &str = "The daemon: unix:///path, http:// or https://host:port [default: the local \
                      socket, else embedded]";

/// Everything that was typed.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(
    name = "gilctl",
    version,
    about = "gilctl runs concurrency experiments: threads share a counter under a lock strategy, and it \
             says who lost updates and how fast each was",
    help_template = examples::TEMPLATE,
    before_help = examples::EXAMPLES,
    after_help = crate::exit::help(),
    max_term_width = 100
)]
pub struct Flags {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without it help is printed.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags of every command.
#[expect(clippy::struct_excessive_bools, reason = "what was typed: each is a flag of its own")]
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Where the daemon is.
    #[arg(long, global = true, env = "GILCTL_SERVER", value_name = "URL", help = SERVER)]
    pub server: Option<String>,
    /// What opens its port.
    #[command(flatten)]
    pub credentials: CredentialFlags,
    /// Run the lab inside gilctl, whatever --server says
    #[arg(long, global = true)]
    pub embedded: bool,
    /// Directory of the history of a lab inside gilctl [default: gild in `$XDG_DATA_HOME`, or in
    /// ~/.local/share]
    #[arg(long, global = true, env = "GILCTL_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// A lab inside gilctl keeps nothing
    #[arg(long, global = true)]
    pub no_history: bool,
    /// What stdout carries
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub output: Output,
    /// Columns of a sweep's table, in this order, e.g. strategy,right,rate; `all` for every one that
    /// applies [default: those that answer the question, and more where there is room]
    #[arg(long, global = true, value_name = "NAMES", conflicts_with = "verbose")]
    pub columns: Option<String>,
    /// When to colour; `NO_COLOR` is honoured
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// No progress and no hints
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Every column, and which lab answered
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Which of all flags were typed; known once the command line is.
    #[arg(skip)]
    pub typed: TypedFlags,
}

/// What stdout carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table for people
    Table,
    /// One JSON document a line, as things happen
    Ndjson,
    /// One JSON document at the end
    Json,
    /// A header and one row a cell
    Csv,
    /// The table for documents
    Markdown,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal
    Auto,
    /// Even into a file
    Always,
    /// Not at all
    Never,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Meet six words and run five commands, in a few seconds
    #[command(before_help = examples::TOUR_EXAMPLES)]
    Tour,
    /// Run a grid of experiments and follow it
    Sweep(Box<SweepFlags>),
    /// List strategies, bodies and eras, or a body's instructions
    #[command(before_help = examples::STRATEGIES_EXAMPLES)]
    Strategies(StrategiesFlags),
    /// Measure what a step and a task cost in a real interpreter
    #[command(before_help = examples::CALIBRATE_EXAMPLES)]
    Calibrate(CalibrateFlags),
    /// Say what can come out under a strategy, and how likely it is
    Explore(Box<ExploreFlags>),
    /// Show how a value comes out, step by step, or why it never does
    Witness(Box<WitnessFlags>),
    /// Play a schedule in the model and on real threads
    Replay(ReplayFlags),
    /// Say which law or limit made a sweep's figures
    Explain(ExplainFlags),
    /// List the daemon's sweeps and explorations, newest first
    List(ListFlags),
    /// Print a sweep or an exploration, or the command that asks for it
    Show(ShowFlags),
    /// Draw a sweep or an exploration, or the ratios between sweeps
    Plot(PlotFlags),
    /// Write sweeps as a page with tables and pictures, HTML or Markdown
    Report(ReportFlags),
    /// Follow a sweep or an exploration from its beginning
    #[command(before_help = examples::WATCH_EXAMPLES)]
    Watch(WatchFlags),
    /// Stop a sweep or an exploration; what was found is kept
    #[command(before_help = examples::CANCEL_EXAMPLES)]
    Cancel(Target),
    /// Go on with an interrupted or cancelled sweep, and follow it
    Resume(ResumeFlags),
    /// Ask for a sweep once more, with the same seed, and follow it
    Rerun(RerunFlags),
    /// Hold sweeps against the first of them, cell by cell
    Compare(CompareFlags),
    /// Forget sweeps and explorations
    Delete(DeleteFlags),
    /// Forget what is old
    Prune(PruneFlags),
    /// Write a sweep with all that is kept of it into a file
    Export(ExportFlags),
    /// Store a sweep from such a file
    Import(ImportFlags),
    /// Say how the daemon is doing: what runs, what waits, what is kept
    #[command(before_help = examples::STATUS_EXAMPLES)]
    Status,
    /// Say whether this machine is fit to measure, and what to do
    #[command(before_help = examples::DOCTOR_EXAMPLES, after_help = examples::DOCTOR_EXITS)]
    Doctor,
    /// Print the JSON Schema of a document, or of lines of NDJSON
    #[command(before_help = examples::SCHEMA_EXAMPLES)]
    Schema(SchemaFlags),
    /// Print the settings of gilctl and where each comes from
    #[command(before_help = examples::CONFIG_EXAMPLES, after_help = examples::CONFIG_NOTES)]
    Config(ConfigFlags),
    /// Print the script that completes commands and flags in a shell
    #[command(before_help = examples::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsFlags),
    /// Print or write the manual pages
    #[command(before_help = examples::MAN_EXAMPLES)]
    Man(ManFlags),
}

/// Which bodies to list, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct StrategiesFlags {
    /// List the instructions of these bodies, and where each era lets others in
    #[arg(long, value_name = "NAMES", allow_hyphen_values = true)]
    pub body: Vec<String>,
    /// As these eras see them [default: one of each generation]
    #[arg(long, value_name = "ERAS", requires = "body", allow_hyphen_values = true)]
    pub era: Vec<String>,
}

/// Which interpreter to measure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct CalibrateFlags {
    /// The interpreter; a daemon must have been started with it [default: the only one it has;
    /// without a daemon, what is on PATH]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
}

/// What to follow, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct WatchFlags {
    /// Which sweep or exploration.
    #[command(flatten)]
    pub which: Target,
    /// Skip the events up to this sequence number
    #[arg(long, value_name = "SEQUENCE", allow_hyphen_values = true)]
    pub after: Option<String>,
    /// Also print `turn` lines (with --output ndjson)
    #[arg(long)]
    pub turns: bool,
}

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
#[command(before_help = examples::SWEEP_EXAMPLES, after_help = examples::LISTS)]
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
