//! Sweeps.

mod command_line;
mod interpreters;
mod printer;
mod requests;
mod table;
