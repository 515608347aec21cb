//! MCS queue lock whose waiters spin and never yield ([`crate::locks::queue::mcs`] yields): fast
//! while each worker has a core. With more workers than cores it starves, because the next worker
//! in line may wait for a core that another waiter keeps busy.

use crate::harness::entry::{Entry, Inclusion, Waiting};
use crate::locks::exclusive::Locked;
use crate::locks::queue::mcs::McsLock;
use crate::locks::spin::spin_wait::SpinForever;
use crate::model::moves::fifo_lock;

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("mcs-spin", "the MCS queue lock; waiters spin and never yield: not part of `all`")
        .with_promise("exact; no waiter is bypassed")
        .with_waiting(Waiting::KeepsCore { instead: "mcs" })
        .with_inclusion(Inclusion::OnRequest)
        .with_moves(fifo_lock);

/// The strategy that holds the lock from load to store.
pub type McsSpin<M> = Locked<McsLock<M, SpinForever>>;
