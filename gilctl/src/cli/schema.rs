//! Flags of `gilctl schema`, and the names of schemas.

use clap::{Args, ValueEnum};

/// Which schema to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct SchemaFlags {
    /// What it describes
    pub name: SchemaName,
}

/// The schemas, by what each describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// Any line of `--output ndjson`
    Lines,
    /// A sweep with its cells
    Sweep,
    /// `show --as-command`
    Command,
    /// `explore` and `witness`
    Exploration,
    /// `replay`
    Replay,
    /// `explain`
    Explanation,
    /// `list`
    List,
    /// `import`
    Imported,
    /// `delete` and `prune`
    Forgotten,
    /// `compare`
    Comparison,
    /// `plot`
    Picture,
    /// `status`
    Status,
    /// `doctor`
    Examination,
    /// `strategies`
    Strategies,
    /// `strategies --body`
    Listings,
    /// `calibrate`
    Calibration,
    /// `config show`
    Settings,
}
