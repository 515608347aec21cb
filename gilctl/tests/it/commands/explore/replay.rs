//! `gilctl replay` against a fake server.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::support::explorations::SCRIPT;
use crate::support::fake_explorations::{FakeExplorations, run, serve_all};
use crate::support::server::{ServerBehavior, command, outcome};

#[test]
fn script_is_replayed_from_arguments_or_stdin() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let words: Vec<&str> = ["replay"].into_iter().chain(SCRIPT.split(' ')).collect();
    let (code, out, err) = run(&server, &words);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.ends_with("\n2 in the model, 2 on real threads\n"), "{out}");
    let (_runtime, url) = serve_all(&server);
    let mut child = command(&url, &["replay", "-", "--output", "json"]);
    let mut child = child.stdin(Stdio::piped()).spawn().expect("gilctl runs");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(format!("\n {SCRIPT}\r\n").as_bytes()).expect("written");
    drop(stdin);
    let (code, out, err) = outcome(&child.wait_with_output().expect("gilctl ends"));
    assert_eq!(code, Some(0), "{err}");
    assert_eq!((&json(&out)["agrees"], &json(&out)["value"]), (&true.into(), &2.into()));
    let wanted = format!("{SCRIPT:?}");
    assert_eq!(*server.requests.lock().expect("no panic"), [wanted.clone(), wanted]);
}

#[test]
fn differing_threads_exit_3() {
    let server =
        FakeExplorations { on_threads: 20, ..FakeExplorations::new(ServerBehavior::Serves) };
    let (code, out, err) = run(&server, &["replay", SCRIPT]);
    assert_eq!(code, Some(3), "{err}");
    assert!(out.ends_with("\n2 in the model, 20 on real threads\n"), "{out}");
}

#[test]
fn refused_script_quotes_the_daemon() {
    let (code, out, err) =
        run(&FakeExplorations::new(ServerBehavior::Refuses), &["replay", SCRIPT]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "gilctl: hash: 00 is the hash of another experiment\n");
    let (code, _, err) = run(&FakeExplorations::new(ServerBehavior::Serves), &["replay", " "]);
    assert_eq!(
        (code, err.as_str()),
        (Some(2), "gilctl: the script is empty; `gilctl witness` prints one\n")
    );
}

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("one document")
}
