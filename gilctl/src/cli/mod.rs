//! The command line as it was typed. Nothing is interpreted here: `1..=8` and `5ms` are still text,
//! and defaults are the daemon's.

pub mod access;
pub mod explore;
pub mod help;
pub mod history;
pub mod label;
pub mod schema;
pub mod settings;
pub mod target;
pub mod to_request;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::explore::{ExplainFlags, ExploreFlags, ReplayFlags, WitnessFlags};
use crate::cli::help::examples;
use crate::cli::history::{
    CompareFlags, DeleteFlags, ExportFlags, ImportFlags, ListFlags, PlotFlags, PruneFlags,
    ReportFlags, RerunFlags, ResumeFlags, ShowFlags, TraceFlags,
};
use crate::cli::label::LabelFlags;
use crate::cli::schema::SchemaFlags;
use crate::cli::settings::credentials::CredentialFlags;
use crate::cli::settings::{ConfigFlags, TypedFlags};
use crate::cli::target::Target;
use gild::daemon::cli::shell::{CompletionsFlags, ManFlags};
use view::request::output::{Colour, Output};
use view::request::sweep_flags::SweepFlags;

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

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Meet six words and run five commands, in a few seconds
    #[command(before_help = examples::TOUR_EXAMPLES)]
    Tour,
    /// Run a grid of experiments and follow it
    #[command(before_help = examples::SWEEP_EXAMPLES, after_help = examples::LISTS)]
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
    /// Write the turns of a sweep or the moves of a witness, for a trace viewer
    Trace(TraceFlags),
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
    /// Replace the labels of a sweep
    Label(LabelFlags),
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
    /// Show jobs live on the terminal, with the table and picture of one
    #[command(before_help = examples::TOP_EXAMPLES, after_help = examples::TOP_NOTES)]
    Top,
    /// Open the lab's page in a browser, signed in
    #[command(before_help = examples::UI_EXAMPLES)]
    Ui(UiFlags),
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

/// How to open the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct UiFlags {
    /// Only print the address, with a code that works once and for a minute
    #[arg(long)]
    pub no_open: bool,
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
    /// Show it live on the terminal, as `gilctl top` does
    #[arg(long, conflicts_with_all = ["after", "turns"])]
    pub tui: bool,
}
