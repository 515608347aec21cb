//! Snapshot of all metrics. Knows no format.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::lab::Lab;
use engine::jobs::counters::ENDS;
use engine::jobs::state::State;
use engine::sys::clock::unix_time_ns;
use engine::sys::process;
use engine::sys::rusage::Usage;

/// All metrics at one moment; `None` is unknown and omitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Since the lab started.
    pub(crate) uptime: Duration,
    /// Sweeps that ended, by state.
    pub(crate) sweeps_ended: [(State, u64); ENDS.len()],
    /// Explorations that ended, by state.
    pub(crate) explorations_ended: [(State, u64); ENDS.len()],
    /// Measured attempts.
    pub(crate) attempts: u64,
    /// Stored events.
    pub(crate) events: u64,
    /// Queued sweeps and explorations.
    pub(crate) queued: u64,
    /// Stored sweeps.
    pub(crate) kept_sweeps: u64,
    /// Whether a sweep or an exploration runs.
    pub(crate) is_busy: bool,
    /// Open streams of events.
    pub(crate) watchers: u64,
    /// Open connections.
    pub(crate) connections: u64,
    /// 1 if measurements can no longer be trusted, else 0.
    pub(crate) degraded: Option<u64>,
    /// Bytes of the history on disk.
    pub(crate) history_bytes: Option<u64>,
    /// Resident memory.
    pub(crate) resident_bytes: Option<u64>,
    /// Open descriptors.
    pub(crate) open_files: Option<u64>,
    /// Time on processors.
    pub(crate) cpu: Option<Duration>,
}

impl Snapshot {
    /// Reads all metrics: some ten microseconds, mostly in `/proc`.
    pub(crate) fn of(lab: &Lab) -> Self {
        let counters = lab.counters();
        let now_ns = unix_time_ns();
        Self {
            uptime: Duration::from_nanos(now_ns.saturating_sub(lab.start_time_ns())),
            sweeps_ended: counters.sweeps_ended.all(),
            explorations_ended: counters.explorations_ended.all(),
            attempts: counters.attempts.load(Ordering::Relaxed),
            events: counters.events.load(Ordering::Relaxed),
            queued: lab.queued() as u64,
            // The store reports its own read errors.
            kept_sweeps: lab.stored_sweeps().unwrap_or(0) as u64,
            is_busy: lab.running().is_some(),
            watchers: counters.watchers.get(),
            connections: counters.connections.get(),
            degraded: Some(lab.scheduler().degraded().is_some().into()),
            history_bytes: Some(lab.history().bytes()),
            resident_bytes: process::resident_bytes(),
            open_files: process::open_files(),
            cpu: Usage::of_this_process().map(|used| used.cpu.total()),
        }
    }
}
