//! Queue locks: waiters acquire the lock in order of arrival, or are served by its holder.

pub mod clh;
pub mod clh_spin;
pub mod combining;
pub mod fair_lock;
pub mod fair_mutex;
pub mod mcs;
pub mod mcs_spin;
pub mod ticket;
pub mod ticket_spin;
