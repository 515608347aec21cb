//! Connection limits of a listener, in all and per origin.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::limits::{CONNECTIONS_MAX, PEER_CONNECTIONS_MAX};
use crate::server::auth::peer::PeerOrigin;
use engine::jobs::counters::{OpenCount, OpenGuard};

/// Counter of a listener's connections; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionLimiter {
    counts: Arc<Mutex<Counts>>,
    /// Connections of all listeners.
    open: OpenCount,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    per_origin: HashMap<PeerOrigin, usize>,
}

/// A counted connection; dropping it ends the count.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limiter: ConnectionLimiter,
    origin: PeerOrigin,
    _open: OpenGuard,
}

/// The limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooManyConnections {
    #[error("this listener has {CONNECTIONS_MAX} connections already")]
    Listener,
    #[error("this peer has {PEER_CONNECTIONS_MAX} connections already")]
    Origin,
}

impl ConnectionLimiter {
    /// Limits of one listener, whose connections are counted in `open` too.
    pub(crate) fn new(open: OpenCount) -> Self {
        Self { counts: Arc::default(), open }
    }

    /// Counts one more connection.
    pub(crate) fn admit(&self, origin: PeerOrigin) -> Result<ConnectionPermit, TooManyConnections> {
        let mut counts = self.counts.lock();
        if counts.all >= CONNECTIONS_MAX {
            return Err(TooManyConnections::Listener);
        }
        if counts.per_origin.get(&origin).is_some_and(|count| *count >= PEER_CONNECTIONS_MAX) {
            return Err(TooManyConnections::Origin);
        }
        counts.all += 1;
        *counts.per_origin.entry(origin).or_default() += 1;
        Ok(ConnectionPermit { limiter: self.clone(), origin, _open: self.open.open() })
    }

    /// The number of connections.
    pub(crate) fn count(&self) -> usize {
        self.counts.lock().all
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.limiter.counts.lock();
        counts.all -= 1;
        // Origins without connections are removed, because there are many addresses.
        if let Some(count) = counts.per_origin.get_mut(&self.origin) {
            *count -= 1;
            if *count == 0 {
                counts.per_origin.remove(&self.origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_per_origin_and_in_all_are_limited() {
        let limiter = ConnectionLimiter::default();
        let (greedy, other) = (PeerOrigin::User(1), PeerOrigin::User(2));
        let mut permits: Vec<_> =
            (0..PEER_CONNECTIONS_MAX).map(|_| limiter.admit(greedy).expect("a permit")).collect();
        assert_eq!(limiter.admit(greedy).expect_err("enough"), TooManyConnections::Origin);
        while limiter.count() < CONNECTIONS_MAX {
            permits.push(limiter.admit(other).expect("a permit for others"));
        }
        assert_eq!(limiter.admit(other).expect_err("full"), TooManyConnections::Listener);
        permits.truncate(PEER_CONNECTIONS_MAX - 1);
        permits.push(limiter.admit(greedy).expect("one was closed"));
        permits.clear();
        assert_eq!(limiter.count(), 0);
        assert!(limiter.counts.lock().per_origin.is_empty(), "no origin is left");
    }
}
