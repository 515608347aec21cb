//! Short help: what `-h` prints, one line a flag and the rest left to `--help`.

use std::ffi::OsString;

use clap::{Arg, Command};

use crate::cli::help::{examples, whole};

/// Commands that the short help of gilctl leaves to `--help`.
const RARE_COMMANDS: [&str; 13] = [
    "delete",
    "rerun",
    "label",
    "calibrate",
    "replay",
    "trace",
    "prune",
    "export",
    "import",
    "config",
    "schema",
    "completions",
    "man",
];
/// Flags of every command in the short help, with one line each.
const GLOBAL: [(&str, &str); 4] = [
    ("server", "A daemon's address [default: the local one]"),
    ("output", "table, ndjson, json, csv or markdown"),
    ("quiet", "No progress and no hints"),
    ("verbose", "Every column, and which lab answered"),
];
/// Flags of `sweep` in its short help, with one line each.
const SWEEP: [(&str, &str); 19] = [
    ("strategy", "Names that `gilctl strategies` lists"),
    ("era", "CPython eras of the gil strategy"),
    ("switch_interval", "Switch intervals of the gil strategy"),
    ("switch_ticks", "Tick budgets of the gil strategy"),
    ("workers", "Workers of an attempt [default: 2]"),
    ("tasks", "Tasks of an attempt [default: 100]"),
    ("increments", "Increments of a task [default: 1]"),
    ("body", "How an increment is written, e.g. call"),
    ("inside", "Work between load and store"),
    ("outside", "Work after each body"),
    ("python", "An interpreter for the cpython strategy"),
    ("duration", "Increment for so long instead of tasks"),
    ("attempts", "Attempts of each cell [default: up to 100]"),
    ("precision", "End a cell early, once it is so precise"),
    ("seed", "Fixes the order of rounds"),
    ("pin", "Which core a worker runs on"),
    ("detach", "Print the id and leave; needs a daemon"),
    ("dry_run", "Plan and check only"),
    ("no_plot", "Draw no picture below the table"),
];

/// Flags of `explore` and `witness` in their short help, with one line each.
const QUESTION: [(&str, &str); 12] = [
    ("value", "The counter in the end"),
    ("strategy", "A name that `gilctl strategies` lists"),
    ("workers", "Workers, 1 to 8 [default: 2]"),
    ("increments", "Increments of each worker [default: 10]"),
    ("steps", "Steps of one increment, e.g. LS: load, store"),
    ("body", "How an increment is written, e.g. call"),
    ("era", "CPython era of the gil strategy [default: 3.9]"),
    ("scheduler", "How likely schedules are"),
    ("exact", "Also print fractions and every digit"),
    ("svg", "Also draw it into this file"),
    ("detach", "Print the id and leave; needs a daemon"),
    ("dry_run", "Check and estimate only"),
];

/// Whether these arguments, the program first, may ask for the short help. `-h` may also be a flag's
/// value, which the parser knows; it reads both forms of the command line alike.
pub fn is_asked(arguments: &[OsString]) -> bool {
    let is_short = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        argument.starts_with('-') && !argument.starts_with("--") && argument.contains('h')
    };
    arguments.iter().skip(1).any(is_short)
}

/// The command line with the short help instead of the whole one.
pub fn command() -> Command {
    whole()
        .before_help(examples::SHORT_EXAMPLES)
        .after_help(examples::SHORT_ENDING)
        .mut_args(|arg| shortened(arg, &GLOBAL))
        .mut_subcommands(of_subcommand)
}

fn of_subcommand(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let is_rare = RARE_COMMANDS.contains(&&*name);
    let command = command.hide(is_rare).after_help(examples::SHORT_COMMAND_ENDING);
    match &*name {
        "sweep" => command
            .before_help(examples::SHORT_SWEEP_EXAMPLES)
            .mut_args(|arg| shortened(arg, &SWEEP)),
        "explore" | "witness" => command.mut_args(|arg| shortened(arg, &QUESTION)),
        _ => command,
    }
}

/// The argument with its one line; hidden if it has none.
fn shortened(arg: Arg, lines: &[(&str, &'static str)]) -> Arg {
    let line = lines.iter().find(|(id, _)| arg.get_id() == id).map(|(_, line)| *line);
    let arg = if arg.get_action().takes_values() {
        arg.hide_env(true).hide_default_value(true).hide_possible_values(true)
    } else {
        arg
    };
    match line {
        Some(line) => arg.help(line),
        None => arg.hide(true),
    }
}
