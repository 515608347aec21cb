//! State of a lab.

use crate::support::labs::{HOUR_NS, busy};
use proto::v1::Lab;
use view::render::format::document::Document as _;
use view::render::lab::status::Status;

use crate::support::pages::{COLORED_PAGE, WIDE_PAGE};

#[test]
fn busy_lab_as_table() {
    insta::assert_snapshot!(Status { lab: busy(), now_ns: 4 * HOUR_NS }.table(WIDE_PAGE));
}

#[test]
fn busy_lab_as_ndjson() {
    insta::assert_snapshot!(Status { lab: busy(), now_ns: 0 }.ndjson());
}

#[test]
fn idle_degraded_lab_as_table() {
    let degraded = "a worker never came back and may still run".to_owned();
    let pythons = vec!["/usr/bin/python3".to_owned()];
    let version = "0.1.0".to_owned();
    let lab = Lab { version, start_time_ns: HOUR_NS, degraded, pythons, ..Lab::default() };
    let status = Status { lab, now_ns: 2 * HOUR_NS };
    insta::assert_snapshot!(status.table(WIDE_PAGE));
    let coloured = status.table(COLORED_PAGE);
    assert!(coloured.contains("\u{1b}[1;97;41mdegraded: a worker"), "{coloured}");
    assert!(!status.ndjson().contains("resident_bytes"));
}

/// A lab without a start time reads what another process writes.
#[test]
fn figures_of_another_process_are_unknown() {
    let lab = Lab { lanes: 0, start_time_ns: 0, resident_bytes: 0, ..busy() };
    let status = Status { lab, now_ns: 4 * HOUR_NS };
    let table = status.table(WIDE_PAGE);
    let rows = ["up unknown", "lanes     unknown", "memory    unknown", "trust     unknown"];
    assert!(rows.iter().all(|row| table.contains(row)), "{table}");
    let document = status.ndjson();
    let absent = ["start_time_ns", "lanes", "watchers", "resident_bytes", "degraded"];
    assert!(absent.iter().all(|name| !document.contains(name)), "{document}");
    assert!(document.contains("\"running\"") && document.contains("\"queued_sweeps\""));
}
