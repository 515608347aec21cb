//! Integration tests of gilctl: its command line, its commands against fake servers, its rendered
//! text, its work with a real lab, and its compatibility with commit 2c8d602.

mod cli;
mod commands;
mod compat;
mod exit_codes;
mod real_lab;
mod render;
mod support;
