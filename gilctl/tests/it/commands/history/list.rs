//! `gilctl list` against a fake server.

use proto::v1::{Sweep, SweepSpec};
use serde_json::Value;

use crate::support::fake_explorations::{FakeExplorations, run};
use crate::support::fake_sweeps::{self, FakeSweeps};
use crate::support::server::ServerBehavior;
use crate::support::sweeps::gil_sweep;

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

/// A server with a sweep that has these labels.
fn labelled(labels: &[&str]) -> FakeSweeps {
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    let spec = SweepSpec { strategies: vec!["gil".into()], labels, ..SweepSpec::default() };
    let sweep = Sweep { spec: Some(spec), ..gil_sweep() };
    FakeSweeps { sweep, ..FakeSweeps::new(ServerBehavior::Serves) }
}

#[test]
fn list_has_labels_in_a_column_and_in_documents() {
    let listed = |labels: &[&str], flags: &[&str]| {
        let (code, out, err) = fake_sweeps::run(labelled(labels), &[&["list"], flags].concat());
        assert_eq!(code, Some(0), "{err}");
        (out, err)
    };
    let both = ["before the fix", "v1"];
    let (table, _) = listed(&both, &[]);
    assert!(table.contains("  LABELS  ") && table.contains("  before the fix, v1  "), "{table}");
    assert!(!listed(&[], &[]).0.contains("LABELS"));
    let (document, _) = listed(&both, &["--output", "json"]);
    let labels = &json(&document)["sweeps"][0]["labels"];
    assert_eq!(*labels, serde_json::json!(["before the fix", "v1"]));
    assert!(listed(&both, &["--label", "v1"]).0.contains("4abcde"));
    let (table, said) = listed(&both, &["--label", "before"]);
    assert!(!table.contains("4abcde") && said.contains("no job is left by"), "{table}{said}");
}

#[test]
fn label_that_the_daemon_drops_is_reported() {
    let ask = |labels: &[&str]| {
        let words = ["sweep", "--strategy", "gil", "--label", "v1"];
        let (code, out, err) = fake_sweeps::run(labelled(labels), &words);
        assert_eq!(code, Some(0), "{err}");
        (out, err)
    };
    let (_, said) = ask(&[]);
    assert!(
        said.contains("--label: `v1` is not kept: the daemon is of an earlier version"),
        "{said}"
    );
    let (table, said) = ask(&["v1"]);
    assert!(table.contains("\nlabels: v1\n") && !said.contains("--label"), "{table}{said}");
}
