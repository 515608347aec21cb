//! What the lab keeps of one kind, sweeps or explorations: each with its log, found by id, at most so
//! many. A guard of the map never leaves this file: what comes out is an `Arc`. Runs nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dashmap::DashMap;
use uuid::Uuid;

use crate::config::{KEPT_BYTES_MAX, KEPT_MAX, WATCH_BATCH};
use crate::follow::Follower;
use crate::lab::LabError;
use crate::lane::QueueError;
use crate::life::State;
use crate::store::{Event, Happens, Memory, Store};

/// Something that is kept, with a log of what happens in it.
pub trait Kept: Send + Sync + 'static {
    /// What the kind is called.
    const KIND: &'static str;
    /// What its log holds.
    type Happening: Happens;

    /// Its time-sortable id.
    fn id(&self) -> &str;
    /// Where it is in its life.
    fn state(&self) -> State;
    /// What its log comes to at most, in bytes.
    fn bytes_max(&self) -> usize;
}

/// All of one kind.
pub struct Shelf<K: Kept> {
    all: DashMap<String, Arc<K>>,
    store: Arc<dyn Store<K::Happening>>,
    /// Ids by the id of the request that made them. Held while one is made, so that a retry cannot
    /// make two.
    requests: Mutex<HashMap<String, String>>,
}

impl<K: Kept> Default for Shelf<K> {
    fn default() -> Self {
        let store = Arc::new(Memory::default());
        Self { all: DashMap::default(), store, requests: Mutex::default() }
    }
}

impl<K: Kept> Shelf<K> {
    /// The logs.
    pub fn store(&self) -> &Arc<dyn Store<K::Happening>> {
        &self.store
    }

    /// Makes one and queues it, or returns the one that the same request made before.
    pub fn create(
        &self,
        request_id: &str,
        make: impl FnOnce(String) -> Result<Arc<K>, LabError>,
        queue: impl FnOnce(Arc<K>) -> Result<(), QueueError>,
    ) -> Result<Arc<K>, LabError> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = requests.get(request_id).and_then(|id| self.all.get(id)) {
            return Ok(Arc::clone(&kept));
        }
        let new = make(new_id())?;
        self.make_room(new.bytes_max())?;
        self.store.open(new.id());
        if let Err(refused) = queue(Arc::clone(&new)) {
            self.store.forget(new.id());
            return Err(refused.into());
        }
        self.all.insert(new.id().to_owned(), Arc::clone(&new));
        if !request_id.is_empty() {
            requests.insert(request_id.to_owned(), new.id().to_owned());
            requests.retain(|_, id| self.all.contains_key(id));
        }
        Ok(new)
    }

    /// The one of that id.
    pub fn get(&self, id: &str) -> Result<Arc<K>, LabError> {
        let found = self.all.get(id).map(|kept| Arc::clone(&kept));
        found.ok_or_else(|| LabError::NotFound { kind: K::KIND, id: id.to_owned() })
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them, newest first: ids sort by time.
    pub fn newest_first(&self) -> Vec<Arc<K>> {
        let mut all: Vec<_> = self.all.iter().map(|kept| Arc::clone(&kept)).collect();
        all.sort_unstable_by(|a, b| b.id().cmp(a.id()));
        all
    }

    /// The number of the newest event.
    pub fn last_sequence(&self, id: &str) -> u64 {
        self.store.follow(id).map_or(0, |newest| *newest.borrow())
    }

    /// Hands every event so far to `look`, in order.
    pub fn read(&self, id: &str, mut look: impl FnMut(&Event<K::Happening>)) {
        let mut after = 0;
        while let Ok(events) = self.store.read(id, after, WATCH_BATCH) {
            let Some(last) = events.last() else { break };
            after = last.sequence;
            for event in &events {
                look(event);
            }
        }
    }

    /// Follows the events after a sequence number.
    pub fn follow(&self, id: &str, after: u64) -> Result<Follower<K::Happening>, LabError> {
        let kept = self.get(id)?;
        let not_found = |_| LabError::NotFound { kind: K::KIND, id: id.to_owned() };
        let newest = self.store.follow(id).map_err(not_found)?;
        let last = *newest.borrow();
        if after > last && kept.state().is_terminal() {
            return Err(LabError::BeyondEnd { after, last });
        }
        Ok(Follower::new(Arc::clone(&self.store), id, after, newest))
    }

    /// Forgets the oldest that have ended until there is room for one more of so many bytes. What has
    /// not ended counts with all that it may still come to.
    fn make_room(&self, wanted: usize) -> Result<(), QueueError> {
        let all = self.newest_first();
        let has_ended = |kept: &K| kept.state().is_terminal();
        let bytes =
            |kept: &K| if has_ended(kept) { self.store.bytes(kept.id()) } else { kept.bytes_max() };
        let mut count = all.len();
        let mut held = wanted + all.iter().map(|kept| bytes(kept)).sum::<usize>();
        for kept in all.iter().rev().filter(|kept| has_ended(kept)) {
            if count < KEPT_MAX && held <= KEPT_BYTES_MAX {
                break;
            }
            (count, held) = (count - 1, held - bytes(kept));
            self.all.remove(kept.id());
            self.store.forget(kept.id());
        }
        if held <= KEPT_BYTES_MAX { Ok(()) } else { Err(QueueError::Full) }
    }
}

impl<K: Kept> std::fmt::Debug for Shelf<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("kept", &self.len()).finish_non_exhaustive()
    }
}

/// A time-sortable id: UUIDv7 in lower-case base32, whose alphabet keeps the order. The last six
/// characters are random.
fn new_id() -> String {
    data_encoding::BASE32_DNSSEC.encode(Uuid::now_v7().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Happening;

    /// One that takes up a quarter of the room and ends when it is told to.
    #[derive(Debug)]
    struct Quarter {
        id: String,
        state: Mutex<State>,
    }

    impl Kept for Quarter {
        const KIND: &'static str = "quarter";
        type Happening = Happening;

        fn id(&self) -> &str {
            &self.id
        }

        fn state(&self) -> State {
            *self.state.lock().expect("no test panics with it")
        }

        fn bytes_max(&self) -> usize {
            KEPT_BYTES_MAX / 4
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "what a shelf is made with may be refused")]
    fn make(id: String) -> Result<Arc<Quarter>, LabError> {
        Ok(Arc::new(Quarter { id, state: Mutex::new(State::Running) }))
    }

    #[test]
    fn a_request_makes_one_however_often_it_comes() {
        let shelf = Shelf::<Quarter>::default();
        let create =
            |request| shelf.create(request, make, |_| Ok(())).expect("there is room").id.clone();
        let (first, again, other) = (create("a"), create("a"), create("b"));
        assert!(first == again && first != other);
        assert_ne!(create(""), create(""), "without an id each is a request of its own");
    }

    #[test]
    fn what_runs_is_never_forgotten_and_what_has_ended_makes_room() {
        let shelf = Shelf::<Quarter>::default();
        let create = || shelf.create("", make, |_| Ok(()));
        let first: Vec<_> = (0..4).map(|_| create().expect("there is room")).collect();
        assert_eq!(create().map(drop), Err(QueueError::Full.into()));
        *first[2].state.lock().expect("ours") = State::Succeeded;
        let fifth = create().expect("one has ended");
        assert_eq!(shelf.get(&fifth.id).map(|kept| kept.id.clone()), Ok(fifth.id.clone()));
        assert!(shelf.get(&first[0].id).is_ok(), "it runs");
    }

    #[test]
    fn what_cannot_queue_is_not_kept() {
        let shelf = Shelf::<Quarter>::default();
        let refused = shelf.create("a", make, |_| Err(QueueError::Full));
        assert_eq!(refused.map(drop), Err(QueueError::Full.into()));
        assert!(shelf.is_empty());
    }

    #[test]
    fn they_come_newest_first() {
        let shelf = Shelf::<Quarter>::default();
        let create = |_| shelf.create("", make, |_| Ok(())).expect("there is room").id.clone();
        let mut ids: Vec<_> = (0..3).map(create).collect();
        ids.reverse();
        let found: Vec<_> = shelf.newest_first().iter().map(|kept| kept.id.clone()).collect();
        assert_eq!((found, shelf.len()), (ids, 3));
        let unknown = shelf.get("nobody").map(drop).expect_err("nobody has it").to_string();
        assert_eq!(unknown, "there is no quarter nobody; `list` shows those that are kept");
    }
}
