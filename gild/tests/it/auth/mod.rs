//! Authentication: tokens, certificates and the flags that allow access. Rejected clients appear in
//! the log; tokens and keys do not.

mod access;
mod certificates;
mod config;
pub(crate) mod fixtures;
mod tokens;
