//! Authentication: tokens, certificates and the flags that allow access. Rejected clients appear in
//! the log; tokens and keys do not.

mod certificates;
mod config;
mod fixtures;
mod tokens;
