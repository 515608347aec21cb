//! The generated code is what the .proto files say, and those keep the rules of the wire.

mod compat;
mod fresh;
mod rules;
