//! gilctl against a real lab: embedded, and as a client over both sockets. The tests assert only
//! what holds on any machine under any load.

use engine::python::registry::Interpreters;
use gild::lab::Lab;
use gild::server::endpoint::ListenFlags;
use gild::server::serve::Bound;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A lab server on its own threads; dropping it stops it.
pub(crate) struct Server {
    directory: TempDir,
    tcp: SocketAddr,
    lab: Lab,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::serving(Lab::temporary(Interpreters::default()).expect("a lab"))
    }

    /// A server of this lab.
    pub(crate) fn serving(lab: Lab) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let runtime = Runtime::new().expect("a runtime");
        let (stop, stopped) = oneshot::channel();
        let served = lab.clone();
        let socket = directory.path().join("gild.sock");
        let tcp = runtime.block_on(async {
            let anywhere = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
            let open = ListenFlags { insecure_loopback: true, ..ListenFlags::default() };
            let doors = open.into_config(anywhere).expect("no contradiction");
            let bound = Bound::bind(&socket, &doors).await.expect("sockets");
            let tcp = bound.tcp_address().expect("a port");
            tokio::spawn(bound.serve(served, async { stopped.await.unwrap_or_default() }));
            tcp
        });
        Self { directory, tcp, lab, stop: Some(stop), runtime: Some(runtime) }
    }

    pub(crate) fn unix(&self) -> String {
        format!("unix://{}", self.directory.path().join("gild.sock").display())
    }

    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.tcp)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // A sweep that runs on would be measured beside all later tests.
        self.lab.stop(Duration::from_secs(10));
    }
}

/// gilctl, isolated from any daemon of this machine.
fn gilctl(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    command
        .args(arguments)
        .env_remove("GILCTL_SERVER")
        .env("XDG_DATA_HOME", crate::support::sweeps::own_data());
    command
}

#[track_caller]
pub(crate) fn run(arguments: &[&str]) -> Output {
    gilctl(arguments).output().expect("gilctl runs")
}

#[track_caller]
pub(crate) fn lines(output: &Output) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).expect("each line is a document");
    String::from_utf8_lossy(&output.stdout).lines().map(parse).collect()
}

/// The documents that a gilctl prints, line by line.
pub(crate) fn documents(gilctl: &mut Child) -> impl Iterator<Item = Value> + use<> {
    let stdout = BufReader::new(gilctl.stdout.take().expect("piped"));
    let parse = |line: String| serde_json::from_str(&line).expect("each line is a document");
    stdout.lines().map_while(Result::ok).map(parse)
}

fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

/// Attempts of 10 ms in turns of a hundred: one second per turn, twenty turns.
const ENDLESS: [&str; 10] = [
    "sweep",
    "--strategy",
    "atomic",
    "--tasks",
    "2",
    "--outside",
    "10ms",
    "--attempts",
    "2000",
    "--turns",
];

/// Starts a sweep and waits for its first turn.
fn endless(server: &str) -> (Child, String) {
    let mut child = gilctl(&ENDLESS)
        .args(["--server", server, "--output", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("gilctl runs");
    let mut documents = documents(&mut child);
    let sweep = documents.next().expect("a first line");
    assert_eq!(documents.next().expect("a second line")["kind"], "turn");
    (child, sweep["id"].as_str().expect("an id").to_owned())
}

#[test]
fn the_chapters_experiment_runs_without_a_daemon() {
    let sweep = ["sweep", "--strategy", "gil", "--attempts", "5", "--embedded"];
    let output = run(&[&sweep[..], &["--output", "ndjson"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output);
    let cells = of_kind(&lines, "cell");
    let rules: BTreeSet<_> = cells
        .iter()
        .map(|cell| {
            format!("{} {} {}", cell["era"], cell["switch_interval_ns"], cell["switch_ticks"])
        })
        .collect();
    let wanted = [
        "\"2.7\" null 1",
        "\"2.7\" null 10",
        "\"2.7\" null 100",
        "\"3.9\" 500 null",
        "\"3.9\" 5000000 null",
    ];
    assert_eq!(rules, wanted.map(String::from).into());
    for cell in cells {
        assert_eq!((&cell["attempts"], &cell["expected"]), (&5.into(), &100.into()));
    }
    assert_eq!(of_kind(&lines, "end")[0]["state"], "SUCCEEDED");
}

#[test]
fn equal_settings_are_noted_under_the_table() {
    let output = run(&["sweep", "--strategy", "gil", "--attempts", "1", "--embedded"]);
    let table = String::from_utf8_lossy(&output.stdout);
    let note = "500 ns and 0.5 ns are one setting: each takes effect as 1 us; it is measured once";
    assert!(table.replace('\n', " ").contains(note), "{table}");
    assert!(table.contains("gil 3.9 500, 0.5 ns"), "{table}");
}

#[test]
fn one_sweep_reads_the_same_over_both_sockets() {
    let server = Server::start();
    let sweep = ["sweep", "--strategy", "all", "--attempts", "2", "--tasks", "2"];
    let output = run(&[&sweep[..], &["--server", &server.unix(), "--output", "ndjson"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let watch = |url: &str| {
        run(&["watch", "latest", "--all", "--server", url, "--output", "ndjson"]).stdout
    };
    assert_eq!(watch(&server.unix()), output.stdout, "a second watcher sees the same bytes");
    assert_eq!(watch(&server.http()), output.stdout);
}

#[test]
fn a_client_killed_in_mid_sweep_changes_nothing() {
    let server = Server::start();
    let (mut child, id) = endless(&server.unix());
    child.kill().expect("it follows");
    child.wait().expect("it ends");
    let cancel = run(&["cancel", "latest", "--server", &server.unix()]);
    assert_eq!(cancel.status.code(), Some(0), "{}", String::from_utf8_lossy(&cancel.stderr));
    let watch = ["watch", "latest", "--turns", "--output", "ndjson", "--server", &server.unix()];
    let output = run(&watch);
    assert_eq!(output.status.code(), Some(7), "a cancelled sweep is exit 7");
    let lines = lines(&output);
    assert_eq!(of_kind(&lines, "sweep")[0]["id"], id.as_str());
    let mut done = 0;
    for turn in of_kind(&lines, "turn") {
        assert_eq!(turn["first_attempt"], done, "every turn once, in order");
        done += turn["finals"].as_array().expect("a list").len();
    }
    assert!(done > 0, "what was measured is kept");
    let cells = of_kind(&lines, "cell");
    assert_eq!((cells.len(), &cells[0]["complete"]), (1, &false.into()));
    assert_eq!(cells[0]["attempts"], done);
    assert_eq!(of_kind(&lines, "end")[0]["state"], "CANCELLED");
}

/// Invalid input, each with the text of the refusal.
#[test]
fn bad_input_is_exit_2_and_says_what_to_do() {
    let cases: [(&[&str], &str); 17] = [
        (&["--strategy", "fair-mutx"], "did you mean `fair-mutex`?"),
        (
            &["--strategy", "gil", "--workers", "0"],
            "--workers: 0 is outside the limits; choose a value from 1 to 64",
        ),
        (
            &["--strategy", "gil", "--workers", "65"],
            "--workers: 65 is outside the limits; choose a value from 1 to 64",
        ),
        (&["--strategy", "gil", "--switch-interval", "0"], "--switch-interval: 0 ns is outside"),
        (&["--strategy", "gil", "--switch-interval", "1h"], "choose a value from 0.001 ns to 10 s"),
        (&["--strategy", "gil", "--increments", "1000000000000000"], "--increments: "),
        (&["--strategy", "gil", "--era", "3.77"], "choose one of 2.7, 3.2,"),
        (&["--strategy", "gil", "--workers", "8..=1"], "--workers"),
        (&["--strategy", "atomic", "--body", "call"], "`atomic`: its increment has no inside"),
        (&["--strategy", "gil", "--steps", "LAS"], "--steps: `LAS` has A (takes a lock)"),
        (&["--strategy", "gil", "--steps", "LS,L.S"], "a further body is a value of its own"),
        (&["--strategy", "gil", "--inside", "-5ms"], "-5ms is negative"),
        (
            &["--strategy", "gil", "--io", "ecko"],
            "--io: `ecko` is not a request of this lab; did you",
        ),
        (&["--strategy", "gil", "--io-workers", "65"], "--io-workers: 65 is outside the limits"),
        (&["--strategy", "gil", "--cpu-workers", "1"], "--cpu-workers: "),
        (
            &["--strategy", "cpython", "--python", "/no/python"],
            "--python: /no/python is not there: no such program; name one",
        ),
        (&["--strategy", "gil", "--attempts", "0"], "--attempts: 0 is outside the limits"),
    ];
    for (flags, wanted) in cases {
        let output = run(&[&["sweep", "--embedded"], flags].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains(wanted), "{flags:?}: {said}");
        assert!(output.stdout.is_empty(), "{flags:?}");
    }
}

#[test]
fn what_a_strategy_refuses_is_left_out_of_a_crossing() {
    let sweep = ["sweep", "--strategy", "atomic,unlocked", "--body", "call", "--attempts", "1"];
    let output = run(&[&sweep[..], &["--embedded", "--output", "ndjson"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    assert_eq!(of_kind(&lines, "skipped")[0]["combination"], "atomic, body call");
    assert_eq!(of_kind(&lines, "cell").len(), 1);
}

#[test]
fn a_body_by_hand_is_run_and_shown_by_its_letters() {
    let sweep = ["sweep", "--strategy", "unlocked", "--attempts", "2", "--order", "blocked"];
    let bodies = ["--steps", "LS", "--steps", ",LC,S.", "--body", "split", "--embedded"];
    let run = |format| run(&[&sweep[..], &bodies, &["--output", format]].concat());
    let output = run("ndjson");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output);
    let cells = of_kind(&lines, "cell");
    let bodies: Vec<_> = cells.iter().map(|cell| [&cell["body"], &cell["steps"]]).collect();
    assert_eq!(bodies, [["split", ".,L,,,.SJ"], ["LS", "LS"], [",LC,S.", ",LC,S."]]);
    assert!(cells.iter().all(|cell| cell["attempts"] == 2 && cell["promise"] == "lossy"));
    for (format, shown) in [("table", " ,LC,S. "), ("markdown", "| ,LC,S. "), ("csv", "\",LC,S.\"")]
    {
        let output = run(format);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(shown), "{format}: {text}");
    }
}

#[test]
fn a_sweep_can_be_left_and_found_again() {
    let server = Server::start();
    let sweep = ["sweep", "--strategy", "fair-mutex", "--attempts", "3", "--detach"];
    let output = run(&[&sweep[..], &["--server", &server.http()]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let watched = run(&["watch", &id[id.len() - 6..], "--server", &server.http()]);
    assert_eq!(watched.status.code(), Some(0));
    let listed = run(&["list", "--server", &server.unix(), "--output", "ndjson"]);
    assert_eq!(lines(&listed)[0]["id"], id.as_str());
    let shown = run(&["show", &id, "--server", &server.unix()]);
    assert_eq!(shown.stdout, watched.stdout, "a stored sweep reads as it was watched");
}

#[test]
fn requesting_workers_are_measured_alone_and_beside_others() {
    let sweep = ["sweep", "--strategy", "gil", "--switch-interval", "5ms", "--attempts", "2"];
    let asks = ["--io-workers", "1", "--io", "1us,echo", "--requests", "5", "--embedded"];
    let output = run(&[&sweep[..], &asks, &["--output", "ndjson"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output);
    let cells = of_kind(&lines, "cell");
    let settings: BTreeSet<_> =
        cells.iter().map(|cell| format!("{} {}", cell["cpu_workers"], cell["io_call"])).collect();
    let wanted = ["0 \"echo\"", "0 \"sleep\"", "1 \"echo\"", "1 \"sleep\""];
    assert_eq!(settings, wanted.map(String::from).into());
    for cell in cells {
        assert_eq!((&cell["requests"], &cell["requests_per_worker"]), (&10.into(), &5.into()));
        assert!(cell.get("tasks").is_none() && cell.get("expected").is_none(), "{cell}");
        assert!(cell["latency_ns_p50"].as_u64() <= cell["latency_ns_max"].as_u64(), "{cell}");
    }
}

#[test]
fn a_body_is_listed_as_each_era_sees_it() {
    let listing = ["strategies", "--body", "call", "--era", "3.9,3.12", "--embedded"];
    let output = run(&listing);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    insta::assert_snapshot!(text);
    let all = run(&["strategies", "--body", "locked,loop", "--embedded", "--output", "ndjson"]);
    let lines = lines(&all);
    assert_eq!(of_kind(&lines, "listing").len(), 10, "two bodies, five generations");
}

/// The negative control: an impossible value is reported with the seed of its attempt and the exit
/// code of a broken promise.
#[test]
fn a_strategy_that_is_broken_is_caught() {
    // Long attempts: in short ones the workers of a busy machine may never meet.
    let sweep = "sweep --strategy broken,fair-mutex --tasks 2 --increments 50000 --attempts 40";
    let words: Vec<&str> = sweep.split(' ').chain(["--embedded", "--output", "json"]).collect();
    let output = run(&words);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
    let cells = document["cells"].as_array().expect("cells");
    let [broken, fair] = [0, 1].map(|at| &cells[at]);
    assert_eq!((&broken["grade"], &broken["reachable"]), (&"impossible".into(), &"100000".into()));
    assert!(broken["impossible_value"].as_u64().is_some_and(|value| value < 100_000), "{broken}");
    let seed = broken["impossible_seed"].as_str().map(str::parse::<u64>);
    assert!(seed.is_some_and(|seed| seed.is_ok()), "{broken}");
    assert_eq!((&fair["grade"], &fair["verdict"]), (&"reachable".into(), &"kept".into()));
    let said = document.to_string();
    assert!(said.contains("is impossible, only 100000 can come out; seed"), "{said}");
}

/// The script of a witness ends with the same value in the model and on threads; its text must not
/// change.
#[test]
fn a_witness_is_found_and_replayed() {
    let race = ["--strategy", "unlocked", "--increments", "10", "--embedded"];
    let output = run(&[&["explore", "--output", "json"], &race[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
    let least = &found["outcomes"][0];
    assert_eq!(
        (&found["interleavings"], &found["states"]),
        (&"137846528820".into(), &22_707.into())
    );
    assert_eq!((&least["value"], &least["count"]), (&2.into(), &"8".into()));
    assert_eq!(least["fewest_preemptions"], 4);
    let script = least["script"].as_str().expect("a script");
    let replay = |script: &str| {
        let words: Vec<&str> = script.split(' ').collect();
        run(&[&["replay", "--embedded"], &words[..]].concat())
    };
    let played = replay(script);
    assert_eq!(played.status.code(), Some(0), "{}", String::from_utf8_lossy(&played.stderr));
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(said.contains("2 in the model, 2 on real threads"), "{said}");
    let other = replay(&script.replace("2x10", "2x11"));
    assert_eq!(other.status.code(), Some(2));
    let refusal = String::from_utf8_lossy(&other.stderr);
    assert!(refusal.contains("is the hash of another experiment"), "{refusal}");
}

#[test]
fn what_is_impossible_is_not_found() {
    let race = ["witness", "--strategy", "unlocked", "--increments", "10", "--embedded"];
    let output = run(&[&race[..], &["--value", "1"]].concat());
    assert_eq!(output.status.code(), Some(8));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 is impossible: what can come out is 2 to 20"), "{said}");
}
