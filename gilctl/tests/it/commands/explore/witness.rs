//! `gilctl witness` against a fake server.

use proto::v1::{Exploration, SweepState};
use serde_json::Value;

use crate::support::explorations::{SCRIPT, impossible, witnessed};
use crate::support::fake_explorations::{FakeExplorations, run};

const WITNESS: [&str; 5] = ["witness", "--strategy", "unlocked", "--value", "2"];

#[test]
fn witness_is_drawn_on_stdout_and_in_the_svg_file() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("race.svg");
    let path = path.to_str().expect("text");
    let (code, out, err) =
        run(&FakeExplorations::ending(witnessed()), &[&WITNESS[..], &["--svg", path]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\n1      ┌ reads 0 "), "{out}");
    assert!(out.contains(&format!("\ngilctl replay {SCRIPT}\n")), "{out}");
    let drawing = std::fs::read_to_string(path).expect("drawn");
    assert!(drawing.contains("steps LS: the counter ends at 2 of 20</title>"), "{drawing}");
    assert_eq!(err, format!("drawn to {path}\n"));
}

#[test]
fn impossible_value_exits_8() {
    for format in ["table", "csv", "markdown"] {
        let arguments = [&WITNESS[..], &["--output", format]].concat();
        let (code, out, err) = run(&FakeExplorations::ending(impossible()), &arguments);
        assert_eq!((code, out.as_str()), (Some(8), ""), "{err}");
        assert_eq!(err, "gilctl: 1 is impossible: what can come out is 2 to 20\n");
    }
    let arguments = [&WITNESS[..], &["--output", "json"]].concat();
    let (code, out, _) = run(&FakeExplorations::ending(impossible()), &arguments);
    assert_eq!((code, &json(&out)["outcomes"]), (Some(8), &Value::Array(Vec::new())));
    let silent = Exploration { verdict: String::new(), ..impossible() };
    let (_, _, err) = run(&FakeExplorations::ending(silent), &WITNESS);
    let wanted = "gilctl: no schedule ends with 2; `gilctl explore` lists what can come out\n";
    assert_eq!(err, wanted);
}

#[test]
fn daemon_without_a_schedule_for_a_possible_value_exits_1() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("race.svg");
    let arguments = [&WITNESS[..], &["--svg", path.to_str().expect("text")]].concat();
    let end = Exploration { trace: None, ..witnessed() };
    let (code, out, err) = run(&FakeExplorations::ending(end.clone()), &arguments);
    assert_eq!((code, path.exists()), (Some(1), false));
    assert!(out.ends_with("\n2 is possible: 8 of 137,846,528,820 interleavings\n"), "{out}");
    assert!(err.contains("version searches no schedule to 2 at this size; search in"), "{err}");
    let stopped = Exploration { state: SweepState::Cancelled.into(), ..end };
    assert_eq!(run(&FakeExplorations::ending(stopped), &arguments).0, Some(7));
}

#[test]
fn unusable_svg_path_is_refused_before_the_search() {
    let server = FakeExplorations::ending(witnessed());
    for place in ["/", "/nonexistent/race.svg"] {
        let (code, out, err) = run(&server, &[&WITNESS[..], &["--svg", place]].concat());
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.starts_with(&format!("gilctl: --svg: {place} is ")), "{err}");
    }
    assert!(server.requests.lock().expect("no panic").is_empty());
}

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("one document")
}
