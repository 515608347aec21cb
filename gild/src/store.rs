//! The event log: append-only, read by sequence number. [`Store`] is the interface; [`Memory`] keeps
//! everything in memory, bounded by the shelf that it belongs to (see [`crate::shelf`]).
//!
//! Replay and live are one loop: a follower reads from a number on and waits for the log to grow.
//! Nobody is dropped for being slow, and no follower can slow a run.

use std::sync::{Arc, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use dashmap::DashMap;
use tokio::sync::watch;

use crate::column::Column;
use crate::host::Host;
use crate::life::State;
use crate::measure::Measurement;
use crate::seed::of_attempt;

/// One cell's share of a round: a column for each figure of its attempts, one number an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The sweep's seed, of which the attempts' seeds are made.
    pub sweep_seed: u64,
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// Number of its first attempt within the cell.
    pub first_attempt: u32,
    /// The counter's value after each attempt.
    pub finals: Column,
    /// Duration of each attempt in nanoseconds.
    pub duration_ns: Column,
    /// Thousandths of each attempt's time in which two workers were at work.
    pub overlap_milli: Column,
    /// Hand-overs of each attempt; empty without a lock.
    pub switches: Column,
    /// Increments done in each attempt; empty where the cell says how many are expected.
    pub increments: Column,
    /// The cell's statistics with this turn included.
    pub measurement: Measurement,
}

impl Turn {
    /// Seed of each attempt: not kept, for the sweep's seed and the attempt's number make it.
    pub fn seeds(&self) -> Vec<u64> {
        let seed = |attempt| of_attempt(self.sweep_seed, self.cell, attempt);
        (self.first_attempt..).take(self.finals.len()).map(seed).collect()
    }

    /// Share of each attempt's time in which two workers were at work, 0 to 1.
    pub fn overlaps(&self) -> Vec<f64> {
        self.overlap_milli.unpack().into_iter().map(|milli| milli as f64 / 1000.0).collect()
    }

    fn bytes_held(&self) -> usize {
        let Self { finals, duration_ns, overlap_milli, switches, increments, .. } = self;
        let columns = [finals, duration_ns, overlap_milli, switches, increments];
        columns.map(Column::bytes_held).iter().sum::<usize>() + self.measurement.bytes_held()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// The sweep left the queue.
    Started(Host),
    /// A cell had a turn.
    Turn(Turn),
    /// A cell is complete, or its sweep ended before it was.
    CellEnded {
        /// The cell's position.
        cell: usize,
        /// Whether all requested attempts were done.
        complete: bool,
        /// Its statistics.
        measurement: Measurement,
    },
    /// The sweep ended; the last event.
    Ended {
        /// Its final state.
        state: State,
        /// The verdict in one sentence.
        verdict: String,
        /// Remarks.
        notes: Vec<String>,
        /// Why it failed; empty otherwise.
        error: String,
    },
}

/// What a log can hold.
pub trait Happens: std::fmt::Debug + Send + Sync + 'static {
    /// Bytes that it holds besides itself.
    fn bytes_held(&self) -> usize;
    /// Whether it is the last event of all.
    fn is_last(&self) -> bool;
}

impl Happens for Happening {
    fn bytes_held(&self) -> usize {
        match self {
            Self::Turn(turn) => turn.bytes_held(),
            Self::Ended { verdict, notes, error, .. } => {
                verdict.len() + error.len() + notes.iter().map(String::len).sum::<usize>()
            }
            Self::CellEnded { measurement, .. } => measurement.bytes_held(),
            Self::Started(_) => 0,
        }
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }
}

/// One thing that happened. Never changed once it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<H = Happening> {
    /// From 1 up by 1.
    pub sequence: u64,
    /// Nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// What happened.
    pub happening: H,
}

/// What cannot be done with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is none of that id, or not any more.
    #[error("there is no such log")]
    Unknown,
}

/// Logs of events of one kind, one per sweep or exploration.
pub trait Store<H: Happens = Happening>: std::fmt::Debug + Send + Sync {
    /// Begins an empty log.
    fn open(&self, id: &str);
    /// Adds an event; returns its sequence number.
    fn append(&self, id: &str, happening: H) -> Result<u64, StoreError>;
    /// At most `most` events with numbers greater than `after`, in order.
    fn read(&self, id: &str, after: u64, most: usize) -> Result<Vec<Arc<Event<H>>>, StoreError>;
    /// The newest sequence number, 0 for none, and word of each new one.
    fn follow(&self, id: &str) -> Result<watch::Receiver<u64>, StoreError>;
    /// Drops a log; its followers see it end.
    fn forget(&self, id: &str);
    /// About how many bytes a log takes; 0 if there is none.
    fn bytes(&self, id: &str) -> usize;
}

/// Logs in memory.
#[derive(Debug)]
pub struct Memory<H = Happening> {
    logs: DashMap<String, Arc<Log<H>>>,
}

#[derive(Debug)]
struct Log<H> {
    events: RwLock<Events<H>>,
    newest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Events<H> {
    all: Vec<Arc<Event<H>>>,
    bytes: usize,
}

impl<H> Default for Memory<H> {
    fn default() -> Self {
        Self { logs: DashMap::default() }
    }
}

impl<H> Memory<H> {
    /// The log, out of the map: no guard outlives this call.
    fn log(&self, id: &str) -> Result<Arc<Log<H>>, StoreError> {
        self.logs.get(id).map(|log| Arc::clone(&log)).ok_or(StoreError::Unknown)
    }
}

impl<H: Happens> Store<H> for Memory<H> {
    fn open(&self, id: &str) {
        let events = RwLock::new(Events { all: Vec::new(), bytes: 0 });
        let log = Log { events, newest: watch::Sender::new(0) };
        self.logs.insert(id.to_owned(), Arc::new(log));
    }

    fn append(&self, id: &str, happening: H) -> Result<u64, StoreError> {
        let log = self.log(id)?;
        let mut events = log.events.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let sequence = events.all.len() as u64 + 1;
        events.bytes += size_of::<Event<H>>() + happening.bytes_held();
        events.all.push(Arc::new(Event { sequence, time_ns: unix_time_ns(), happening }));
        drop(events);
        log.newest.send_replace(sequence);
        Ok(sequence)
    }

    fn read(&self, id: &str, after: u64, most: usize) -> Result<Vec<Arc<Event<H>>>, StoreError> {
        let log = self.log(id)?;
        let events = log.events.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let from = usize::try_from(after).unwrap_or(usize::MAX).min(events.all.len());
        Ok(events.all[from..].iter().take(most).cloned().collect())
    }

    fn follow(&self, id: &str) -> Result<watch::Receiver<u64>, StoreError> {
        Ok(self.log(id)?.newest.subscribe())
    }

    fn forget(&self, id: &str) {
        self.logs.remove(id);
    }

    fn bytes(&self, id: &str) -> usize {
        self.log(id).map_or(0, |log| {
            log.events.read().unwrap_or_else(std::sync::PoisonError::into_inner).bytes
        })
    }
}

/// Nanoseconds since the Unix epoch; 0 on a clock before it.
pub fn unix_time_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Happening {
        Happening::Ended {
            state: State::Succeeded,
            verdict: "right".into(),
            notes: Vec::new(),
            error: String::new(),
        }
    }

    #[test]
    fn events_are_numbered_from_one() {
        let store = Memory::<Happening>::default();
        store.open("a");
        assert_eq!((store.append("a", ended()), store.append("a", ended())), (Ok(1), Ok(2)));
        let numbers = |after, most| {
            let events = store.read("a", after, most).expect("the log is there");
            events.iter().map(|event| event.sequence).collect::<Vec<_>>()
        };
        assert_eq!((numbers(0, 10), numbers(1, 10), numbers(0, 1)), (vec![1, 2], vec![2], vec![1]));
        assert_eq!(numbers(u64::MAX, 10), [0; 0]);
    }

    #[test]
    fn followers_hear_of_growth_and_of_the_end() {
        let store = Memory::<Happening>::default();
        store.open("a");
        let mut newest = store.follow("a").expect("the log is there");
        store.append("a", ended()).expect("the log is there");
        assert!(newest.has_changed().expect("the log is there"));
        assert_eq!(*newest.borrow_and_update(), 1);
        store.forget("a");
        assert!(newest.has_changed().is_err());
        assert_eq!(store.append("a", ended()), Err(StoreError::Unknown));
    }

    #[test]
    fn bytes_grow_with_the_log_and_go_with_it() {
        let store = Memory::<Happening>::default();
        store.open("a");
        store.append("a", ended()).expect("the log is there");
        assert!(store.bytes("a") >= size_of::<Event<Happening>>());
        store.forget("a");
        assert_eq!(store.bytes("a"), 0);
    }
}
