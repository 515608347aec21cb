//! Audit log under the target `audit`: a line per first request of a connection, per rejection and
//! per request that changes something. Contains no token, key or message content.

use std::fmt::Display;
use std::time::Instant;

use parking_lot::Mutex;
use tonic::Code;
use tracing::info;

use crate::lab::access::Caller;
use crate::limits::{REFUSALS_LOGGED_BURST, REFUSALS_LOGGED_PER_S};
use crate::server::auth::peer::Peer;
use crate::server::auth::token_bucket::TokenBucket;
use engine::jobs::owner::Owner;

/// Verbs of the methods that change what the lab does or stores.
const CHANGING: [&str; 7] = ["Create", "Cancel", "Resume", "Label", "Delete", "Import", "Prune"];
/// Most characters of a method's name that are logged: an unknown method is named by the client.
const METHOD_CHARS_MAX: usize = 100;

/// The audit log.
#[derive(Debug)]
pub(crate) struct Audit {
    refusals: Mutex<Refusals>,
}

/// Rate limit of logged rejections, so that a flood of them does not fill the disk.
#[derive(Debug)]
struct Refusals {
    allowance: TokenBucket,
    unlogged: u64,
}

impl Default for Audit {
    fn default() -> Self {
        let allowance =
            TokenBucket::new(REFUSALS_LOGGED_BURST, REFUSALS_LOGGED_PER_S, Instant::now());
        Self { refusals: Mutex::new(Refusals { allowance, unlogged: 0 }) }
    }
}

impl Audit {
    /// Logs a rejected connection or request, within the rate limit.
    pub(crate) fn refused(&self, peer: Peer, reason: &dyn Display) {
        if let Some(unlogged) = self.admit(Instant::now()) {
            info!(target: "audit", %peer, %reason, unsaid = unlogged, "refused");
        }
    }

    /// How many rejections were not logged before this one, if this one may be logged.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut refusals = self.refusals.lock();
        if refusals.allowance.take(now).is_err() {
            refusals.unlogged += 1;
            return None;
        }
        Some(std::mem::take(&mut refusals.unlogged))
    }
}

/// Logs the first request of a connection.
pub(crate) fn log_first_request(owner: &Owner, peer: Peer, path: &str) {
    info!(target: "audit", %owner, %peer, method = truncated(path), "came in");
}

/// Logs a request that changes something, with its result.
pub(crate) fn log_change(caller: &Caller, peer: Peer, path: &str, code: Code) {
    let Caller { owner, role, visibility: _ } = caller;
    info!(target: "audit", %owner, ?role, %peer, method = truncated(path), ?code, "asked");
}

/// Whether a method changes something.
pub(crate) fn is_changing(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    CHANGING.iter().any(|verb| method.starts_with(verb))
}

fn truncated(path: &str) -> &str {
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
        for method in [
            "CreateSweep",
            "CancelSweep",
            "ResumeSweep",
            "LabelSweep",
            "DeleteSweep",
            "PruneHistory",
        ] {
            assert!(is_changing(&own(method)), "{method}");
        }
        for method in ["GetSweep", "ListSweeps", "WatchSweep", "ExportSweep", ""] {
            assert!(!is_changing(&own(method)), "{method}");
        }
    }

    #[test]
    fn refusals_beyond_the_burst_are_counted() {
        let (audit, start) = (Audit::default(), Instant::now());
        let logged = (0..1000).filter(|_| audit.admit(start).is_some()).count();
        assert_eq!(logged, REFUSALS_LOGGED_BURST as usize);
        let unlogged = audit.admit(start + Duration::from_secs(10));
        assert_eq!(unlogged, Some(1000 - u64::from(REFUSALS_LOGGED_BURST)));
    }

    #[test]
    fn long_method_name_is_truncated() {
        assert_eq!(truncated("/short"), "/short");
        assert_eq!(truncated(&"ä".repeat(500)).chars().count(), METHOD_CHARS_MAX);
    }
}
