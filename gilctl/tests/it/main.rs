//! Integration tests of gilctl: its command line, its commands against fake servers, its rendered
//! text, the numbers in its documents, its work with a real lab, and its compatibility with commit
//! 2c8d602.

#[path = "../../../gild/tests/support/browser.rs"]
mod browser;
mod cli;
mod commands;
mod compat;
mod errors;
mod exit_codes;
mod numbers;
#[path = "../../../gild/tests/support/outside_program.rs"]
mod outside_program;
mod real_lab;
mod render;
mod schema;
mod settings;
mod support;
#[cfg(feature = "tui")]
mod tui;
