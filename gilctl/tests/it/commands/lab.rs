//! `gilctl strategies`, `calibrate`, `status` and `doctor` against a fake server.

use proto::v1::Fitness;
use tonic::Code;

use crate::support::fake_lab::{FakeLab, run};

#[track_caller]
fn refuses(code: Code, field: &'static str, arguments: &[&str], exit: i32, message: &str) {
    let server = FakeLab { refuses: Some((code, field)), ..FakeLab::default() };
    let (code, out, err, _) = run(&server, arguments);
    assert_eq!((code, out.as_str()), (Some(exit), ""), "{err}");
    assert!(err.ends_with(message), "{err}");
}

#[test]
fn each_body_is_requested_with_the_typed_eras() {
    let listing = ["strategies", "--body", "call,io", "--era", "3.9,3.12", "--output", "ndjson"];
    let (code, out, err, requests) = run(&FakeLab::default(), &listing);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(requests, ["call of 3.9+3.12", "io of 3.9+3.12"]);
    assert_eq!(out.lines().count(), 8);
    assert!(
        out.lines()
            .all(|line| line.starts_with(r#"{"kind":"listing","schema":"gild.v2","body":""#)),
        "{out}"
    );
    let (_, _, _, requests) = run(&FakeLab::default(), &["strategies", "--body", "call"]);
    assert_eq!(requests, ["call of "]);
}

#[test]
fn calibration_ends_with_a_command_line() {
    let (code, out, err, requests) =
        run(&FakeLab::default(), &["calibrate", "--python", "/a,b/python"]);
    assert_eq!((code, requests), (Some(0), vec!["python /a,b/python".to_owned()]), "{err}");
    let wanted = "gilctl sweep --strategy gil --era 3.11 --step-cost 12ns --task-steps 540";
    assert_eq!(out.lines().last(), Some(wanted));
    let (_, _, _, requests) = run(&FakeLab::default(), &["calibrate"]);
    assert_eq!(requests, ["python "]);
}

#[test]
fn calibration_is_printed_in_every_format() {
    for (format, beginning) in [
        ("table", "CPython 3.11.7 at"),
        ("markdown", "CPython 3.11.7 at"),
        ("json", r#"{"schema":"gild.v2","python":"/usr/bin/python3","#),
        ("ndjson", r#"{"kind":"calibration","schema":"gild.v2","python":"#),
        ("csv", "python,version,step_cost_ns_median,"),
    ] {
        let (code, out, err, _) = run(&FakeLab::default(), &["calibrate", "--output", format]);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.starts_with(beginning), "{out}");
    }
}

#[test]
fn refusal_exits_2_and_names_the_flag() {
    let calibrate: &[&str] = &["calibrate", "--python", "x"];
    let wanted = "gilctl: --python: `x` is unknown; choose another\n";
    refuses(Code::InvalidArgument, "python", calibrate, 2, wanted);
    let wanted = "gilctl: python3 has no `time` module\n";
    refuses(Code::FailedPrecondition, "", calibrate, 2, wanted);
    let listing: &[&str] = &["strategies", "--body", "x"];
    let wanted = "gilctl: --body: `x` is unknown; choose another\n";
    refuses(Code::InvalidArgument, "bodies", listing, 2, wanted);
    let wanted = "gilctl: --era: `x` is unknown; choose another\n";
    refuses(Code::InvalidArgument, "eras", listing, 2, wanted);
}

#[test]
fn unimplemented_call_asks_about_versions() {
    let wanted = "; are gild and gilctl of one version?\n";
    refuses(Code::Unimplemented, "", &["calibrate"], 1, wanted);
}

#[test]
fn bad_finding_exits_4_and_doubtful_one_0() {
    let doctor = |worst| run(&FakeLab { worst, ..FakeLab::default() }, &["doctor"]);
    let (code, out, err, requests) = doctor(Fitness::Bad);
    assert_eq!((code, requests), (Some(4), vec!["machine".to_owned()]), "{err}");
    assert!(out.contains("bad") && out.ends_with("One thing makes figures doubtful.\n"), "{out}");
    for fine in [Fitness::Good, Fitness::Unknown, Fitness::Doubtful] {
        assert_eq!(doctor(fine).0, Some(0));
    }
}

#[test]
fn doctor_and_status_are_printed_in_every_format() {
    for (format, doctor, status) in [
        ("table", "WHAT  ", "version   0.1.0, up "),
        ("markdown", "| WHAT ", "| WHAT "),
        ("json", r#"{"schema":"gild.v2","examined":[{"#, r#"{"schema":"gild.v2","version":"#),
        ("ndjson", r#"{"kind":"examined","schema":"gild.v2","#, r#"{"kind":"status","schema":""#),
        ("csv", "name,found,fitness,advice\n", "version,start_time_ns,machine,"),
    ] {
        for (command, beginning) in [("doctor", doctor), ("status", status)] {
            let (code, out, err, _) = run(&FakeLab::default(), &[command, "--output", format]);
            assert_eq!(code, Some(0), "{err}");
            assert!(out.starts_with(beginning), "{out}");
        }
    }
    let (_, _, err, _) = run(&FakeLab::default(), &["status"]);
    assert_eq!(err, "next: gilctl watch 4abcde\n");
}

#[test]
fn failed_doctor_or_status_names_its_cause() {
    let wanted = "; are gild and gilctl of one version?\n";
    refuses(Code::Unimplemented, "", &["doctor"], 1, wanted);
    refuses(Code::PermissionDenied, "", &["status"], 77, "for access\n");
}
