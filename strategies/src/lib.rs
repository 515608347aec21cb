//! Lock strategies: code that shares one counter among workers, each in its own way.
//!
//! | word | meaning |
//! |---|---|
//! | step | the smallest thing a task does that another task can come between |
//! | body | the steps of one increment; its **window** reaches from load to store |
//! | check site | a step after which a GIL looks whether it must switch |
//! | task | increments in a row; a **worker** is a thread that takes tasks off one queue |
//! | attempt | counter at 0, all tasks run once, counter read |
//! | promise | what a strategy says of itself: exact (never loses) or lossy |
//!
//! | strategy | room | promise |
//! |---|---|---|
//! | `unlocked` | [`unlocked`] | lossy with two workers |
//! | `atomic` | [`atomic`] | exact |
//! | `fair-mutex` | [`fair_mutex`], on [`fair_lock`] | exact, first come first served |
//! | `broken` | [`broken`] | none that it keeps: the negative control |
//! | `ticket`, `mcs`, `clh`, `spin` | a file each, on [`exclusive`] | exact |
//! | `ticket-spin`, `mcs-spin`, `clh-spin` | the same, whose waiters keep their cores | exact |
//! | `combining` | [`combining`] | exact, first come first served |
//! | `rwlock`, `seqlock` | [`rwlock`], [`seqlock`]: readers apart | exact |
//! | `std-mutex`, `parking-lot`, `parking-lot-fair`, `pthread` | others' locks, on [`exclusive`] | exact |
//! | `cas-loop`, `sharded` | [`cas_loop`], [`sharded`] | exact |
//! | `gil` | [`gil`] | exact where no check site lies in the window |
//!
//! Reading order: [`step`], [`listing`], [`spelling`] and [`era`] (the words), [`workload`] and
//! [`body`] (what runs), [`machine`] (on what), [`strategy`] (the one hot loop), then any strategy,
//! then [`catalog`]. Nothing here knows of a daemon, a wire, or a thread pool.
#![deny(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "the hot loops are generic and measured in nanoseconds: an empty body must reach them as \
              a constant, and a call per body would show in the figures"
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
