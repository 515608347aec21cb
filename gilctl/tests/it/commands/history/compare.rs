//! `gilctl compare` against a fake server.

use proto::v1::CompareSweepsResponse;

use crate::support::comparisons::{compared, different, forced, unpaired};
use crate::support::fake_history::FakeHistory;
use crate::support::fake_sweeps::{FakeSweeps, run};
use crate::support::server::ServerBehavior;

/// Runs `compare latest 4abcde` against a server with this answer: exit code, stdout, stderr,
/// requests.
fn compare(answer: CompareSweepsResponse, more: &[&str]) -> (Option<i32>, String, String, String) {
    let history = FakeHistory { compared: answer, ..FakeHistory::default() };
    let server = FakeSweeps { history: history.clone(), ..FakeSweeps::new(ServerBehavior::Serves) };
    let (code, out, err) = run(server, &[&["compare", "latest", "4abcde"], more].concat());
    let requests = history.requests.lock().expect("no panic").join("\n");
    (code, out, err, requests)
}

#[test]
fn incomparable_sweeps_exit_5() {
    let (code, out, err, requests) = compare(different(), &[]);
    assert_eq!(code, Some(5), "{err}");
    assert!(out.contains("machine.kernel  Linux 6.1.0  Linux 6.9.1"), "{out}");
    assert_eq!(err, "--force compares nevertheless; next: gilctl compare 4abcde 9fghij --force\n");
    let name = "sweeps/06a1f0zzzz9k3v7q2m8x4abcde";
    let wanted =
        format!("CompareSweepsRequest {{ names: [\"{name}\", \"{name}\"], force: false, by: [] }}");
    assert_eq!(requests, wanted);
}

#[test]
fn grids_without_common_cell_exit_5() {
    let nothing = CompareSweepsResponse {
        cells: Vec::new(),
        verdict: "no cell of the first has its parameters in another.".into(),
        ..compared()
    };
    let (code, out, err, _) = compare(nothing.clone(), &[]);
    assert_eq!(code, Some(5), "{err}");
    assert!(out.ends_with("\nno cell of the first has its parameters in another.\n"), "{out}");
    assert_eq!(err, "rerun asks for the first one's cells again; next: gilctl rerun 4abcde\n");
    for format in ["json", "ndjson", "csv", "markdown"] {
        assert_eq!(compare(nothing.clone(), &["--output", format]).0, Some(5));
    }
}

#[test]
fn comparison_with_pairs_exits_0() {
    let (code, _, err, requests) = compare(forced(), &["--force"]);
    assert_eq!((code, err.as_str()), (Some(0), "next: gilctl show 9fghij\n"));
    assert!(requests.ends_with("force: true, by: [] }"), "{requests}");
    let (code, out, _, _) = compare(compared(), &["--output", "ndjson"]);
    assert_eq!((code, out.lines().count()), (Some(0), 7));
}

/// Force is named only where it pairs cells, with the axes that were typed.
#[test]
fn force_is_named_where_it_would_pair_cells() {
    let by = ["--by", "workers,inside", "--by", "locks"];
    let with = |forced_pairs, by: &[&str]| CompareSweepsResponse {
        forced_pairs,
        by: by.iter().map(ToString::to_string).collect(),
        ..unpaired()
    };
    let (code, out, err, _) = compare(with(Some(2), &[]), &[]);
    let pairs = "--force pairs cells by what the sweeps have in common; next: gilctl compare \
                 4abcde 9fghij";
    assert_eq!((code, err), (Some(5), format!("{pairs} --force\n")));
    assert!(out.contains("\n--strategy  ticket  mcs\n--inside    0 ns    500 ns, 1 us\n"), "{out}");
    let axes = ["workers", "inside", "locks"];
    let (_, _, err, requests) = compare(with(Some(2), &axes), &by);
    assert_eq!(err, format!("{pairs} --by workers,inside,locks --force\n"));
    assert!(requests.ends_with(r#"by: ["workers", "inside", "locks"] }"#), "{requests}");
    let (_, _, err, _) = compare(with(Some(0), &axes), &by);
    assert_eq!(err, "rerun asks for the first one's cells again; next: gilctl rerun 4abcde\n");
    let nothing = CompareSweepsResponse { forced_pairs: Some(0), ..different() };
    assert_eq!(compare(nothing, &[]).2, err);
    let (code, out, err, _) = compare(compared(), &["--by", ","]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.starts_with("gilctl: --by: "), "{err}");
}
