//! The families of the page: names with their units, help and types, and what each reads of a snapshot.
//! Pure.

use prometheus::proto::MetricType;

use crate::web::metrics::snapshot::Snapshot;
use engine::jobs::counters::ENDS;
use engine::jobs::state::State;

/// One family of metrics; its name without the prefix of all.
#[derive(Debug)]
pub(crate) struct FamilyRow {
    /// E.g. `attempts_total`.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// Counter or gauge.
    pub(crate) kind: MetricType,
    /// Its values in a snapshot.
    pub(crate) read: fn(&Snapshot) -> FamilyValues,
}

/// The values of a family at one moment.
#[derive(Debug)]
pub(crate) enum FamilyValues {
    /// One value; `None` is unknown, and omits the family.
    Single(Option<f64>),
    /// One value for each end of a job.
    ByState([(State, u64); ENDS.len()]),
}

/// All families but `build_info`, which is constant.
pub(crate) const FAMILIES: [FamilyRow; 15] = [
    gauge("uptime_seconds", "Time since the lab started.", |it| known(it.uptime.as_secs_f64())),
    counter("sweeps_ended_total", "Sweeps that ended, by state.", |it| {
        FamilyValues::ByState(it.sweeps_ended)
    }),
    counter("explorations_ended_total", "Explorations that ended, by state.", |it| {
        FamilyValues::ByState(it.explorations_ended)
    }),
    counter("attempts_total", "Attempts that were measured and stored.", |it| count(it.attempts)),
    counter("events_stored_total", "Events that were stored.", |it| count(it.events)),
    gauge("queue_length", "Queued sweeps and explorations.", |it| count(it.queued)),
    gauge("kept_sweeps", "Stored sweeps.", |it| count(it.kept_sweeps)),
    gauge("lane_busy", "1 while a sweep or an exploration runs, else 0.", |it| {
        count(it.is_busy.into())
    }),
    gauge("watchers", "Open streams of events.", |it| count(it.watchers)),
    gauge("connections", "Open connections of clients.", |it| count(it.connections)),
    gauge("degraded", "1 if measurements can no longer be trusted, else 0.", |it| {
        maybe(it.degraded)
    }),
    gauge("history_bytes", "Size of the history on disk, in bytes.", |it| maybe(it.history_bytes)),
    gauge("resident_memory_bytes", "Resident memory.", |it| maybe(it.resident_bytes)),
    gauge("open_files", "Open file descriptors.", |it| maybe(it.open_files)),
    counter("cpu_seconds_total", "CPU time, measured threads included.", |it| {
        FamilyValues::Single(it.cpu.map(|cpu| cpu.as_secs_f64()))
    }),
];

type Reader = fn(&Snapshot) -> FamilyValues;

const fn gauge(name: &'static str, help: &'static str, read: Reader) -> FamilyRow {
    FamilyRow { name, help, kind: MetricType::GAUGE, read }
}

const fn counter(name: &'static str, help: &'static str, read: Reader) -> FamilyRow {
    FamilyRow { name, help, kind: MetricType::COUNTER, read }
}

fn known(value: f64) -> FamilyValues {
    FamilyValues::Single(Some(value))
}

fn count(value: u64) -> FamilyValues {
    maybe(Some(value))
}

fn maybe(value: Option<u64>) -> FamilyValues {
    FamilyValues::Single(value.map(|value| value as f64))
}
