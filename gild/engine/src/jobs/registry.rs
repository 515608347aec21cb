//! Jobs that have not ended, by id: to be stopped or asked for their state. A guard of the map never
//! leaves this file: callers get an `Arc`. Keeps no history.

use std::sync::Arc;

use dashmap::DashMap;
use uuid::Uuid;

use crate::jobs::job::Job;

/// All jobs that have not ended.
#[derive(Default)]
pub struct Registry {
    live: DashMap<String, Arc<Job>>,
}

impl Registry {
    /// Adds a job, and removes those that have ended.
    pub fn add(&self, job: Arc<Job>) {
        self.live.retain(|_, known| !known.state().is_terminal());
        self.live.insert(job.id().to_owned(), job);
    }

    /// Removes a job, whatever its state.
    pub fn remove(&self, id: &str) {
        self.live.remove(id);
    }

    /// The job with that id, if it has not ended.
    pub fn get(&self, id: &str) -> Option<Arc<Job>> {
        let found = self.live.get(id).map(|live| Arc::clone(&live));
        found.filter(|job| !job.state().is_terminal())
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("live", &self.live.len()).finish_non_exhaustive()
    }
}

/// A time-sortable id: UUIDv7 in lower-case base32, whose alphabet keeps the order. The last six
/// characters are random.
pub fn new_id() -> String {
    data_encoding::BASE32_DNSSEC.encode(Uuid::now_v7().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::state::Transition;
    use crate::jobs::sweep::job::tests::sweep_job;

    #[test]
    fn ended_jobs_are_removed() {
        let registry = Registry::default();
        let job = sweep_job("a");
        job.lifecycle().apply(Transition::Start).expect("it waits");
        registry.add(Arc::clone(&job));
        assert!(registry.get("a").is_some() && registry.get("b").is_none());
        job.lifecycle().apply(Transition::Finish).expect("it runs");
        assert!(registry.get("a").is_none());
        registry.add(sweep_job("b"));
        assert_eq!(registry.live.len(), 1);
    }

    #[test]
    fn ids_sort_by_time() {
        let ids: Vec<_> = (0..3).map(|_| new_id()).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 26));
    }
}
