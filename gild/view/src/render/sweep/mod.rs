//! Documents about a sweep: its table, figures, notes, JSON and command line.

pub mod axis;
pub mod cell;
pub mod chosen;
pub mod columns;
pub mod command_line;
pub mod figures;
pub mod header;
pub mod json;
pub mod printer;
pub mod record;
pub mod table;
