//! A snapshot as a page of Prometheus' text format 0.0.4: names with their units, help, types.
//! Pure.

use std::collections::HashMap;

use prometheus::core::Collector;
use prometheus::{Counter, Error, Gauge, IntCounterVec, Opts, Registry, TextEncoder};

use crate::version;
use crate::web::metrics::snapshot::Snapshot;
use engine::jobs::state::State;

/// How every name begins.
const NAMESPACE: &str = "gild";

/// The page. Fails only if two families had one name.
pub(crate) fn page(snapshot: &Snapshot) -> Result<String, Error> {
    let families = Families(Registry::new_custom(Some(NAMESPACE.into()), None)?);
    families.of_the_build()?;
    families.of_the_lab(snapshot)?;
    families.of_the_process(snapshot)?;
    TextEncoder::new().encode_to_string(&families.0.gather())
}

struct Families(Registry);

impl Families {
    fn of_the_build(&self) -> Result<(), Error> {
        let labels = [
            ("version", version::VERSION),
            ("revision", version::REVISION),
            ("rustc", version::RUSTC),
            ("target", version::TARGET),
            ("profile", version::PROFILE),
        ];
        let labels: HashMap<_, _> = labels.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let options = Opts::new("build_info", "Build information; always 1.");
        let info = Gauge::with_opts(options.const_labels(labels))?;
        info.set(1.0);
        self.add(info)
    }

    fn of_the_lab(&self, snapshot: &Snapshot) -> Result<(), Error> {
        let Snapshot { attempts, events, queued, kept_sweeps, watchers, .. } = snapshot;
        self.gauge("uptime_seconds", "Time since the lab started.", snapshot.uptime.as_secs_f64())?;
        self.ends("sweeps_ended_total", "Sweeps that ended, by state.", snapshot.sweeps_ended)?;
        let help = "Explorations that ended, by state.";
        self.ends("explorations_ended_total", help, snapshot.explorations_ended)?;
        self.counter(
            "attempts_total",
            "Attempts that were measured and stored.",
            *attempts as f64,
        )?;
        self.counter("events_stored_total", "Events that were stored.", *events as f64)?;
        self.gauge("queue_length", "Queued sweeps and explorations.", *queued as f64)?;
        self.gauge("kept_sweeps", "Stored sweeps.", *kept_sweeps as f64)?;
        let busy = f64::from(u8::from(snapshot.is_busy));
        self.gauge("lane_busy", "1 while a sweep or an exploration runs, else 0.", busy)?;
        self.gauge("watchers", "Open streams of events.", *watchers as f64)?;
        self.known("connections", "Open connections of clients.", snapshot.connections)?;
        let help = "1 if measurements can no longer be trusted, else 0.";
        self.known("degraded", help, snapshot.degraded)?;
        self.known(
            "history_bytes",
            "Size of the history on disk, in bytes.",
            snapshot.history_bytes,
        )
    }

    fn of_the_process(&self, snapshot: &Snapshot) -> Result<(), Error> {
        self.known("resident_memory_bytes", "Resident memory.", snapshot.resident_bytes)?;
        self.known("open_files", "Open file descriptors.", snapshot.open_files)?;
        let help = "CPU time, measured threads included.";
        snapshot
            .cpu
            .map_or(Ok(()), |cpu| self.counter("cpu_seconds_total", help, cpu.as_secs_f64()))
    }

    fn ends(&self, name: &str, help: &str, ends: [(State, u64); 4]) -> Result<(), Error> {
        let counters = IntCounterVec::new(Opts::new(name, help), &["state"])?;
        for (state, count) in ends {
            let state = format!("{state:?}").to_lowercase();
            counters.with_label_values(&[state]).inc_by(count);
        }
        self.add(counters)
    }

    /// A gauge, unless its value is unknown.
    fn known(&self, name: &str, help: &str, value: Option<u64>) -> Result<(), Error> {
        value.map_or(Ok(()), |value| self.gauge(name, help, value as f64))
    }

    fn gauge(&self, name: &str, help: &str, value: f64) -> Result<(), Error> {
        let gauge = Gauge::new(name, help)?;
        gauge.set(value);
        self.add(gauge)
    }

    fn counter(&self, name: &str, help: &str, value: f64) -> Result<(), Error> {
        let counter = Counter::new(name, help)?;
        counter.inc_by(value);
        self.add(counter)
    }

    fn add(&self, family: impl Collector + 'static) -> Result<(), Error> {
        self.0.register(Box::new(family))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn snapshot() -> Snapshot {
        Snapshot {
            uptime: Duration::from_millis(1500),
            sweeps_ended: [
                (State::Succeeded, 3),
                (State::Failed, 0),
                (State::Cancelled, 1),
                (State::Interrupted, 0),
            ],
            explorations_ended: engine::jobs::counters::Ends::default().all(),
            attempts: 700,
            events: 42,
            queued: 2,
            kept_sweeps: 4,
            is_busy: true,
            watchers: 1,
            connections: None,
            degraded: Some(0),
            history_bytes: None,
            resident_bytes: Some(1 << 20),
            open_files: Some(9),
            cpu: Some(Duration::from_millis(2500)),
        }
    }

    #[test]
    fn every_family_has_help_type_and_prefix() {
        let page = page(&snapshot()).expect("names differ");
        let names = |kind: &str| {
            let lines = page.lines().filter_map(|line| line.strip_prefix(kind));
            lines.map(|l| l.split(' ').next().unwrap_or("").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("# HELP "), names("# TYPE "));
        assert!(names("# HELP ").iter().all(|name| name.starts_with("gild_")), "{page}");
        for line in [
            "# TYPE gild_attempts_total counter",
            "gild_attempts_total 700",
            "gild_uptime_seconds 1.5",
            "gild_sweeps_ended_total{state=\"succeeded\"} 3",
            "gild_sweeps_ended_total{state=\"interrupted\"} 0",
            "gild_lane_busy 1",
            "gild_degraded 0",
            "gild_cpu_seconds_total 2.5",
            "gild_resident_memory_bytes 1048576",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
        }
    }

    #[test]
    fn unknown_values_are_omitted() {
        let page = page(&snapshot()).expect("names differ");
        assert!(!page.contains("gild_connections") && !page.contains("gild_history_bytes"));
    }
}
