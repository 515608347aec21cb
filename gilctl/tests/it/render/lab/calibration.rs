//! Calibration of an interpreter.

use proto::v1::CalibratePythonResponse;

use crate::support::labs::calibrated;
use gilctl::render::format::document::Document as _;

use crate::support::pages::WIDE_PAGE;

#[test]
fn calibration_as_table() {
    insta::assert_snapshot!(calibrated().table(WIDE_PAGE));
}

#[test]
fn calibration_as_markdown() {
    insta::assert_snapshot!(calibrated().markdown());
}

#[test]
fn calibration_as_ndjson_and_csv() {
    insta::assert_snapshot!(calibrated().ndjson() + &calibrated().csv());
}

/// A figure that was not measured is not zero.
#[test]
fn missing_figure_is_shown_as_a_dash() {
    let answer = CalibratePythonResponse { task_ns: None, ..calibrated() };
    assert!(answer.table(WIDE_PAGE).contains("cost per task                     –        –\n"));
    assert!(!answer.ndjson().contains("task_ns"));
}
