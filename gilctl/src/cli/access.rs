//! The table of commands by what they do with a history that gilctl opens itself, because no daemon
//! answers. From it follows what happens while another lab has the history open.

use crate::cli::Command;

/// What a command does with the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// It only reads it, at once beside any lab that writes it.
    Reads,
    /// It computes an answer that it prints anyway: stored if the history is free, otherwise not.
    Searches,
    /// It changes it, and is refused while another lab has it open.
    Writes,
}

/// A command, and what it does with the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// The name of the command, e.g. `sweep`.
    pub command: &'static str,
    /// What it does with the history.
    pub access: Access,
}

impl Command {
    /// The command's row of the table.
    pub fn purpose(&self) -> Purpose {
        use Access::{Reads, Searches, Writes};
        let dry_or = |is_dry: bool, access: Access| if is_dry { Reads } else { access };
        let (command, access) = match self {
            Self::Sweep(flags) => ("sweep", dry_or(flags.dry_run, Writes)),
            Self::Strategies(_) => ("strategies", Reads),
            Self::Calibrate(_) => ("calibrate", Searches),
            Self::Explore(flags) => ("explore", dry_or(flags.dry_run, Searches)),
            Self::Witness(_) => ("witness", Searches),
            Self::Replay(_) => ("replay", Searches),
            Self::Explain(_) => ("explain", Reads),
            Self::List(_) => ("list", Reads),
            Self::Show(_) => ("show", Reads),
            Self::Plot(_) => ("plot", Reads),
            Self::Report(_) => ("report", Reads),
            Self::Trace(_) => ("trace", Reads),
            Self::Watch(_) => ("watch", Reads),
            Self::Cancel(_) => ("cancel", Writes),
            Self::Resume(_) => ("resume", Writes),
            Self::Rerun(_) => ("rerun", Writes),
            Self::Label(_) => ("label", Writes),
            Self::Compare(_) => ("compare", Reads),
            Self::Delete(flags) => ("delete", dry_or(flags.consent.dry_run, Writes)),
            Self::Prune(flags) => ("prune", dry_or(flags.consent.dry_run, Writes)),
            Self::Export(_) => ("export", Reads),
            Self::Import(_) => ("import", Writes),
            Self::Status => ("status", Reads),
            Self::Top => ("top", Reads),
            Self::Ui(_) => ("ui", Writes),
            Self::Doctor => ("doctor", Reads),
            Self::Tour => ("tour", Writes),
            Self::Schema(_) => ("schema", Reads),
            Self::Config(_) => ("config", Reads),
            Self::Completions(_) => ("completions", Reads),
            Self::Man(_) => ("man", Reads),
        };
        Purpose { command, access }
    }
}
