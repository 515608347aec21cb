//! What each owner may ask for at a time and in a second. Remembers nobody who asks for nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{OWNER_REQUESTS_MAX, RATE_LIMIT_KEYS_MAX, REQUESTS_BURST, REQUESTS_PER_S};
use crate::server::auth::peer::Origin;
use crate::server::auth::token_bucket::TokenBucket;
use engine::jobs::owner::Owner;

/// Whose account a request is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RateLimitKey {
    /// Somebody who has shown who it is.
    Owner(Owner),
    /// Somebody who has not.
    Stranger(Origin),
}

/// Everybody's accounts.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter(Mutex<HashMap<RateLimitKey, Account>>);

#[derive(Debug)]
struct Account {
    requests: TokenBucket,
    calls: Arc<Semaphore>,
}

/// Too many requests in too short a time; more are answered after this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimited(pub(crate) Duration);

impl RateLimiter {
    /// Counts a request; whoever made it may then wait for its turn.
    pub(crate) fn charge(
        &self,
        payer: RateLimitKey,
        now: Instant,
    ) -> Result<Arc<Semaphore>, RateLimited> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= RATE_LIMIT_KEYS_MAX && !accounts.contains_key(&payer) {
            accounts.retain(|_, account| account.is_in_use(now));
            if accounts.len() >= RATE_LIMIT_KEYS_MAX {
                return Err(RateLimited(Duration::from_secs(1)));
            }
        }
        let account = accounts.entry(payer).or_insert_with(|| Account {
            requests: TokenBucket::new(REQUESTS_BURST, REQUESTS_PER_S, now),
            calls: Arc::new(Semaphore::new(OWNER_REQUESTS_MAX)),
        });
        account.requests.take(now).map_err(RateLimited)?;
        Ok(Arc::clone(&account.calls))
    }
}

impl Account {
    fn is_in_use(&mut self, now: Instant) -> bool {
        !self.requests.is_full(now) || self.calls.available_permits() < OWNER_REQUESTS_MAX
    }
}

/// Waits for a request's turn, which lasts until the permit is dropped.
pub(crate) async fn turn(calls: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // Nobody closes it; a request without a turn would be answered all the same.
    calls.acquire_owned().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(uid: u32) -> RateLimitKey {
        RateLimitKey::Owner(Owner::User(uid))
    }

    #[test]
    fn exhausted_owner_does_not_limit_others() {
        let (accounts, now) = (RateLimiter::default(), Instant::now());
        for _ in 0..REQUESTS_BURST {
            accounts.charge(user(1), now).expect("within the burst");
        }
        assert!(accounts.charge(user(1), now).is_err());
        accounts.charge(user(2), now).expect("somebody else");
        accounts
            .charge(RateLimitKey::Stranger(Origin::User(1)), now)
            .expect("not known to be the same");
        accounts.charge(user(1), now + Duration::from_secs(1)).expect("a second later");
    }

    #[test]
    fn idle_keys_are_evicted_when_full() {
        let (accounts, now) = (RateLimiter::default(), Instant::now());
        for uid in (0..).take(RATE_LIMIT_KEYS_MAX) {
            accounts.charge(user(uid), now).expect("there is room");
        }
        let one_more = user(u32::MAX);
        assert!(accounts.charge(one_more.clone(), now).is_err(), "all of them are in use");
        accounts.charge(user(0), now).expect("an old one");
        accounts.charge(one_more, now + Duration::from_secs(1)).expect("the others have gone");
        assert_eq!(accounts.0.lock().expect("no panic").len(), 1);
    }
}
