//! How many connections a door has, in all and of each origin. Opens and closes none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::{CONNECTIONS_MAX, PEER_CONNECTIONS_MAX};
use crate::server::auth::peer::Origin;

/// The connections of one door; clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionLimiter(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    of_origin: HashMap<Origin, usize>,
}

/// A counted connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    census: ConnectionLimiter,
    origin: Origin,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooManyConnections {
    #[error("this door has {CONNECTIONS_MAX} connections already")]
    Door,
    #[error("{PEER_CONNECTIONS_MAX} connections come from there already")]
    Origin,
}

impl ConnectionLimiter {
    /// A place for one more connection.
    pub(crate) fn admit(&self, origin: Origin) -> Result<ConnectionPermit, TooManyConnections> {
        let mut counts = self.lock();
        if counts.all >= CONNECTIONS_MAX {
            return Err(TooManyConnections::Door);
        }
        if counts.of_origin.get(&origin).is_some_and(|count| *count >= PEER_CONNECTIONS_MAX) {
            return Err(TooManyConnections::Origin);
        }
        counts.all += 1;
        *counts.of_origin.entry(origin).or_default() += 1;
        Ok(ConnectionPermit { census: self.clone(), origin })
    }

    /// How many connections there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.census.lock();
        counts.all -= 1;
        // Who has left is not remembered: there is no end of addresses.
        if let Some(count) = counts.of_origin.get_mut(&self.origin) {
            *count -= 1;
            if *count == 0 {
                counts.of_origin.remove(&self.origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_per_origin_and_in_all_are_limited() {
        let census = ConnectionLimiter::default();
        let (greedy, other) = (Origin::User(1), Origin::User(2));
        let mut places: Vec<_> =
            (0..PEER_CONNECTIONS_MAX).map(|_| census.admit(greedy).expect("a place")).collect();
        assert_eq!(census.admit(greedy).expect_err("enough"), TooManyConnections::Origin);
        while census.count() < CONNECTIONS_MAX {
            places.push(census.admit(other).expect("a place for others"));
        }
        assert_eq!(census.admit(other).expect_err("full"), TooManyConnections::Door);
        places.truncate(PEER_CONNECTIONS_MAX - 1);
        places.push(census.admit(greedy).expect("one has left"));
        places.clear();
        assert_eq!(census.count(), 0);
        assert!(census.lock().of_origin.is_empty(), "nobody is remembered");
    }
}
