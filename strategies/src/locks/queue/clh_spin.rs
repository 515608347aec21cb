//! [`crate::locks::queue::clh`] with waiters that spin to the end: quick while each worker has a core, and
//! starving where they have not, since the next in line may wait for a core that a waiter keeps
//! busy.

use crate::harness::entry::{Entry, Guarantee, Inclusion, SwitchCounting, Waiting, WindowSupport};
use crate::locks::exclusive::Locked;
use crate::locks::queue::clh::ClhLock;
use crate::locks::spin::spin_wait::SpinForever;

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "clh-spin",
    summary: "the CLH queue lock; waiters spin and never yield: not among `all`",
    promise: "exact; nobody is bypassed",
    keeps: Guarantee::EveryUpdate,
    inside: WindowSupport::Anything,
    lock: SwitchCounting::HandedOver,
    waiting: Waiting::KeepsCore { instead: "clh" },
    part: Inclusion::OnRequest,
    outline: crate::locks::queue::fair_mutex::outline,
    parameters: &[],
};

/// The strategy that holds it from load to store.
pub type ClhSpin<M> = Locked<ClhLock<M, SpinForever>>;
