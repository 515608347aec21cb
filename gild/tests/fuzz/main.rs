//! The fuzzer's kept corpus and fresh inputs of a fixed seed, and proof that it would notice:
//! inputs that panic, hang, take too much, or are refused without a word.

#[path = "../../fuzz/mod.rs"]
mod fuzz;

mod controls;
mod inputs;
