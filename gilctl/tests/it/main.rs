//! Integration tests of gilctl: its command line, its commands against fake servers, its rendered
//! text, and its work with a real lab.

mod cli;
mod commands;
mod exit_codes;
mod real_lab;
mod render;
mod support;
