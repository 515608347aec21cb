//! Flags of `gilctl schema`.

use clap::Args;
use view::render::schema::SchemaName;

/// Which schema to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct SchemaFlags {
    /// What it describes
    pub name: SchemaName,
}
