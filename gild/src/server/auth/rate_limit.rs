//! Rate limiter: requests per second and concurrent requests of each owner. Idle owners are evicted
//! when the table is full.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{OWNER_REQUESTS_MAX, RATE_LIMIT_KEYS_MAX, REQUESTS_BURST, REQUESTS_PER_S};
use crate::server::auth::peer::PeerOrigin;
use crate::server::auth::token_bucket::TokenBucket;
use engine::jobs::owner::Owner;

/// Key by which requests are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RateLimitKey {
    /// An authenticated client.
    Owner(Owner),
    /// An unauthenticated client, by its origin.
    Unauthenticated(PeerOrigin),
}

/// Counters of all keys.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter(Mutex<HashMap<RateLimitKey, Counters>>);

#[derive(Debug)]
struct Counters {
    requests: TokenBucket,
    slots: Arc<Semaphore>,
}

/// The rate is exceeded; the next request is accepted after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimited(pub(crate) Duration);

impl RateLimiter {
    /// Counts a request; returns the semaphore of its key's concurrent requests.
    pub(crate) fn charge(
        &self,
        key: RateLimitKey,
        now: Instant,
    ) -> Result<Arc<Semaphore>, RateLimited> {
        let mut table = self.0.lock();
        if table.len() >= RATE_LIMIT_KEYS_MAX && !table.contains_key(&key) {
            table.retain(|_, counters| counters.is_in_use(now));
            if table.len() >= RATE_LIMIT_KEYS_MAX {
                return Err(RateLimited(Duration::from_secs(1)));
            }
        }
        let counters = table.entry(key).or_insert_with(|| Counters {
            requests: TokenBucket::new(REQUESTS_BURST, REQUESTS_PER_S, now),
            slots: Arc::new(Semaphore::new(OWNER_REQUESTS_MAX)),
        });
        counters.requests.take(now).map_err(RateLimited)?;
        Ok(Arc::clone(&counters.slots))
    }
}

impl Counters {
    fn is_in_use(&mut self, now: Instant) -> bool {
        !self.requests.is_full(now) || self.slots.available_permits() < OWNER_REQUESTS_MAX
    }
}

/// Waits for one of the key's concurrent requests; the permit frees it when dropped.
pub(crate) async fn acquire(slots: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // The semaphore is never closed; without a permit the request would be served all the same.
    slots.acquire_owned().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(uid: u32) -> RateLimitKey {
        RateLimitKey::Owner(Owner::User(uid))
    }

    #[test]
    fn exhausted_owner_does_not_limit_others() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        for _ in 0..REQUESTS_BURST {
            limiter.charge(user(1), now).expect("within the burst");
        }
        assert!(limiter.charge(user(1), now).is_err());
        limiter.charge(user(2), now).expect("another owner");
        limiter
            .charge(RateLimitKey::Unauthenticated(PeerOrigin::User(1)), now)
            .expect("another key");
        limiter.charge(user(1), now + Duration::from_secs(1)).expect("a second later");
    }

    #[test]
    fn idle_keys_are_evicted_when_full() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        for uid in (0..).take(RATE_LIMIT_KEYS_MAX) {
            limiter.charge(user(uid), now).expect("there is room");
        }
        let one_more = user(u32::MAX);
        assert!(limiter.charge(one_more.clone(), now).is_err(), "all of them are in use");
        limiter.charge(user(0), now).expect("an old one");
        limiter.charge(one_more, now + Duration::from_secs(1)).expect("the others are evicted");
        assert_eq!(limiter.0.lock().len(), 1);
    }
}
