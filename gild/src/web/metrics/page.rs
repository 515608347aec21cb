//! The page of metrics in Prometheus' text format 0.0.4: a registry that is made once, whose collector
//! reads a snapshot at each scrape.

use std::collections::HashMap;
use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Error, Opts, Registry, TextEncoder};

use crate::version;
use crate::web::metrics::families::{FAMILIES, FamilyRow, FamilyValues};
use crate::web::metrics::snapshot::Snapshot;

/// How every name begins.
const NAMESPACE: &str = "gild";

/// The page of one lab; its clones share a registry.
#[derive(Debug, Clone)]
pub(crate) struct MetricsPage {
    /// An error, which every scrape reports, if two families had one name.
    registry: Arc<Result<Registry, Error>>,
}

impl MetricsPage {
    /// The page over a source of snapshots, which each scrape calls once.
    pub(crate) fn new(source: impl Fn() -> Snapshot + Send + Sync + 'static) -> Self {
        Self { registry: Arc::new(registry(source)) }
    }

    /// Its text. Reads the store and `/proc`, so it may block.
    ///
    /// # Errors
    ///
    /// Fails only if two families had one name.
    pub(crate) fn text(&self) -> Result<String, String> {
        let registry = self.registry.as_ref().as_ref().map_err(ToString::to_string)?;
        let families = registry.gather();
        TextEncoder::new().encode_to_string(&families).map_err(|error| error.to_string())
    }
}

fn registry(source: impl Fn() -> Snapshot + Send + Sync + 'static) -> Result<Registry, Error> {
    let registry = Registry::new_custom(Some(NAMESPACE.into()), None)?;
    registry.register(Box::new(build_info()?))?;
    registry.register(Box::new(SnapshotCollector::new(source)?))?;
    Ok(registry)
}

fn build_info() -> Result<prometheus::Gauge, Error> {
    let labels = [
        ("version", version::VERSION),
        ("revision", version::REVISION),
        ("rustc", version::RUSTC),
        ("target", version::TARGET),
        ("profile", version::PROFILE),
    ];
    let labels: HashMap<_, _> = labels.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let options = Opts::new("build_info", "Build information; always 1.");
    let info = prometheus::Gauge::with_opts(options.const_labels(labels))?;
    info.set(1.0);
    Ok(info)
}

/// All families that change; their descriptors are fixed.
struct SnapshotCollector<S> {
    descriptors: Vec<Desc>,
    source: S,
}

impl<S> SnapshotCollector<S> {
    fn new(source: S) -> Result<Self, Error> {
        let describe = |row: &FamilyRow| {
            Desc::new(row.name.to_owned(), row.help.to_owned(), Vec::new(), HashMap::new())
        };
        Ok(Self { descriptors: FAMILIES.iter().map(describe).collect::<Result<_, _>>()?, source })
    }
}

impl<S: Fn() -> Snapshot + Send + Sync> Collector for SnapshotCollector<S> {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptors.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let snapshot = (self.source)();
        FAMILIES.iter().map(|row| family(row, &snapshot)).collect()
    }
}

/// A family with its values; the registry leaves out one without.
fn family(row: &FamilyRow, snapshot: &Snapshot) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(row.name.to_owned());
    family.set_help(row.help.to_owned());
    family.set_field_type(row.kind);
    family.set_metric(match (row.read)(snapshot) {
        FamilyValues::Single(value) => {
            value.into_iter().map(|value| metric(row.kind, value, Vec::new())).collect()
        }
        FamilyValues::ByState(ends) => {
            let of = |(state, count)| {
                let mut label = LabelPair::default();
                label.set_name("state".to_owned());
                label.set_value(format!("{state:?}").to_lowercase());
                metric(row.kind, count, vec![label])
            };
            ends.map(|(state, count)| of((state, count as f64))).into()
        }
    });
    family
}

fn metric(kind: MetricType, value: f64, labels: Vec<LabelPair>) -> Metric {
    let mut metric = Metric::from_label(labels);
    if kind == MetricType::COUNTER {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    metric
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::jobs::state::State;

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
            connections: 3,
            degraded: Some(0),
            history_bytes: None,
            resident_bytes: Some(1 << 20),
            open_files: Some(9),
            cpu: Some(Duration::from_millis(2500)),
        }
    }

    #[test]
    fn every_family_has_help_type_and_prefix() {
        let page = MetricsPage::new(snapshot).text().expect("names differ");
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
            "gild_connections 3",
            "gild_cpu_seconds_total 2.5",
            "gild_resident_memory_bytes 1048576",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
        }
    }

    #[test]
    fn unknown_values_are_omitted() {
        let page = MetricsPage::new(snapshot).text().expect("names differ");
        assert!(!page.contains("gild_history_bytes"));
    }
}
