//! Help of gilctl: its texts, the short form that `-h` prints, and what is printed without the parser.

pub mod color;
pub(super) mod examples;
pub mod prepared;
pub mod short;

use clap::{Command, CommandFactory as _};

use crate::cli::Flags;

/// The command line with the whole help, in which each command says first what it does.
pub fn whole() -> Command {
    Flags::command().mut_subcommands(|command| command.help_template(examples::TEMPLATE))
}
