//! Texts that would be scripts if they were taken as markup: labels, owners and all else that a history may
//! hold, in every answer that shows them.

use std::path::Path;
use std::time::{Duration, Instant};

use prost::Message as _;
use proto::v1;
use proto::v1::sweep_event::Happening;
use rusqlite::Connection;
use serde_json::Value;

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN};
use crate::daemon::{Daemon, PATIENCE};
use crate::http::client::{Answer, JSON, ask, get, open_daemon};

/// A text that would be a script, within the letters of a token's name.
const SCRIPT: &str = "<script>alert(1)</script>";
const SWEEP: &str =
    r#"{"flags":{"strategy":["atomic","unlocked"],"workers":["2"],"attempts":"3"}}"#;

#[test]
fn script_in_a_label_is_refused_and_quoted_as_text() {
    let daemon = open_daemon();
    let form = format!(r#"{{"flags":{{"strategy":["atomic"],"label":["v1","{SCRIPT}"]}}}}"#);
    for dry_run in [false, true] {
        let form = form.replace("}}", &format!(r#"}},"dry_run":{dry_run}}}"#));
        let refused = ask(&daemon, "POST /api/v1/sweeps", &[JSON], &form);
        let problem = refused.problem(400);
        assert_eq!(problem["flag"], "--label", "{problem}");
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.contains(&format!("`{SCRIPT}`")), "{detail}");
        assert!(detail.contains("choose letters and digits"), "{detail}");
    }
    let listed = get(&daemon, "/api/v1/jobs").json();
    assert_eq!(listed["sweeps"].as_array().map(Vec::len), Some(0), "{listed}");
}

/// Puts the script into every text of the stored sweeps, as no lab would.
fn rewrite(database: &Path) {
    let database = Connection::open(database).expect("a history");
    let rows = |sql: &str| -> Vec<(i64, Vec<u8>, Vec<u8>)> {
        let mut rows = database.prepare(sql).expect("a statement");
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        rows.query_map([], read).expect("rows").map(|row| row.expect("a row")).collect()
    };
    for (number, brief, created) in rows("SELECT number, brief, created FROM works") {
        let sql = "UPDATE works SET brief = ?2, created = ?3, imported_from = ?4 WHERE number = ?1";
        let changed = database.execute(sql, (number, sweep(&brief), sweep(&created), SCRIPT));
        assert_eq!(changed, Ok(1));
    }
    for (rowid, body, _) in rows("SELECT rowid, body, x'' FROM events") {
        let sql = "UPDATE events SET body = ?2 WHERE rowid = ?1";
        assert_eq!(database.execute(sql, (rowid, event(&body))), Ok(1));
    }
}

fn sweep(bytes: &[u8]) -> Vec<u8> {
    let mut sweep = v1::Sweep::decode(bytes).expect("a sweep");
    sweep.spec.as_mut().expect("a request").labels = vec![SCRIPT.to_owned()];
    SCRIPT.clone_into(&mut sweep.machine.get_or_insert_default().cpu_model);
    sweep.encode_to_vec()
}

fn event(bytes: &[u8]) -> Vec<u8> {
    let mut event = v1::SweepEvent::decode(bytes).expect("an event");
    match &mut event.happening {
        Some(Happening::Started(started)) => {
            SCRIPT.clone_into(&mut started.machine.get_or_insert_default().cpu_model);
        }
        Some(Happening::Ended(ended)) => {
            SCRIPT.clone_into(&mut ended.verdict);
            ended.notes = vec![SCRIPT.to_owned()];
        }
        _ => {}
    }
    event.encode_to_vec()
}

/// The ids of two ended sweeps.
fn ended_sweeps(daemon: &Daemon, token: &[(&str, &str)]) -> [String; 2] {
    let deadline = Instant::now() + PATIENCE;
    [(); 2].map(|()| {
        let created = ask(daemon, "POST /api/v1/sweeps", &[token, &[JSON]].concat(), SWEEP);
        let id = created.json()["sweep"]["id"].as_str().expect("an id").to_owned();
        let path = format!("GET /api/v1/sweeps/{id}");
        while ask(daemon, &path, token, "").json()["end"]["state"] != "SUCCEEDED" {
            assert!(Instant::now() < deadline, "the sweep does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        id
    })
}

/// Every address that shows a stored sweep.
fn addresses([one, other]: &[String; 2]) -> Vec<String> {
    let mut all = vec![
        "/".to_owned(),
        "/metrics".to_owned(),
        "/api/v1/session".to_owned(),
        "/api/v1/status".to_owned(),
        "/api/v1/jobs".to_owned(),
        format!("/api/v1/history?sweep={one}&cell=0"),
        format!("/api/v1/comparison?sweeps={one},{other}"),
    ];
    for format in ["svg", "json", "vega"] {
        all.push(format!("/api/v1/comparison/picture?sweeps={one},{other}&format={format}"));
        all.push(format!("/api/v1/sweeps/{one}/picture?format={format}"));
    }
    for part in ["", "/command", "/report", "/events"] {
        all.push(format!("/api/v1/sweeps/{one}{part}"));
    }
    all
}

/// Checks an answer by its media type; JSON is returned.
#[track_caller]
fn check(address: &str, answer: &Answer) -> Option<Value> {
    assert_eq!(answer.status, 200, "{address}: {answer:?}");
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'"), "{address}: {policy}");
    assert!(!policy.contains("script-src 'unsafe"), "{address}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{address}");
    let media = answer.header("content-type").expect("a type");
    match media.split(';').next().expect("split yields one") {
        "application/json" => return Some(answer.json()),
        "text/html" | "image/svg+xml" => {
            assert!(!answer.body.contains("<script>"), "{address}: {}", answer.body);
        }
        "text/plain" => assert!(!answer.body.contains(SCRIPT), "{address}"),
        "text/event-stream" => assert!(answer.body.contains("event: close"), "{address}"),
        other => panic!("{address}: {other}"),
    }
    None
}

#[tokio::test]
async fn script_in_any_stored_text_is_text_in_every_answer() {
    let files = Files::new();
    let tokens = files.write("tokens", &format!("{SCRIPT} {TOKEN}\n"), 0o600);
    let arguments = [&LOOPBACK[..], &["--token-file", &tokens]].concat();
    let bearer = format!("Bearer {TOKEN}");
    let token = [("authorization", bearer.as_str())];
    let mut daemon = Daemon::start(&arguments);
    let ids = ended_sweeps(&daemon, &token);
    daemon.stop().await;
    rewrite(&daemon.database());
    let daemon = Daemon::start_in(daemon.directory(), &arguments);
    let mut documents = Vec::new();
    for address in addresses(&ids) {
        let answer = ask(&daemon, &format!("GET {address}"), &token, "");
        documents.extend(check(&address, &answer).map(|document| (address.clone(), document)));
        if address.ends_with("/report") {
            let escaped = ["&#60;script&#62;", "&lt;script&gt;"];
            assert!(escaped.iter().any(|it| answer.body.contains(it)), "{}", answer.body);
        }
    }
    // It plans the sweep again, and no plan has such a label.
    let explanation = format!("GET /api/v1/sweeps/{}/explanation", ids[0]);
    assert_eq!(ask(&daemon, &explanation, &token, "").problem(400)["flag"], "--label");
    let of = |path: &str| &documents.iter().find(|(it, _)| it == path).expect("asked").1;
    let job = &of("/api/v1/jobs")["sweeps"][0];
    assert_eq!(job["labels"][0], SCRIPT, "{job}");
    for owner in [&job["owner"], &of("/api/v1/session")["owner"]] {
        assert!(owner.as_str().is_some_and(|owner| owner.contains(SCRIPT)), "{owner}");
    }
    assert_eq!(of(&format!("/api/v1/sweeps/{}", ids[0]))["end"]["verdict"], SCRIPT);
}
