//! Who came in, who was refused, and who changed something: a line each, under the target `audit`.
//! Writes no token, no key and no message; decides nothing.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tonic::Code;
use tracing::info;

use crate::limits::{REFUSALS_LOGGED_BURST, REFUSALS_LOGGED_PER_S};
use crate::server::auth::peer::Peer;
use crate::server::auth::token_bucket::TokenBucket;
use engine::jobs::owner::Owner;

/// Methods whose names begin like this change what the lab does or keeps.
const CHANGING: [&str; 6] = ["Create", "Cancel", "Resume", "Delete", "Import", "Prune"];
/// Most characters of a method's name that are written: whoever asks can make it up.
const METHOD_CHARS_MAX: usize = 100;

/// The audit log.
#[derive(Debug)]
pub(crate) struct Audit {
    refusals: Mutex<Refusals>,
}

/// A crowd at the door must not fill the disk.
#[derive(Debug)]
struct Refusals {
    allowance: TokenBucket,
    unsaid: u64,
}

impl Default for Audit {
    fn default() -> Self {
        let allowance =
            TokenBucket::new(REFUSALS_LOGGED_BURST, REFUSALS_LOGGED_PER_S, Instant::now());
        Self { refusals: Mutex::new(Refusals { allowance, unsaid: 0 }) }
    }
}

impl Audit {
    /// Somebody was not let in, or not listened to.
    pub(crate) fn refused(&self, peer: Peer, reason: &dyn Display) {
        if let Some(unsaid) = self.may_tell(Instant::now()) {
            info!(target: "audit", %peer, %reason, unsaid, "refused");
        }
    }

    /// How many refusals were not told before this one, if this one may be.
    fn may_tell(&self, now: Instant) -> Option<u64> {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.allowance.take(now).is_err() {
            refusals.unsaid += 1;
            return None;
        }
        Some(std::mem::take(&mut refusals.unsaid))
    }
}

/// A connection is used for the first time.
pub(crate) fn came_in(owner: &Owner, peer: Peer, path: &str) {
    info!(target: "audit", %owner, %peer, method = shown(path), "came in");
}

/// Something was asked for that changes what the lab does or keeps.
pub(crate) fn asked(owner: &Owner, peer: Peer, path: &str, code: Code) {
    info!(target: "audit", %owner, %peer, method = shown(path), ?code, "asked");
}

/// Whether a method changes something.
pub(crate) fn is_changing(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    CHANGING.iter().any(|verb| method.starts_with(verb))
}

fn shown(path: &str) -> &str {
    let end = path.char_indices().nth(METHOD_CHARS_MAX).map_or(path.len(), |(at, _)| at);
    &path[..end]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn changing_methods_are_recognized_by_verb() {
        let own = |method| format!("/gild.v1.SweepService/{method}");
        for method in ["CreateSweep", "CancelSweep", "ResumeSweep", "DeleteSweep", "PruneHistory"] {
            assert!(is_changing(&own(method)), "{method}");
        }
        for method in ["GetSweep", "ListSweeps", "WatchSweep", "ExportSweep", ""] {
            assert!(!is_changing(&own(method)), "{method}");
        }
    }

    #[test]
    fn refusals_beyond_the_burst_are_counted() {
        let (audit, start) = (Audit::default(), Instant::now());
        let told = (0..1000).filter(|_| audit.may_tell(start).is_some()).count();
        assert_eq!(told, REFUSALS_LOGGED_BURST as usize);
        let unsaid = audit.may_tell(start + Duration::from_secs(10));
        assert_eq!(unsaid, Some(1000 - u64::from(REFUSALS_LOGGED_BURST)));
    }

    #[test]
    fn long_method_name_is_truncated() {
        assert_eq!(shown("/short"), "/short");
        assert_eq!(shown(&"ä".repeat(500)).chars().count(), METHOD_CHARS_MAX);
    }
}
