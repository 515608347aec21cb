//! Target of a command: one sweep or exploration.

use clap::Args;

/// Which sweep or exploration.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Target {
    /// Its id, a unique beginning or end of it, `latest`, or `latest~1` for the one before
    #[arg(value_name = "ID")]
    pub id: String,
}
