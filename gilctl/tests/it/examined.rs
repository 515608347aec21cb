//! How a lab is doing and what was found of its machine, as text.

use gilctl::render::format::color::Color;
use gilctl::render::format::document::Document as _;
use gilctl::render::format::page::{Extent, Page, Width};
use gilctl::render::lab::status::Status;
use proto::v1::{ExamineMachineResponse, Examined, Fitness, Lab, OwnerLoad};

use crate::fixture::{chapter, machine};

const WIDE: Page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };
const RED: Page = Page { color: Color::Ansi, ..WIDE };
const HOUR_NS: u64 = 3_600_000_000_000;

/// A lab with something of everything.
pub(crate) fn busy() -> Lab {
    let owner = |owner: &str, waiting| OwnerLoad { owner: owner.into(), waiting };
    Lab {
        version: "0.1.0".into(),
        start_time_ns: HOUR_NS,
        machine: Some(machine()),
        queued_sweeps: 3,
        kept_sweeps: 12,
        running: chapter().name,
        history: "/home/lab/.local/share/gild/lab.db".into(),
        history_bytes: 4_190_000,
        watchers: 2,
        owners: vec![owner("user 1000", 2), owner("token ci", 1)],
        lanes: 1,
        resident_bytes: 21_000_000,
        ..Lab::default()
    }
}

/// A governor that is as fit as `worst`, and something good.
pub(crate) fn examined(worst: Fitness) -> ExamineMachineResponse {
    let it = |name: &str, found: &str, fitness: Fitness, advice: &str| Examined {
        name: name.into(),
        found: found.into(),
        fitness: fitness.into(),
        advice: advice.into(),
    };
    ExamineMachineResponse {
        examined: vec![
            it("governor", "powersave", worst, "cpupower frequency-set -g performance"),
            it("clock source", "tsc", Fitness::Good, ""),
        ],
        verdict: "One thing makes figures doubtful.".into(),
        machine: Some(machine()),
    }
}

#[test]
fn a_busy_lab_for_people() {
    insta::assert_snapshot!(Status { lab: busy(), now_ns: 4 * HOUR_NS }.table(WIDE));
}

#[test]
fn a_busy_lab_for_programs() {
    insta::assert_snapshot!(Status { lab: busy(), now_ns: 0 }.ndjson());
}

#[test]
fn an_idle_lab_that_keeps_nothing_on_disk_and_is_degraded() {
    let degraded = "a worker never came back and may still run".to_owned();
    let pythons = vec!["/usr/bin/python3".to_owned()];
    let lab = Lab { version: "0.1.0".into(), degraded, pythons, ..Lab::default() };
    let status = Status { lab, now_ns: HOUR_NS };
    insta::assert_snapshot!(status.table(WIDE));
    let coloured = status.table(RED);
    assert!(coloured.contains("\u{1b}[1;97;41mdegraded: a worker"), "{coloured}");
    assert!(!status.ndjson().contains("resident_bytes"));
}

#[test]
fn findings_for_people_and_programs() {
    let answer = examined(Fitness::Doubtful);
    let texts = [
        answer.table(WIDE),
        answer.markdown(),
        answer.ndjson().trim_end().to_owned(),
        answer.json().trim_end().to_owned(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
    let bad = examined(Fitness::Bad).table(RED);
    assert!(bad.contains("\u{1b}[1;97;41mgovernor"), "{bad}");
}
