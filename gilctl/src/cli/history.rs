//! Flags of the commands about what a lab keeps, as they were typed: resume, rerun, show, plot, report,
//! trace, compare, delete, prune, export, import.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use crate::cli::target::{LatestFlags, Target};

const RESUME_EXAMPLES: &str = "\
Examples:
  gilctl resume latest                    go on with what was interrupted or cancelled
  gilctl resume 4abcde --detach
";

const RERUN_EXAMPLES: &str = "\
Examples:
  gilctl rerun latest                     the same grid with the same seed, as a new sweep
  gilctl rerun 4abcde --new-seed
  gilctl rerun latest && gilctl compare latest~1 latest
";

const SHOW_EXAMPLES: &str = "\
Examples:
  gilctl show latest
  gilctl show 4abcde --output csv
  gilctl show 4abcde --as-command         the command line that asks for this sweep
";

const PLOT_EXAMPLES: &str = "\
Examples:
  gilctl plot latest                      the picture that fits
  gilctl plot 4abcde --picture right --svg right.svg
  gilctl plot latest --picture outcomes --cell 0
  gilctl plot latest~1 latest             ratios of the second to the first
";

const PLOT_NOTES: &str = "\
In a UTF-8 locale pictures have lines and dots, else ASCII characters only. Each series has a letter.
A kind that a sweep cannot give is refused, with the kinds that it can give. Ratios are those of
`gilctl compare`.";

const REPORT_EXAMPLES: &str = "\
Examples:
  gilctl report latest -o report.html     one file for a browser, without network or script
  gilctl report 4abcde -o report.md       Markdown, with drawings in files beside it
  gilctl report latest~1 latest -o change.html  their comparison, then each of them
";

const TRACE_EXAMPLES: &str = "\
Examples:
  gilctl trace latest -o sweep.json       for https://ui.perfetto.dev and chrome://tracing
  gilctl trace latest -o sweep.json.gz    for https://profiler.firefox.com
  gilctl trace 4abcde -o race.json --format firefox
";

const TRACE_NOTES: &str = "\
A sweep has a track for each cell with a slice for each turn, and one for the rounds. When a turn
began is not stored: its slice ends when its event was stored, and is as long as its attempts
together. A witness has a track for each worker with a slice for each move; its time is the number of
the move, a millisecond each, and not measured.";

const LIST_EXAMPLES: &str = "\
Examples:
  gilctl list
  gilctl list --state running,queued
  gilctl list --label \"before the fix\"
  gilctl list --limit 5 --output ndjson
";
/// States of jobs, as lists show them.
const STATES: [&str; 7] =
    ["queued", "running", "cancelling", "succeeded", "failed", "cancelled", "interrupted"];

const COMPARE_EXAMPLES: &str = "\
Examples:
  gilctl compare latest~1 latest          what changed since the sweep before
  gilctl compare 4abcde 9fghij 2klmno     several against the first
  gilctl compare latest~1 latest --by workers  other locks or lengths: cells of equal workers
  gilctl compare latest~1 latest --force  although machine, build or parameters differ
";

const COMPARE_EXITS: &str = "\
Cells with the same parameters are compared: correctness first, then the ratio of their median rates
with its 95 % interval (a bootstrap over rounds) and a rank test. `same` is a ratio whose whole
interval lies between 1/1.1 and 1.1; a wider one that shows no difference is `undecided`: more
attempts narrow it. A cell that lost updates is never `faster`.

Ends with 5 and what differs where sweeps are not comparable, and where they have no cell in common.
Sweeps of other locks or lengths have none: --by pairs cells that are equal in some parameters, and
--force those that are equal in every parameter in which both sweeps have a value in common. What is
ignored so stands over the table. Where several cells fit one, nothing is paired, and the error or
the verdict names the parameters that tell them apart.";

const DELETE_EXAMPLES: &str = "\
Examples:
  gilctl delete 4abcde                    lists it, and asks
  gilctl delete latest latest~1 --dry-run
  gilctl delete 4abcde --yes              without asking, e.g. in a script
";

const PRUNE_EXAMPLES: &str = "\
Examples:
  gilctl prune --keep 30d --dry-run       what is older than 30 days
  gilctl prune --keep 4w --keep-newest 100
  gilctl prune --keep-newest 0 --yes      all of yours that has ended; does not ask
";

const EXPORT_EXAMPLES: &str = "\
Examples:
  gilctl export latest --out sweep.gild
  gilctl export 4abcde | ssh lab gilctl import -
";

const IMPORT_EXAMPLES: &str = "\
Examples:
  gilctl import sweep.gild
  ssh lab gilctl export latest | gilctl import -
";

/// Which sweep to go on with.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = RESUME_EXAMPLES)]
pub struct ResumeFlags {
    /// Which sweep.
    #[command(flatten)]
    pub which: Target,
    /// Leave once it is queued; needs a daemon
    #[arg(long)]
    pub detach: bool,
    /// Also print `turn` lines (with --output ndjson)
    #[arg(long)]
    pub turns: bool,
}

/// Which sweep to ask for once more.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = RERUN_EXAMPLES)]
pub struct RerunFlags {
    /// Which sweep.
    #[command(flatten)]
    pub which: Target,
    /// Let the lab draw another seed
    #[arg(long)]
    pub new_seed: bool,
    /// Print the new sweep's id and leave; needs a daemon
    #[arg(long)]
    pub detach: bool,
    /// Also print `turn` lines (with --output ndjson)
    #[arg(long)]
    pub turns: bool,
}

/// What to show.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = SHOW_EXAMPLES)]
pub struct ShowFlags {
    /// Which sweep or exploration.
    #[command(flatten)]
    pub which: Target,
    /// Print the `gilctl sweep` command that asks for exactly this sweep, with its seed
    #[arg(long)]
    pub as_command: bool,
}

/// What to draw.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = PLOT_EXAMPLES, after_help = PLOT_NOTES)]
pub struct PlotFlags {
    /// A sweep or an exploration, or two to eight sweeps to compare with the first: ids, unique
    /// beginnings or ends, `latest`, `latest~1`
    #[arg(value_name = "ID", required = true, num_args = 1..=8)]
    pub ids: Vec<String>,
    /// The owners whose jobs `latest` counts.
    #[command(flatten)]
    pub owners: LatestFlags,
    /// What to show [default: what fits]
    #[arg(long, value_enum, value_name = "KIND")]
    pub picture: Option<PictureChoice>,
    /// Only the cell of this position, counted from 0, or the cells with this word in their names
    #[arg(long, value_name = "CELL", allow_hyphen_values = true)]
    pub cell: Option<String>,
    /// Also draw it into this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Also write it into this file, as a specification of Vega-Lite
    #[arg(long, value_name = "FILE")]
    pub vega: Option<PathBuf>,
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PictureChoice {
    /// Increments per second against workers, with the fitted Universal Scalability Law
    Rate,
    /// The share that is right, against the switch interval or cell by cell
    Right,
    /// Final values: as they were seen, or of an exploration how likely they are
    Outcomes,
    /// Percentiles of the waits for the lock
    Waits,
    /// How evenly the workers shared the work
    Shares,
    /// The rate of each round, in the order in which they were run
    Rounds,
    /// Ratios of rates between sweeps
    Ratios,
    /// Share of updates that was lost, as a heat map of eras or strategies and bodies
    Heatmap,
    /// Share of each worker in the increments
    Workers,
}

/// What to write about, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = REPORT_EXAMPLES)]
pub struct ReportFlags {
    /// A sweep, or two to eight sweeps to compare with the first: ids, unique beginnings or ends,
    /// `latest`, `latest~1`
    #[arg(value_name = "ID", required = true, num_args = 1..=8)]
    pub ids: Vec<String>,
    /// The owners whose sweeps `latest` counts.
    #[command(flatten)]
    pub owners: LatestFlags,
    /// The file, ending in .html or .md; it is there as a whole or not at all. Markdown has its
    /// drawings beside it, e.g. report-rate.svg
    #[arg(long, short = 'o', value_name = "FILE")]
    pub out: PathBuf,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
}

/// What to write for a program that shows traces, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = TRACE_EXAMPLES, after_help = TRACE_NOTES)]
pub struct TraceFlags {
    /// Which sweep or witness.
    #[command(flatten)]
    pub which: Target,
    /// The file; it is there as a whole or not at all, and compressed if it ends in .gz
    #[arg(long, short = 'o', value_name = "FILE")]
    pub out: PathBuf,
    /// What it is written in [default: by the file's name: chrome for .json, firefox for .json.gz]
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: Option<TraceForm>,
    /// Overwrite the file if there is one
    #[arg(long)]
    pub force: bool,
}

/// What a trace is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TraceForm {
    /// Trace events, for Perfetto and the tracing page of Chrome
    Chrome,
    /// A processed profile, for the Firefox Profiler
    Firefox,
}

/// Which sweeps to hold against the first.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = COMPARE_EXAMPLES, after_help = COMPARE_EXITS)]
pub struct CompareFlags {
    /// Two to eight sweeps, the first of which is the base: ids, unique beginnings or ends,
    /// `latest`, `latest~1`
    #[arg(value_name = "ID", required = true, num_args = 2..=8)]
    pub ids: Vec<String>,
    /// The owners whose sweeps `latest` counts.
    #[command(flatten)]
    pub owners: LatestFlags,
    /// Compare although machine, build or settings differ, and pair cells by what the sweeps have in
    /// common; the answer says so
    #[arg(long)]
    pub force: bool,
    /// Pair cells that are equal in these parameters, whatever else differs: flags of `sweep` without
    /// dashes, e.g. strategy,workers [default: all]
    #[arg(long, value_name = "AXES")]
    pub by: Vec<String>,
    /// Draw no picture below the table on a terminal
    #[arg(long)]
    pub no_plot: bool,
}

/// What to forget.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = DELETE_EXAMPLES)]
pub struct DeleteFlags {
    /// Sweeps and explorations that have ended: ids, unique beginnings or ends, `latest`,
    /// `latest~1`
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// The owners whose jobs `latest` counts.
    #[command(flatten)]
    pub owners: LatestFlags,
    /// Whether to delete, and whether to ask.
    #[command(flatten)]
    pub consent: Consent,
}

/// How much of the history to keep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(before_help = PRUNE_EXAMPLES)]
pub struct PruneFlags {
    /// The bounds.
    #[command(flatten)]
    pub bounds: Bounds,
    /// Also what others own, if you are an admin of the lab; without it only what is yours
    #[arg(long)]
    pub all: bool,
    /// Whether to delete, and whether to ask.
    #[command(flatten)]
    pub consent: Consent,
}

/// Whether to delete, and whether to ask before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Consent {
    /// Only list what would be deleted
    #[arg(long)]
    pub dry_run: bool,
    /// Delete without asking; needed where stdin is not a terminal
    #[arg(long, short = 'y', conflicts_with = "dry_run")]
    pub yes: bool,
}

/// What to keep; at least one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[group(required = true, multiple = true)]
pub struct Bounds {
    /// Keep what is younger than this, e.g. 30d (units w, d, h, min, s)
    #[arg(long, value_name = "AGE", allow_hyphen_values = true)]
    pub keep: Option<String>,
    /// Keep at most so many sweeps and so many explorations, the newest
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub keep_newest: Option<String>,
}

/// What to export, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = EXPORT_EXAMPLES)]
pub struct ExportFlags {
    /// Which sweep.
    #[command(flatten)]
    pub which: Target,
    /// The file; it is there as a whole or not at all [default: stdout, unless that is a terminal]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Overwrite the file if there is one
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// Which jobs are listed.
#[derive(Debug, Clone, PartialEq, Eq, Args, Default)]
#[command(before_help = LIST_EXAMPLES)]
pub struct ListFlags {
    /// Only in one of these states
    #[arg(long, value_name = "STATES", value_delimiter = ',', ignore_case = true,
          value_parser = PossibleValuesParser::new(STATES))]
    pub state: Vec<String>,
    /// Only of this owner
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only sweeps with this label; explorations have none
    #[arg(long, value_name = "WORDS")]
    pub label: Option<String>,
    /// So many of each kind at most, the newest
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub limit: Option<String>,
}

/// What to import.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = IMPORT_EXAMPLES)]
pub struct ImportFlags {
    /// A file that `gilctl export` wrote, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
