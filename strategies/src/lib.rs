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

pub mod atomic;
pub mod body;
pub mod broken;
pub mod cas_loop;
pub mod catalog;
pub mod clh;
pub mod clh_spin;
pub mod combining;
pub mod entry;
pub mod era;
pub mod exclusive;
pub mod fair_lock;
pub mod fair_mutex;
pub mod gil;
pub mod law;
pub mod listing;
pub mod machine;
pub mod mcs;
pub mod mcs_spin;
pub mod mix;
pub mod model;
pub mod native;
pub mod parking_lot_fair;
pub mod parking_lot_mutex;
pub mod place;
pub mod pthread;
pub mod run;
pub mod rwlock;
pub mod seed;
mod semaphore;
pub mod seqlock;
pub mod sharded;
pub mod shown;
pub mod spelling;
pub mod spin;
pub mod std_mutex;
pub mod step;
pub mod strategy;
pub mod tally;
pub mod ticket;
pub mod ticket_spin;
pub mod timed;
pub mod unlocked;
pub mod waiter;
pub mod watch;
pub mod workload;
