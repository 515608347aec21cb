//! Every path of the description is routed, and every refusal is a problem document.

use serde_json::Value;

use crate::auth::fixtures::{Files, LOOPBACK};
use crate::daemon::Daemon;
use crate::http::client::{JSON, ask, get, open_daemon};

/// An id in the right form of a job that does not exist.
const ABSENT: &str = "00000000000000000000000000";
/// What a path answers where nothing serves it.
const UNSERVED: &str = "nothing is served at";

/// Method and path of each operation that the daemon describes.
fn operations(daemon: &Daemon) -> Vec<(String, String)> {
    let description = get(daemon, "/api/v1/openapi.json");
    assert_eq!(description.status, 200, "{description:?}");
    let description = description.json();
    let paths = description["paths"].as_object().expect("an object");
    let methods = |(path, item): (&String, &Value)| {
        let path = path.replace("{id}", ABSENT).replace("{name}", "absent");
        let methods: Vec<String> = item.as_object().expect("an object").keys().cloned().collect();
        methods.into_iter().map(move |method| (method.to_uppercase(), path.clone()))
    };
    paths.iter().flat_map(methods).collect()
}

#[test]
fn every_described_operation_is_routed_and_refuses_with_a_problem() {
    let daemon = open_daemon();
    let operations = operations(&daemon);
    assert!(operations.len() > 20, "{operations:?}");
    for (method, path) in operations {
        let answer = ask(&daemon, &format!("{method} {path}"), &[JSON], "{}");
        assert!(answer.status != 405 && answer.status < 500, "{method} {path}: {answer:?}");
        assert!(!answer.body.contains(UNSERVED), "{method} {path}: {answer:?}");
        if answer.status >= 400 {
            answer.problem(answer.status);
        }
    }
}

#[test]
fn every_described_operation_but_sign_in_is_refused_without_a_session() {
    let open = open_daemon();
    let files = Files::new();
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &files.tokens()]].concat());
    for (method, path) in operations(&open) {
        if path == "/session" {
            continue;
        }
        let answer = ask(&daemon, &format!("{method} {path}"), &[JSON], "{}");
        assert_eq!(answer.problem(401)["code"], "UNAUTHENTICATED", "{method} {path}");
    }
}

#[test]
fn request_that_no_route_takes_is_refused_with_a_problem() {
    let daemon = open_daemon();
    for path in ["/absent", "/api/v1/absent", "/api/v2/jobs", "/assets/absent.js"] {
        get(&daemon, path).problem(404);
    }
    for (method, path) in [("PUT", "/api/v1/jobs"), ("POST", "/"), ("DELETE", "/metrics")] {
        let answer = ask(&daemon, &format!("{method} {path}"), &[JSON], "{}");
        answer.problem(405);
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")), "{answer:?}");
    }
}

#[test]
fn wrong_parameters_are_refused_with_a_problem_that_names_them() {
    let daemon = open_daemon();
    for (path, named) in [
        ("/api/v1/jobs?limit=0", "limit"),
        ("/api/v1/jobs?limit=many", "limit"),
        ("/api/v1/jobs?colour=red", "colour"),
        ("/api/v1/jobs?kind=turn", "turn"),
        ("/api/v1/comparison", "sweeps"),
        ("/api/v1/history?sweep=x&cell=-1", "cell"),
    ] {
        let problem = get(&daemon, path).problem(400);
        let detail = problem["detail"].as_str().expect("text");
        assert!(detail.contains(named), "{path}: {problem}");
    }
    let flags = r#"{"flags":{"strategy":["atomic"],"workers":["0"]}}"#;
    let problem = ask(&daemon, "POST /api/v1/sweeps", &[JSON], flags).problem(400);
    assert_eq!(problem["flag"], "--workers", "{problem}");
}
