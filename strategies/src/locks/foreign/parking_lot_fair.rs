//! `parking_lot::FairMutex`: hands over to whoever sleeps on every unlock; one that still spins may
//! go first. It knows no machine but the real one: under a model checker it would be invisible.

use crate::harness::entry::{Entry, Guarantee, Inclusion, SwitchCounting, Waiting, WindowSupport};
use crate::locks::exclusive::Locked;
use crate::locks::foreign::parking_lot_mutex::ParkingLotLock;

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "parking-lot-fair",
    summary: "parking_lot::FairMutex",
    promise: "exact; a sleeper is handed the lock, a spinner may bypass it",
    keeps: Guarantee::EveryUpdate,
    inside: WindowSupport::Anything,
    lock: SwitchCounting::Foreign,
    waiting: Waiting::GivesWay,
    part: Inclusion::Contender,
    outline: crate::model::moves::under_a_lock,
    parameters: &[],
};

/// The strategy that holds it from load to store.
pub type ParkingLotFair = Locked<ParkingLotLock<parking_lot::RawFairMutex>>;
