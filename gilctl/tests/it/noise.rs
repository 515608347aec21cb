//! A machine that is kept busy on purpose. That one is quiet is never asserted: other tests run at the
//! same time.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A busy loop for each core, for as long as this lives.
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

#[test]
fn a_busy_machine_is_told_from_a_slow_strategy() {
    let loops = Loops::start();
    let mut gilctl = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    let output = gilctl.args(SWEEP).env_remove("GILCTL_SERVER").output().expect("gilctl runs");
    drop(loops);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{err}");
    let lines: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    let of_kind = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let cell = of_kind("cell")[0];
    assert_eq!((&cell["validity"], &cell["verdict"]), (&"noisy".into(), &"kept".into()), "{cell}");
    assert!(cell["others_fraction"].as_f64().is_some_and(|share| share > 0.1), "{cell}");
    assert!(cell["steal_fraction"].as_f64().is_some(), "{cell}");
    assert!(cell["context_switches_forced"].as_u64().is_some_and(|count| count > 0), "{cell}");
    // The first turn is always given a second chance; what it saw before is in no line and no count.
    assert!(cell["reruns"].as_u64().is_some_and(|reruns| reruns >= 1), "{cell}");
    assert_eq!(cell["attempts"], 3);
    let firsts: Vec<_> = of_kind("turn").iter().map(|turn| turn["first_attempt"].clone()).collect();
    assert_eq!(firsts, [0, 1, 2]);
    let notes = of_kind("end")[0]["notes"].to_string();
    assert!(notes.contains("The machine was busy with other work"), "{notes}");
    assert!(notes.contains("run again"), "{notes}");
}
