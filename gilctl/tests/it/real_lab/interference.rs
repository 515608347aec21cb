//! Sweeps on a machine that is kept busy on purpose. A quiet machine is never assumed, because
//! other tests run at the same time.

use crate::outside_program::required;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A busy loop on each core, until dropped.
struct Loops(Vec<Child>);

impl Loops {
    fn start() -> Self {
        let cores = std::thread::available_parallelism().expect("a machine has cores").get();
        let start = |_| {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", "while :; do :; done"]).stdin(Stdio::null());
            shell.spawn().expect("every system has a shell")
        };
        Self((0..cores).map(start).collect())
    }
}

impl Drop for Loops {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Three turns of one attempt, each long enough to be judged by itself.
const SWEEP: [&str; 15] = [
    "sweep",
    "--embedded",
    "--strategy",
    "atomic",
    "--workers",
    "2",
    "--tasks",
    "2",
    "--outside",
    "150ms",
    "--attempts",
    "3",
    "--output",
    "ndjson",
    "--turns",
];

fn gilctl(arguments: &[&str]) -> Command {
    let mut gilctl = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    gilctl
        .args(arguments)
        .env_remove("GILCTL_SERVER")
        .env("XDG_DATA_HOME", crate::support::sweeps::own_data());
    gilctl
}

fn document(line: &str) -> Value {
    serde_json::from_str(line).expect("each line is a document")
}

#[test]
fn busy_machine_marks_the_sweep_noisy() {
    let loops = Loops::start();
    let output = gilctl(&SWEEP).output().expect("gilctl runs");
    drop(loops);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{err}");
    let lines: Vec<Value> = out.lines().map(document).collect();
    let of_kind = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let cell = of_kind("cell")[0];
    assert_eq!((&cell["validity"], &cell["verdict"]), (&"noisy".into(), &"kept".into()), "{cell}");
    assert!(cell["others_fraction"].as_f64().is_some_and(|share| share > 0.1), "{cell}");
    assert!(cell["steal_fraction"].as_f64().is_some(), "{cell}");
    assert!(cell["context_switches_forced"].as_u64().is_some_and(|count| count > 0), "{cell}");
    // The first turn is always given a second chance; what it saw before is in no line and no
    // count.
    assert!(cell["reruns"].as_u64().is_some_and(|reruns| reruns >= 1), "{cell}");
    assert_eq!(cell["attempts"], 3);
    let firsts: Vec<_> = of_kind("turn").iter().map(|turn| turn["first_attempt"].clone()).collect();
    assert_eq!(firsts, [0, 1, 2]);
    let notes = of_kind("end")[0]["notes"].to_string();
    assert!(notes.contains("The machine was busy with other work"), "{notes}");
    assert!(notes.contains("run again"), "{notes}");
}

/// Attempts of 20 ms, ten a turn: after the first one, which was run twice, there are minutes to come,
/// in which even a busy machine gets round to the signal.
const LONG: [&str; 15] = [
    "sweep",
    "--embedded",
    "--strategy",
    "atomic",
    "--tasks",
    "2",
    "--task-steps",
    "0..=99",
    "--outside",
    "20ms",
    "--attempts",
    "200",
    "--output",
    "ndjson",
    "--turns",
];

#[test]
fn cancelled_sweep_on_a_busy_machine_counts_its_attempts() {
    let loops = Loops::start();
    let mut child =
        gilctl(&LONG).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("gilctl runs");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut lines = out.lines().map_while(Result::ok).map(|line| document(&line));
    let first = lines.by_ref().find(|line| line["kind"] == "turn").expect("a turn");
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.expect("kill runs").success());
    let rest: Vec<Value> = lines.collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(7));
    drop(loops);
    let of_kind = |kind: &'static str| rest.iter().filter(move |line| line["kind"] == kind);
    let is_of_cell = |line: &&Value| line["cell"] == first["cell"];
    let turns = std::iter::once(&first).chain(of_kind("turn").filter(is_of_cell));
    let mut attempts = 0;
    for turn in turns {
        assert_eq!(turn["first_attempt"], attempts, "no attempt is missing, none comes twice");
        attempts += turn["finals"].as_array().expect("a list").len();
    }
    let cell = of_kind("cell").find(is_of_cell).expect("the cell, as far as it came");
    assert_eq!((&cell["attempts"], &cell["complete"]), (&attempts.into(), &false.into()), "{cell}");
    assert_eq!(of_kind("end").next().expect("the end")["state"], "CANCELLED");
}

/// Also where the kernel does not count it, which is said then.
#[test]
fn calibration_on_a_busy_machine_says_so() {
    let found = engine::python::interpreter::Interpreter::on_path();
    let Some(python) = required(found, "no Python interpreter is on PATH") else { return };
    let loops = Loops::start();
    let python = python.to_str().expect("plain text");
    let calibrate = ["calibrate", "--embedded", "--python", python, "--output", "ndjson"];
    let output = gilctl(&calibrate).output().expect("gilctl runs");
    drop(loops);
    let answer = document(&String::from_utf8_lossy(&output.stdout));
    let notes = answer["notes"].as_array().expect("a busy machine is noted");
    let is_said =
        |note: &Value| note.as_str().is_some_and(|note| note.contains("busy with other work"));
    assert!(notes.iter().any(is_said), "{answer}");
}
