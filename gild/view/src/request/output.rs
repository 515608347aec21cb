//! Format and colour of a command's output.

use clap::ValueEnum;

/// What stdout carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table for people
    Table,
    /// One JSON document a line, as things happen
    Ndjson,
    /// One JSON document at the end
    Json,
    /// A header and one row a cell
    Csv,
    /// The table for documents
    Markdown,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal
    Auto,
    /// Even into a file
    Always,
    /// Not at all
    Never,
}
