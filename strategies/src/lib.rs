//! Lock strategies: code that shares one counter among workers, each in its own way, and the model
//! in which their outcomes can be explored.
//!
//! | word | meaning |
//! |---|---|
//! | step | the smallest part of a task between two of which another task can run |
//! | body | the steps of one increment; its **window** reaches from load to store |
//! | check site | a step after which a GIL checks whether it must switch |
//! | task | increments in a row; a **worker** is a thread that takes tasks off one queue |
//! | attempt | one run: the counter starts at 0, all tasks run once, the counter is read |
//! | promise | a strategy's own claim: exact (it never loses an update) or lossy |
//!
//! | folder | contents |
//! |---|---|
//! | [`machine`] | real threads: words, monitors, busy work, system calls |
//! | [`program`] | steps, bodies, eras and workloads |
//! | [`model`] | programs as moves of workers, which can be searched |
//! | [`harness`] | compiled workloads, the strategy trait, the worker loop, counters, the probe |
//! | [`locks`], [`lock_free`], [`gil`] | the strategies, one per file |
//! | [`catalog`] | from names to types; limits and promises |
//! | [`explore`] | searches of the model: outcomes, probabilities, witnesses |
//!
//! A folder imports only from those above it. Reading order: [`program::step`],
//! [`program::workload`], [`harness::strategy`], then any strategy, then [`catalog`]. The crate
//! depends on no daemon, wire or thread pool.
#![deny(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "hot loops are generic and measured in nanoseconds: an empty body must reach them as a \
              constant, and a call per body would show in the figures"
)]

pub mod catalog;
pub mod explore;
pub mod gil;
pub mod harness;
pub mod lock_free;
pub mod locks;
pub mod machine;
pub mod model;
pub mod program;
