//! Ticket lock whose waiters spin and never yield ([`crate::locks::queue::ticket`] yields): fast
//! while each worker has a core. With more workers than cores it starves, because the next worker
//! in line may wait for a core that another waiter keeps busy.

use crate::harness::entry::{Entry, Inclusion, Waiting};
use crate::locks::exclusive::Locked;
use crate::locks::queue::ticket::TicketLock;
use crate::locks::spin::spin_wait::SpinForever;
use crate::model::moves::fifo_lock;

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("ticket-spin", "a ticket lock; waiters spin and never yield: not part of `all`")
        .with_promise("exact; no waiter is bypassed")
        .with_waiting(Waiting::KeepsCore { instead: "ticket" })
        .with_inclusion(Inclusion::OnRequest)
        .with_moves(fifo_lock);

/// The strategy that holds the lock from load to store.
pub type TicketSpin<M> = Locked<TicketLock<M, SpinForever>>;
