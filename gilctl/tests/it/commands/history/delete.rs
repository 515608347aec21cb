//! `gilctl delete` and `gilctl prune` against a fake server.

use proto::v1::{PruneHistoryResponse, SweepState};
use tonic::Code;

use super::{refusing, sweeps_with};
use crate::support::fake_explorations;
use crate::support::fake_history::FakeHistory;
use crate::support::fake_sweeps::{FakeSweeps, on_terminal, run};
use crate::support::server::ServerBehavior;

#[test]
fn repeated_id_is_deleted_once() {
    let history = FakeHistory::default();
    let (code, out, err) = with(&history, &["delete", "latest", "4abcde", "--yes"]);
    assert_eq!((code, err.as_str()), (Some(0), "deleted sweep 4abcde; next: gilctl list\n"));
    assert_eq!(out, "ID      KIND   STATE\n4abcde  sweep  SUCCEEDED\n");
    assert_eq!(history.requests().matches("DeleteSweepRequest").count(), 1);
    let formats = ["ndjson", "json", "csv", "markdown"].map(|format| {
        with(&FakeHistory::default(), &["delete", "latest", "--yes", "--output", format]).1
    });
    insta::assert_snapshot!(formats.join("\n"));
}

#[test]
fn exploration_is_deleted_but_has_no_command_line() {
    let server = fake_explorations::FakeExplorations::new(ServerBehavior::Serves);
    let (code, _, err) = fake_explorations::run(&server, &["delete", "latest", "--yes"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.starts_with("deleted exploration "), "{err}");
    let requests = server.requests.lock().expect("no panic").join("\n");
    assert!(requests.starts_with("DeleteExplorationRequest { name: \"explorations/"), "{requests}");
    let (code, out, err) = fake_explorations::run(&server, &["show", "latest", "--as-command"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("is an exploration; name a sweep"), "{err}");
}

#[test]
fn refused_or_unknown_id_deletes_nothing() {
    let history = refusing(Code::FailedPrecondition);
    let (code, out, err) = with(&history, &["delete", "latest", "--yes"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(2), "", "gilctl: sweep 4abcde runs\n"));
    // Nothing is forgotten where one id means nothing.
    let history = FakeHistory::default();
    let (code, _, err) = with(&history, &["delete", "latest", "zzz", "--yes"]);
    assert_eq!((code, history.requests().as_str()), (Some(8), ""), "{err}");
}

#[test]
fn prune_bounds_arrive_in_their_units() {
    let names = vec!["sweeps/0abc123".to_owned(), "explorations/0def456".to_owned()];
    let history = FakeHistory {
        pruned: PruneHistoryResponse { names, bytes: 1_200_000 },
        ..FakeHistory::default()
    };
    let dry = ["prune", "--keep", "4w", "--keep-newest", "7", "--dry-run"];
    let (code, out, err) = with(&history, &dry);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(err, "would delete 2 items, 1.20 MB; leave --dry-run out to do it\n");
    assert_eq!(out, "ID      KIND         STATE\nabc123  sweep\ndef456  exploration\n");
    assert_eq!(
        history.requests(),
        "PruneHistoryRequest { keep_duration_ns: 2419200000000000, keep_newest: Some(7), dry_run: \
         true, own_only: true }"
    );
    let (_, out, err) =
        with(&history, &["prune", "--keep-newest", "0", "--yes", "--output", "json"]);
    assert_eq!(err, "deleted 2 items, 1.20 MB; next: gilctl list\n");
    assert!(out.ends_with("\"bytes\":1200000,\"dry_run\":false}\n"), "{out}");
    let (_, out, err) = with(&FakeHistory::default(), &["prune", "--keep", "1d"]);
    assert_eq!(
        (out.as_str(), err.as_str()),
        ("", "nothing exceeds the bounds; next: gilctl list\n")
    );
}

/// A lab with that history, whose sweep is in that state.
fn lab(history: &FakeHistory, state: SweepState) -> FakeSweeps {
    let mut sweeps = sweeps_with(history);
    sweeps.sweep.set_state(state);
    sweeps
}

/// Runs gilctl against a lab with that history, whose sweep has ended.
fn with(history: &FakeHistory, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(lab(history, SweepState::Succeeded), arguments)
}

#[test]
fn job_that_has_not_ended_is_refused_before_anything_is_listed_or_deleted() {
    for state in [SweepState::Queued, SweepState::Running, SweepState::Cancelling] {
        for flag in ["--dry-run", "--yes"] {
            let history = FakeHistory::default();
            let (code, out, err) = run(lab(&history, state), &["delete", "latest", flag]);
            assert_eq!((code, out.as_str()), (Some(2), ""), "{flag}: {err}");
            assert!(err.contains("sweep 4abcde has not ended, it is "), "{err}");
            assert!(!deletes(&history.requests()), "{}", history.requests());
        }
    }
}

/// What exceeds the bounds by the time of the answer was never named.
#[test]
fn pruning_after_a_question_deletes_exactly_what_it_named() {
    let history = history();
    let prune = ["prune", "--keep-newest", "0"];
    let (code, shown) = on_terminal(lab(&history, SweepState::Succeeded), &prune, "y\n");
    assert_eq!(code, Some(0), "{shown}");
    let requests = history.requests();
    assert!(requests.contains("DeleteSweepRequest") && requests.contains("4abcde"), "{requests}");
    assert!(!requests.contains("dry_run: false"), "{requests}");
}

/// What each deleting command is asked to delete.
const DELETING: [&[&str]; 2] = [&["delete", "latest"], &["prune", "--keep-newest", "0"]];

fn history() -> FakeHistory {
    let names = vec!["sweeps/06a1f0zzzz9k3v7q2m8x4abcde".to_owned()];
    FakeHistory { pruned: PruneHistoryResponse { names, bytes: 9 }, ..FakeHistory::default() }
}

fn deletes(requests: &str) -> bool {
    requests.contains("Delete") || requests.contains("dry_run: false")
}

#[test]
fn without_a_terminal_nothing_is_deleted_unless_yes_is_given() {
    for command in DELETING {
        let history = history();
        let (code, out, err) = with(&history, command);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("add --yes to delete sweep 4abcde"), "{err}");
        assert!(err.contains("ID      KIND   STATE"), "what would go is named: {err}");
        assert!(!deletes(&history.requests()), "{}", history.requests());
        let (code, _, err) = with(&history, &[command, &["--dry-run"]].concat());
        assert_eq!(code, Some(0), "{err}");
        assert!(err.starts_with("would delete sweep 4abcde"), "{err}");
        assert!(!deletes(&history.requests()), "{}", history.requests());
        let (code, _, err) = with(&history, &[command, &["--yes"]].concat());
        assert_eq!(code, Some(0), "{err}");
        assert!(deletes(&history.requests()), "{}", history.requests());
    }
}

#[test]
fn on_a_terminal_only_yes_deletes() {
    for command in DELETING {
        for (typed, code, deleted) in
            [("y\n", 0, true), ("YES\n", 0, true), ("n\n", 7, false), ("\n", 7, false)]
        {
            let history = history();
            let (found, shown) = on_terminal(lab(&history, SweepState::Succeeded), command, typed);
            assert_eq!(found, Some(code), "{typed:?}: {shown}");
            assert_eq!(deletes(&history.requests()), deleted, "{typed:?}: {shown}");
            assert!(shown.contains("Delete sweep 4abcde"), "{shown}");
        }
    }
}
