//! Pure functions from what the daemon said to text. They format and never compute: no statistic
//! and no verdict begins here, and a figure is not shown without its uncertainty or its count.

pub mod axis;
pub mod calibration;
pub mod catalog;
pub mod cell;
pub mod columns;
pub mod command;
pub mod comparison;
pub mod csv;
pub mod examination;
pub mod explorer;
pub mod figures;
pub mod forgotten;
pub mod grid;
pub mod header;
pub mod ink;
pub mod json;
pub mod list;
pub mod listing;
pub mod load;
pub mod quantity;
pub mod record;
pub mod status;
pub mod table;
pub mod words;
