//! `parking_lot::FairMutex`: hands over to whoever sleeps on every unlock; one that still spins may
//! go first. It knows no machine but the real one: under a model checker it would be invisible.

use crate::harness::entry::{Entry, SwitchCounting};
use crate::locks::exclusive::Locked;
use crate::locks::foreign::parking_lot_mutex::ParkingLotLock;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("parking-lot-fair", "parking_lot::FairMutex")
    .with_promise("exact; a sleeping waiter is handed the lock, a spinning one may bypass it")
    .with_switches(SwitchCounting::Foreign);

/// The strategy that holds it from load to store.
pub type ParkingLotFair = Locked<ParkingLotLock<parking_lot::RawFairMutex>>;
