//! State of a lab.

use crate::support::labs::{HOUR_NS, busy};
use gilctl::render::format::document::Document as _;
use gilctl::render::lab::status::Status;
use proto::v1::Lab;

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
    let lab = Lab { version: "0.1.0".into(), degraded, pythons, ..Lab::default() };
    let status = Status { lab, now_ns: HOUR_NS };
    insta::assert_snapshot!(status.table(WIDE_PAGE));
    let coloured = status.table(COLORED_PAGE);
    assert!(coloured.contains("\u{1b}[1;97;41mdegraded: a worker"), "{coloured}");
    assert!(!status.ndjson().contains("resident_bytes"));
}
