//! `parking_lot::FairMutex`: hands over to a sleeping waiter on every unlock; a waiter that still
//! spins may be served first. It runs on real threads only: a model checker would not see it.

use parking_lot::RawFairMutex;
use parking_lot::lock_api::Mutex;

use crate::harness::entry::{Entry, SwitchCounting};
use crate::locks::exclusive::Locked;
use crate::locks::foreign::adapter::Foreign;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("parking-lot-fair", "parking_lot::FairMutex")
    .with_promise("exact; a sleeping waiter is handed the lock, a spinning one may bypass it")
    .with_switches(SwitchCounting::Foreign);

/// The strategy that holds the mutex from load to store.
pub type ParkingLotFair = Locked<Foreign<Mutex<RawFairMutex, ()>>>;
