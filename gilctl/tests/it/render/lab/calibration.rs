//! Calibration of an interpreter.

use proto::v1::CalibratePythonResponse;

use crate::support::labs::calibrated;
use view::render::format::document::Document as _;

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

/// An interpreter that no era models has no command that would model it by another.
#[test]
fn calibration_without_an_era_proposes_no_sweep() {
    let version = "3.14.10".into();
    let answer = CalibratePythonResponse { era: String::new(), version, ..calibrated() };
    let sentence = "\nThis lab has no era of CPython 3.14.10, so no `gil` models it.\n";
    for text in [answer.table(WIDE_PAGE), answer.markdown()] {
        assert!(text.ends_with(sentence), "{text}");
    }
    let fields = answer.ndjson();
    assert!(!fields.contains("\"era\"") && !fields.contains("\"command\""), "{fields}");
}

/// Remarks stand between the figures and the command, which stays the last line.
#[test]
fn calibration_remarks_are_shown() {
    let notes = vec!["The machine was busy.".into(), "Set here: PYTHON_GIL.".into()];
    let answer = CalibratePythonResponse { notes, others: None, ..calibrated() };
    let (table, markdown) = (answer.table(WIDE_PAGE), answer.markdown());
    let wanted =
        "]       20\n\nnote: The machine was busy.\nnote: Set here: PYTHON_GIL.\n\ngilctl sweep";
    assert!(table.contains(wanted), "{table}");
    let wanted = " |\n\n- The machine was busy.\n- Set here: PYTHON_GIL.\n\n    gilctl sweep";
    assert!(markdown.contains(wanted), "{markdown}");
    let notes = r#""notes":["The machine was busy.","Set here: PYTHON_GIL."]"#;
    assert!(answer.ndjson().contains(notes), "{}", answer.ndjson());
    assert!(!answer.ndjson().contains("others_fraction"));
}

/// A figure that was not measured is not zero.
#[test]
fn missing_figure_is_shown_as_a_dash() {
    let answer = CalibratePythonResponse { task_ns: None, ..calibrated() };
    assert!(answer.table(WIDE_PAGE).contains("cost per task                     –        –\n"));
    assert!(!answer.ndjson().contains("task_ns"));
}
