//! Requests as flags: what was typed becomes a request, and a request the flags that ask for it.

pub mod axes;
pub mod flag;
pub mod output;
pub mod parse;
pub mod said;
pub mod sweep_flags;
pub mod sweep_spec;
pub mod wire_field;
