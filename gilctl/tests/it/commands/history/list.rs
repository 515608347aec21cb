//! `gilctl list` against a fake server.

use serde_json::Value;

use crate::support::fake_explorations::{FakeExplorations, run};
use crate::support::server::ServerBehavior;

#[test]
fn sweeps_and_explorations_are_listed_and_resolved() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let (code, out, err) = run(&server, &["list"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\n4abcde  QUEUED") && out.contains("\n7fghij  SUCCEEDED"), "{out}");
    let (_, out, _) = run(&server, &["list", "--output", "json"]);
    let listed = json(&out);
    assert_eq!(listed["sweeps"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["explorations"][0]["strategy"], "unlocked");
    let (_, out, _) = run(&server, &["list", "--output", "csv"]);
    let ends: Vec<&str> = out.lines().filter_map(|line| line.rsplit(',').next()).collect();
    assert_eq!(ends, ["kind", "sweep", "exploration"]);
    let (_, out, _) = run(&server, &["list", "--output", "ndjson"]);
    let beginning = r#"{"kind":"listed_exploration","schema":"gild.v2","id""#;
    assert!(out.lines().nth(1).expect("two").starts_with(beginning), "{out}");
    // The exploration is the newer one.
    let (_, shown, _) = run(&server, &["show", "latest"]);
    assert!(shown.starts_with("exploration 7fghij · "), "{shown}");
    let (_, shown, _) = run(&server, &["show", "latest~1"]);
    assert!(shown.contains("\nsweep 4abcde · "), "{shown}");
}

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("one document")
}

#[test]
fn list_is_limited_to_states_owners_and_a_number() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let kept = |flags: &[&str]| {
        let (code, out, err) = run(&server, &[&["list", "--output", "json"], flags].concat());
        assert_eq!(code, Some(0), "{err}");
        let listed = json(&out);
        let count = |kind: &str| listed[kind].as_array().map_or(0, Vec::len);
        (count("sweeps"), count("explorations"))
    };
    let all = kept(&[]);
    assert!(all.0 > 0 && all.1 > 0, "{all:?}");
    assert_eq!(kept(&["--limit", "1"]), (1, 1));
    assert_eq!(kept(&["--limit", "0"]), (0, 0));
    assert_eq!(kept(&["--owner", "no-such-owner"]), (0, 0));
    let states =
        ["queued", "RUNNING", "cancelling", "succeeded", "failed,cancelled", "interrupted"];
    let by_state = states.map(|state| kept(&["--state", state]));
    let sums = by_state.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(sums, all, "each job is in one state");
    let (code, _, err) = run(&server, &["list", "--state", "done"]);
    assert!(code == Some(2) && err.contains("succeeded"), "{err}");
}
