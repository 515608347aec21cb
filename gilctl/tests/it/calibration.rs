//! What a real interpreter's steps cost, as text.

use gilctl::render::format::color::Color;
use gilctl::render::format::document::Document as _;
use gilctl::render::format::page::{Extent, Page, Width};
use proto::v1::{CalibratePythonResponse, Estimate};

const WIDE: Page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };

pub(crate) fn calibrated() -> CalibratePythonResponse {
    CalibratePythonResponse {
        python: "/usr/bin/python3".into(),
        version: "3.11.7".into(),
        step_cost_ns: Some(Estimate { low: 12.11, median: 12.34, high: 12.91, samples: 30 }),
        task_ns: Some(Estimate { low: 6_480.0, median: 6_612.0, high: 7_020.0, samples: 20 }),
        task_steps: Some(Estimate { low: 521.0, median: 535.2, high: 571.0, samples: 20 }),
        step_cost_ns_proposed: 12,
        task_steps_proposed: 540,
        era: "3.11".into(),
    }
}

#[test]
fn costs_for_people() {
    insta::assert_snapshot!(calibrated().table(WIDE));
}

#[test]
fn costs_for_documents() {
    insta::assert_snapshot!(calibrated().markdown());
}

#[test]
fn costs_for_programs() {
    insta::assert_snapshot!(calibrated().ndjson() + &calibrated().csv());
}

/// A figure that was not measured is not zero.
#[test]
fn what_was_not_measured_is_not_shown() {
    let answer = CalibratePythonResponse { task_ns: None, ..calibrated() };
    assert!(answer.table(WIDE).contains("cost per task                     –        –\n"));
    assert!(!answer.ndjson().contains("task_ns"));
}
