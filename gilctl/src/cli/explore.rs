//! Flags of the explorer's commands: what a strategy can do, how, and why a figure is what it is.
//! Like all flags they are text; the daemon knows names, limits and what contradicts what.

use std::path::PathBuf;

use clap::Args;

use crate::cli::target::Target;

const EXPLORE_EXAMPLES: &str = "\
Examples:
  gilctl explore --strategy unlocked --workers 2 --increments 10
  gilctl explore --strategy unlocked --workers 4 --increments 3 --scheduler uniform-step
  gilctl explore --strategy unlocked --scheduler switch-q --q 0.05 --exact
  gilctl explore --strategy unlocked --increments 50 --scheduler every-k --k 7
  gilctl explore --strategy gil --era 3.12 --body call
  gilctl explore --strategy fair-mutex --output json
";

const WITNESS_EXAMPLES: &str = "\
Examples:
  gilctl witness --strategy unlocked --workers 2 --increments 10 --value 2
  gilctl witness --strategy unlocked --workers 3 --increments 4 --value 2 --svg race.svg
  gilctl witness --strategy gil --era 3.9 --body call --increments 5 --value 2
  gilctl witness --strategy unlocked --increments 1000000 --value 2
";

const WITNESS_EXITS: &str = "\
Ends with 0 if the value can happen, and with 8 (not found) and the reason if no schedule leads \
to it.";

const REPLAY_EXAMPLES: &str = "\
Examples:
  gilctl replay gild1 unlocked 2x1 LS 6a31aced8b48016e T0x1 T1x2 T0x1
  gilctl witness --strategy unlocked --value 2 --output json | jq -r .trace.script | gilctl replay -

The last line of `gilctl witness` is such a command. Ends with 3 where model and threads differ.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  gilctl explain latest
  gilctl explain 4abcde --cell 0
";

/// A strategy, what its workers do, and how likely schedules are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct QuestionFlags {
    /// Name of the strategy; see `gilctl strategies`
    #[arg(long, value_name = "NAME")]
    pub strategy: String,
    /// Workers, 1 to 8 [default: 2]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub workers: Option<String>,
    /// Increments of each worker, 1 to 1000000 [default: 10]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub increments: Option<String>,
    /// Steps of one increment as letters, e.g. LS: load, store
    #[arg(long, value_name = "LETTERS", conflicts_with = "body")]
    pub steps: Option<String>,
    /// Name of the body of one increment [default: increment for gil, else the steps LS]
    #[arg(long, value_name = "NAME")]
    pub body: Option<String>,
    /// CPython era of the gil strategy: 2.7, 3.2 to 3.13, 3.13t [default: 3.9]
    #[arg(long, value_name = "ERA")]
    pub era: Option<String>,
    /// Tick budget of the gil strategy [default: the holder may be replaced at any check site]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub switch_ticks: Option<String>,
    /// How likely schedules are: interleavings (all equally), uniform-step (at each step all who
    /// may move equally), switch-q (after each step another with probability q), every-k (another
    /// after every k steps) [default: interleavings]
    #[arg(long, value_name = "NAME")]
    pub scheduler: Option<String>,
    /// Probability of a switch after a step, a decimal or a fraction; with switch-q
    #[arg(long, value_name = "PROBABILITY", allow_hyphen_values = true)]
    pub q: Option<String>,
    /// Steps between two switches; with every-k
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub k: Option<String>,
    /// Steps before the first switch, 1 to k; with every-k [default: over all of them]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub phase: Option<String>,
}

impl QuestionFlags {
    /// What was typed of it that decides which schedules there are; the others decide only how
    /// likely each is.
    pub fn words_of_schedules(&self) -> Vec<String> {
        let typed = [
            ("--strategy", Some(&self.strategy)),
            ("--workers", self.workers.as_ref()),
            ("--increments", self.increments.as_ref()),
            ("--steps", self.steps.as_ref()),
            ("--body", self.body.as_ref()),
            ("--era", self.era.as_ref()),
            ("--switch-ticks", self.switch_ticks.as_ref()),
        ];
        let typed = typed.into_iter().filter_map(|(flag, value)| Some((flag, value?)));
        typed.flat_map(|(flag, value)| [flag.to_owned(), value.clone()]).collect()
    }
}

/// What to explore, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(before_help = EXPLORE_EXAMPLES)]
pub struct ExploreFlags {
    /// The question.
    #[command(flatten)]
    pub question: QuestionFlags,
    /// Also print probabilities as fractions, and every digit of the counts, beyond the search up to
    /// 100000 turns of all workers
    #[arg(long)]
    pub exact: bool,
    /// Print the exploration's id and leave; needs a daemon
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
    /// Check and estimate only
    #[arg(long)]
    pub dry_run: bool,
}

/// Which value is to be shown happening.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(before_help = WITNESS_EXAMPLES, after_help = WITNESS_EXITS)]
pub struct WitnessFlags {
    /// The counter in the end
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub value: String,
    /// The question.
    #[command(flatten)]
    pub question: QuestionFlags,
    /// Also draw it as a space-time diagram into this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// Which schedule to play.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(before_help = REPLAY_EXAMPLES)]
pub struct ReplayFlags {
    /// The words of a script as `explore` and `witness` print it, or `-` to read it from stdin
    #[arg(value_name = "SCRIPT", required = true)]
    pub script: Vec<String>,
    /// Also draw it as a space-time diagram into this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// Which sweep's figures to explain.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = EXPLAIN_EXAMPLES)]
pub struct ExplainFlags {
    /// Which sweep.
    #[command(flatten)]
    pub which: Target,
    /// Only this cell, counted from 0
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub cell: Option<String>,
}
