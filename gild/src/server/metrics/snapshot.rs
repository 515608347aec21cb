//! All figures of one moment. Knows no format.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::lab::Lab;
use engine::jobs::counters::ENDS;
use engine::jobs::state::State;
use engine::sys::clock::unix_time_ns;
use engine::sys::process;
use engine::sys::rusage::Usage;

/// What is known at one moment; `None` is unknown and is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Since the lab started.
    pub uptime: Duration,
    /// Sweeps that ended, by state.
    pub sweeps_ended: [(State, u64); ENDS.len()],
    /// Explorations that ended, by state.
    pub explorations_ended: [(State, u64); ENDS.len()],
    /// Attempts that were measured.
    pub attempts: u64,
    /// Events that were stored.
    pub events: u64,
    /// Sweeps and explorations that wait.
    pub queued: u64,
    /// Sweeps that are kept.
    pub kept_sweeps: u64,
    /// Whether something is measured or searched.
    pub is_busy: bool,
    /// Open streams of events.
    pub watchers: u64,
    /// Open connections.
    pub connections: Option<u64>,
    /// 1 if figures are not to be trusted any more.
    pub degraded: Option<u64>,
    /// Bytes of the history on disk.
    pub history_bytes: Option<u64>,
    /// Resident memory.
    pub resident_bytes: Option<u64>,
    /// Open descriptors.
    pub open_files: Option<u64>,
    /// Time on processors.
    pub cpu: Option<Duration>,
}

impl Snapshot {
    /// Looks now: some ten microseconds, mostly in `/proc`.
    pub fn of(lab: &Lab) -> Self {
        let counters = lab.counters();
        let now_ns = unix_time_ns();
        Self {
            uptime: Duration::from_nanos(now_ns.saturating_sub(lab.start_time_ns())),
            sweeps_ended: counters.sweeps_ended.all(),
            explorations_ended: counters.explorations_ended.all(),
            attempts: counters.attempts.load(Ordering::Relaxed),
            events: counters.events.load(Ordering::Relaxed),
            queued: lab.queued() as u64,
            // A history that cannot be read has told so elsewhere.
            kept_sweeps: lab.stored_sweeps().unwrap_or(0) as u64,
            is_busy: lab.running().is_some(),
            watchers: counters.watchers(),
            connections: counters.connections.get(),
            degraded: Some(lab.scheduler().degraded().is_some().into()),
            history_bytes: Some(lab.history().bytes()),
            resident_bytes: process::resident_bytes(),
            open_files: process::open_files(),
            cpu: Usage::of_this_process().map(|used| used.cpu.total()),
        }
    }
}
