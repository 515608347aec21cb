//! What has not ended: live sweeps or explorations by id, to be stopped or asked how they stand. A
//! guard of the map never leaves this file: what comes out is an `Arc`. Keeps no history.

use std::sync::Arc;

use dashmap::DashMap;
use uuid::Uuid;

use crate::jobs::state::State;

/// Something that lives in the lab until it has ended.
pub trait Lives: Send + Sync + 'static {
    /// What the kind is called.
    const KIND: &'static str;

    /// Its time-sortable id.
    fn id(&self) -> &str;
    /// Where it is in its life.
    fn state(&self) -> State;
}

/// All of one kind that have not ended.
pub struct Registry<L: Lives> {
    live: DashMap<String, Arc<L>>,
}

impl<L: Lives> Default for Registry<L> {
    fn default() -> Self {
        Self { live: DashMap::default() }
    }
}

impl<L: Lives> Registry<L> {
    /// Adds one, and lets those go that have ended.
    pub fn add(&self, one: Arc<L>) {
        self.live.retain(|_, known| !known.state().is_terminal());
        self.live.insert(one.id().to_owned(), one);
    }

    /// Takes one out, whatever its state.
    pub fn remove(&self, id: &str) {
        self.live.remove(id);
    }

    /// The one of that id, if it has not ended.
    pub fn get(&self, id: &str) -> Option<Arc<L>> {
        let found = self.live.get(id).map(|live| Arc::clone(&live));
        found.filter(|one| !one.state().is_terminal())
    }
}

impl<L: Lives> std::fmt::Debug for Registry<L> {
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
    use std::sync::Mutex;

    #[derive(Debug)]
    struct One(&'static str, Mutex<State>);

    impl Lives for One {
        const KIND: &'static str = "one";

        fn id(&self) -> &str {
            self.0
        }

        fn state(&self) -> State {
            *self.1.lock().expect("no test panics with it")
        }
    }

    #[test]
    fn what_has_ended_is_let_go() {
        let registry = Registry::default();
        let one = |id| Arc::new(One(id, Mutex::new(State::Running)));
        let first = one("a");
        registry.add(Arc::clone(&first));
        assert!(registry.get("a").is_some() && registry.get("b").is_none());
        *first.1.lock().expect("ours") = State::Succeeded;
        assert!(registry.get("a").is_none());
        registry.add(one("b"));
        assert_eq!(registry.live.len(), 1);
    }

    #[test]
    fn ids_sort_by_time() {
        let ids: Vec<_> = (0..3).map(|_| new_id()).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 26));
    }
}
