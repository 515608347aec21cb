//! The sweeps that this lab knows, by id. A guard of the map never leaves this file: what comes out
//! is an `Arc`.

use std::sync::Arc;

use dashmap::DashMap;

use crate::sweep::Live;

/// Known sweeps.
#[derive(Debug, Default)]
pub struct Registry {
    sweeps: DashMap<String, Arc<Live>>,
}

impl Registry {
    /// Adds a sweep.
    pub fn insert(&self, live: Arc<Live>) {
        self.sweeps.insert(live.id.clone(), live);
    }

    /// Forgets a sweep.
    pub fn remove(&self, id: &str) {
        self.sweeps.remove(id);
    }

    /// The sweep of that id.
    pub fn get(&self, id: &str) -> Option<Arc<Live>> {
        self.sweeps.get(id).map(|live| Arc::clone(&live))
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.sweeps.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.sweeps.is_empty()
    }

    /// All sweeps, newest first: ids sort by time.
    pub fn newest_first(&self) -> Vec<Arc<Live>> {
        let mut all: Vec<_> = self.sweeps.iter().map(|live| Arc::clone(&live)).collect();
        all.sort_unstable_by(|a, b| b.id.cmp(&a.id));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::tests::live;

    #[test]
    fn sweeps_come_newest_first() {
        let registry = Registry::default();
        for id in ["b", "a", "c"] {
            registry.insert(live(id));
        }
        let ids: Vec<_> = registry.newest_first().iter().map(|live| live.id.clone()).collect();
        assert_eq!(ids, ["c", "b", "a"]);
        registry.remove("b");
        assert!(registry.get("b").is_none() && registry.get("a").is_some());
        assert_eq!(registry.len(), 2);
    }
}
