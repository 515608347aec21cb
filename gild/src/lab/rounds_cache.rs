//! Rounds that were read last from the history: a report draws many pictures of one sweep.

use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of rounds that are kept.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// One cell's share of a round, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRound {
    /// The cell's position.
    pub cell: usize,
    /// Its place among all turns of the sweep, from 1.
    pub turn: u64,
    /// Bodies per second, the median of its attempts.
    pub rate: f64,
    /// Values of the counter after an attempt, least first, each with the number of attempts.
    pub finals: Vec<(u64, u64)>,
    /// Whether it counts though others kept the machine busy, or a lost worker may have run meanwhile.
    /// Only turns that are long enough to be judged by themselves can be.
    pub is_noisy: bool,
}

/// The rounds that were read last.
#[derive(Debug, Default)]
pub(super) struct RoundsCache(Mutex<Option<CachedRounds>>);

#[derive(Debug)]
struct CachedRounds {
    /// The number of the sweep and of its newest event.
    key: (i64, u64),
    rounds: Arc<[StoredRound]>,
}

impl RoundsCache {
    /// The rounds of a sweep up to an event, if they were read last.
    pub(super) fn of(&self, key: (i64, u64)) -> Option<Arc<[StoredRound]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|it| it.key == key).map(|it| Arc::clone(&it.rounds))
    }

    /// Keeps rounds in place of others, unless they are many.
    pub(super) fn keep(&self, key: (i64, u64), rounds: &Arc<[StoredRound]>) {
        let finals: usize = rounds.iter().map(|round| round.finals.len()).sum();
        let bytes = size_of_val(&**rounds) + finals * size_of::<(u64, u64)>();
        let kept =
            (bytes <= KEPT_BYTES_MAX).then(|| CachedRounds { key, rounds: Arc::clone(rounds) });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}
