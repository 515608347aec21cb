//! The daemon against its own description: schemathesis sends what `openapi.json` allows and what it forbids, and holds
//! every answer against it. `HTTP_PYTHON` names an interpreter that has schemathesis.
//!
//! Its check that the daemon accepts whatever the description allows is left out: what is drawn, compared or measured
//! has limits among several flags, and of what is stored, that a description does not have.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN};
use crate::daemon::Daemon;
use crate::http::client::{JSON, ask, get, open_daemon};
use crate::outside_program::required;

/// Names the interpreter.
const PYTHON: &str = "HTTP_PYTHON";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance,unsupported_method,\
                      allow_header_conformance,negative_data_rejection,missing_required_header,\
                      ignored_auth";
/// Bounds of a run: requests of an operation, and seconds of all.
const BOUNDS: [&str; 6] = ["--max-examples", "10", "--max-time", "80", "--request-timeout", "60"];
/// The same requests in each run.
const REPRODUCIBLE: [&str; 4] = ["--generation-deterministic", "--no-color", "--warnings", "off"];
const SWEEP: &str =
    r#"{"flags":{"strategy":["gil","atomic"],"workers":["2"],"tasks":["20"],"attempts":"3"}}"#;
const EXPLORATION: &str = r#"{"strategy":"unlocked","increments":3}"#;

/// An interpreter that has it; without one the test is skipped.
#[track_caller]
fn schemathesis() -> Option<Command> {
    let python = std::env::var_os(PYTHON).unwrap_or_else(|| "python3".into());
    let mut trial = Command::new(&python);
    trial.args(["-c", "import schemathesis"]).stdin(Stdio::null()).stderr(Stdio::null());
    let found = trial.status().is_ok_and(|status| status.success()).then(|| {
        let mut command = Command::new(&python);
        command.args(["-m", "schemathesis.cli"]);
        command
    });
    required(found, "no interpreter with schemathesis: name one as HTTP_PYTHON")
}

/// Settings by which paths with an id are asked for jobs that are there.
fn settings(sweep: &str, exploration: &str) -> String {
    let of = |kind: &str, id: &str| {
        format!(
            "[[operations]]\ninclude-path-regex = '^/api/v1/{kind}/\\{{id\\}}'\n\
             exclude-method = 'DELETE'\nparameters = {{ 'path.id' = '{id}' }}\n"
        )
    };
    of("sweeps", sweep) + &of("explorations", exploration)
}

/// Whether all is as it is described, and what schemathesis says.
fn run(command: &mut Command, files: &Files, arguments: &[&str]) -> (bool, String) {
    command.args(["run", "--checks", CHECKS]).args(BOUNDS).args(REPRODUCIBLE).args(arguments);
    let output = command.current_dir(files.0.path()).output().expect("it starts");
    let said = [&output.stdout[..], &output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_answer_is_as_it_is_described() {
    let Some(mut command) = schemathesis() else { return };
    let files = Files::new();
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &files.tokens()]].concat());
    let bearer = format!("Bearer {TOKEN}");
    let created = |path: &str, body: &str| {
        let headers = [JSON, ("authorization", bearer.as_str())];
        let created = ask(&daemon, &format!("POST {path}"), &headers, body);
        assert_eq!(created.status, 201, "{created:?}");
        created.json()
    };
    let sweep = created("/api/v1/sweeps", SWEEP)["sweep"]["id"].clone();
    let exploration = created("/api/v1/explorations", EXPLORATION)["id"].clone();
    let ids = [&sweep, &exploration].map(|id| id.as_str().expect("an id"));
    let settings = files.write("settings.toml", &settings(ids[0], ids[1]), 0o600);
    command.args(["--config-file", &settings]);
    let header = format!("Authorization: {bearer}");
    let description = format!("http://{}/api/v1/openapi.json", daemon.port());
    let (fine, said) = run(&mut command, &files, &["--header", &header, &description]);
    assert!(fine, "{said}");
    assert!(said.contains(" tested") || said.contains("Tested:"), "it tested nothing: {said}");
}

#[test]
fn answer_that_is_not_described_is_found() {
    let Some(mut command) = schemathesis() else { return };
    let (files, daemon) = (Files::new(), open_daemon());
    let mut description = get(&daemon, "/api/v1/openapi.json").json();
    let status: &mut Value = &mut description["paths"]["/api/v1/status"]["get"]["responses"];
    *status = json!({"404": {"description": "Planted."}});
    let planted = files.write("planted.json", &description.to_string(), 0o600);
    let url = format!("http://{}", daemon.port());
    let only = ["--url", &url, "--include-path", "/api/v1/status", &planted];
    let (fine, said) = run(&mut command, &files, &only);
    assert!(!fine && said.contains("Undocumented"), "{said}");
}
