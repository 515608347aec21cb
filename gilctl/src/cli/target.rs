//! Target of a command: one sweep or exploration.

use clap::Args;

use crate::ids::Latest;

/// Which sweep or exploration.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Target {
    /// Its id, a unique beginning or end of it, `latest`, or `latest~1` for the one before
    #[arg(value_name = "ID")]
    pub id: String,
    /// The owners whose jobs `latest` counts.
    #[command(flatten)]
    pub owners: LatestFlags,
}

/// Whose jobs `latest` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct LatestFlags {
    /// Let `latest` count the jobs of all owners, not only yours
    #[arg(long)]
    pub all: bool,
}

impl LatestFlags {
    /// The jobs that `latest` counts.
    pub fn latest(self) -> Latest {
        if self.all { Latest::All } else { Latest::Own }
    }
}
