//! `gilctl trace` against a real lab: its files read as their formats say, and held against the NDJSON.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::commands::history::report::{fine, home};
use crate::real_lab::end_to_end::run;
use crate::support::server::outcome;

/// A reader of the Trace Event Format.
mod reader {
    use serde_json::Value;

    /// A complete event: times in microseconds.
    #[derive(Debug, Clone)]
    pub(super) struct Complete {
        pub(super) name: String,
        pub(super) category: String,
        pub(super) tid: u64,
        pub(super) start: f64,
        pub(super) end: f64,
        pub(super) args: Value,
    }

    /// The complete events of a file, checked: in order, on tracks with names, each within another of
    /// its track or beside it; counters are numbers.
    #[track_caller]
    pub(super) fn read(text: &str) -> Vec<Complete> {
        let file: Value = serde_json::from_str(text).expect("JSON");
        let events = file["traceEvents"].as_array().expect("events");
        let number = |event: &Value, key: &str| {
            let number = event[key].as_f64().filter(|it| it.is_finite() && *it >= 0.0);
            number.unwrap_or_else(|| panic!("{key}: {event}"))
        };
        let (mut named, mut last, mut found) = (Vec::new(), 0.0, Vec::new());
        for event in events {
            let start = number(event, "ts");
            assert!(start >= last, "out of order: {event}");
            last = start;
            assert!(event["pid"].is_u64(), "{event}");
            match event["ph"].as_str().expect("a phase") {
                "M" => named.extend(event["tid"].as_u64()),
                "C" => {
                    let values = event["args"].as_object().expect("values");
                    assert!(values.values().all(Value::is_number), "{event}");
                }
                "X" => found.push(Complete {
                    name: event["name"].as_str().expect("a name").to_owned(),
                    category: event["cat"].as_str().expect("a category").to_owned(),
                    tid: event["tid"].as_u64().expect("a track"),
                    start,
                    end: start + number(event, "dur"),
                    args: event["args"].clone(),
                }),
                phase => panic!("phase {phase}"),
            }
        }
        assert!(found.iter().all(|event| named.contains(&event.tid)), "a track without a name");
        nested(&found);
        found
    }

    /// Half a nanosecond, in microseconds: sums of doubles are not exact.
    const ROUNDING: f64 = 0.0005;

    #[track_caller]
    fn nested(events: &[Complete]) {
        let mut open: Vec<&Complete> = Vec::new();
        let mut sorted: Vec<&Complete> = events.iter().collect();
        sorted.sort_by_key(|event| event.tid);
        for event in sorted {
            open.retain(|it| it.tid == event.tid && it.end > event.start + ROUNDING);
            let within = open.iter().all(|outer| event.end <= outer.end + ROUNDING);
            assert!(within, "{event:?} reaches out of {open:?}");
            open.push(event);
        }
    }
}

fn at(home: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = home.path().to_str().expect("text");
    outcome(&run(&[&["--embedded", "--data-dir", directory][..], arguments].concat()))
}

/// The bytes of the trace of `latest` under this name.
#[track_caller]
fn traced(home: &TempDir, name: &str, more: &[&str]) -> Vec<u8> {
    let path = home.path().join(name);
    let out = ["trace", "latest", "--out", path.to_str().expect("text"), "--force"];
    assert_eq!(fine(home, &[&out[..], more].concat()), "");
    std::fs::read(&path).expect("it is written")
}

#[track_caller]
fn chrome(home: &TempDir) -> Vec<reader::Complete> {
    reader::read(&String::from_utf8(traced(home, "trace.json", &[])).expect("text"))
}

#[track_caller]
fn firefox(home: &TempDir) -> Value {
    let mut text = String::new();
    let bytes = traced(home, "trace.json.gz", &[]);
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// Sweeps, and returns the lines about turns.
fn swept(home: &TempDir, more: &[&str]) -> Vec<Value> {
    let sweep = ["sweep", "--attempts", "10", "--output", "ndjson", "--turns"];
    let (code, out, err) = at(home, &[&sweep[..], more].concat());
    assert_eq!(code, Some(0), "{err}");
    let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["kind"] == "turn").collect()
}

const TASKS: [&str; 6] = ["--strategy", "unlocked,fair-mutex", "--workers", "1,2", "--tasks", "20"];
const LOAD: [&str; 4] = ["--strategy", "unlocked,fair-mutex", "--duration", "10ms"];

#[test]
fn slices_of_a_sweep_are_its_turns_in_their_order() {
    let home = home();
    for more in [&TASKS[..], &LOAD] {
        let turns = swept(&home, more);
        let events = chrome(&home);
        let of = |category: &str| {
            events.iter().filter(|it| it.category == category).cloned().collect::<Vec<_>>()
        };
        let mut slices = of("Turns");
        // Events are stored in the order in which turns ended.
        slices.sort_by(|a, b| a.end.total_cmp(&b.end));
        assert_eq!(slices.len(), turns.len());
        for (slice, turn) in slices.iter().zip(&turns) {
            assert_eq!(slice.tid, turn["cell"].as_u64().expect("a cell") + 2, "{turn}");
            for field in ["round", "first_attempt"] {
                assert_eq!(slice.args[field], turn[field], "{turn}");
            }
            let durations = turn["durations_ns"].as_array().expect("durations");
            let elapsed: u64 = durations.iter().filter_map(Value::as_u64).sum();
            assert_eq!(slice.args["elapsed_ns"].as_u64(), Some(elapsed));
            assert_eq!(slice.args["attempts"].as_u64(), Some(durations.len() as u64));
            assert!(slice.end - slice.start <= elapsed as f64 / 1000.0 + 0.001, "{slice:?}");
        }
        let rounds = of("Rounds");
        let counted = |it: &reader::Complete| it.args["turns"].as_u64().expect("a count");
        assert_eq!(rounds.iter().map(counted).sum::<u64>(), turns.len() as u64);
    }
}

#[test]
fn counts_of_a_cells_turns_add_up_to_those_of_the_cell() {
    let home = home();
    for (more, fields) in [
        (&TASKS[..], &["attempts", "correct"][..]),
        (&LOAD, &["attempts", "increments_checked", "increments_lost"]),
    ] {
        swept(&home, more);
        let mut sums: BTreeMap<(u64, &str), u64> = BTreeMap::new();
        for slice in chrome(&home).iter().filter(|it| it.category == "Turns") {
            for field in fields {
                *sums.entry((slice.tid - 2, field)).or_default() +=
                    slice.args[field].as_u64().unwrap_or_else(|| panic!("{field}: {slice:?}"));
            }
        }
        let shown = fine(&home, &["show", "latest", "--output", "json"]);
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        for ((cell, field), sum) in sums {
            let position = usize::try_from(cell).expect("small");
            assert_eq!(shown["cells"][position][field].as_u64(), Some(sum), "{cell} {field}");
        }
    }
}

/// Checks the markers of a thread against the schemas, and returns how many there are of each type.
#[track_caller]
fn markers(profile: &Value, thread: &Value) -> BTreeMap<String, usize> {
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let (table, texts) = (&thread["markers"], list(&thread["stringArray"]));
    let place = |it: &Value| it.as_u64().and_then(|it| usize::try_from(it).ok());
    let length = place(&table["length"]).expect("a length");
    for column in ["category", "data", "endTime", "name", "phase", "startTime"] {
        assert_eq!(list(&table[column]).len(), length, "{column}");
    }
    let is_text = |it: &Value| place(it).is_some_and(|it| it < texts.len());
    assert!(list(&table["name"]).iter().all(is_text));
    let categories = list(&profile["meta"]["categories"]).len();
    let category = |it: &Value| place(it).is_some_and(|it| it < categories);
    assert!(list(&table["category"]).iter().all(category));
    let times = list(&table["startTime"]).into_iter().zip(list(&table["endTime"]));
    let times: Vec<(f64, f64)> = times
        .map(|(from, to)| (from.as_f64().expect("a time"), to.as_f64().expect("a time")))
        .collect();
    assert!(times.iter().all(|(from, to)| from <= to) && times.is_sorted_by_key(|(from, _)| *from));
    let mut counts = BTreeMap::new();
    for data in list(&table["data"]) {
        let schemas = list(&profile["meta"]["markerSchema"]);
        let schema = schemas.iter().find(|it| it["name"] == data["type"]).expect("a schema");
        for field in list(&schema["fields"]) {
            let value = &data[field["key"].as_str().expect("a key")];
            let fits = if field["format"] == "unique-string" {
                is_text(value)
            } else {
                !value.is_string()
            };
            assert!(fits, "{field}: {data}");
        }
        *counts.entry(data["type"].as_str().expect("a type").to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn profile_of_a_sweep_has_a_thread_per_cell_and_a_marker_per_turn() {
    let home = home();
    let turns = swept(&home, &TASKS);
    let profile = firefox(&home);
    let threads = profile["threads"].as_array().expect("threads");
    assert_eq!(threads.len(), 5, "rounds and four cells");
    let names: Vec<&str> = threads.iter().filter_map(|it| it["name"].as_str()).collect();
    assert!(names[1..].iter().all(|name| name.contains("workers")), "{names:?}");
    let counts: Vec<_> = threads.iter().map(|thread| markers(&profile, thread)).collect();
    assert!(counts[0].keys().eq(["Round"]), "{counts:?}");
    let of_turns = |counts: &BTreeMap<String, usize>| counts.get("Turn").copied().unwrap_or(0);
    assert_eq!(counts.iter().map(of_turns).sum::<usize>(), turns.len());
    let extra = &profile["meta"]["extra"][0]["entries"];
    assert_eq!(extra[0]["label"], "time");
    assert!(extra[0]["value"].as_str().expect("text").contains("is not stored"), "{extra}");
}

const WITNESS: [&str; 7] = ["witness", "--strategy", "gil", "--value", "4", "--increments", "5"];

#[test]
fn witness_of_a_gil_has_one_holder_at_a_time_and_its_instructions() {
    let home = home();
    fine(&home, &WITNESS);
    let shown = fine(&home, &["show", "latest", "--output", "json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let moves = shown["trace"]["events"].as_array().expect("moves");
    let events = chrome(&home);
    let opcodes: Vec<_> = events.iter().filter(|it| it.category == "Opcodes").collect();
    assert_eq!(opcodes.len(), moves.len());
    for (opcode, step) in opcodes.iter().zip(moves) {
        assert_eq!(opcode.tid, step["worker"].as_u64().expect("a worker") + 2, "{step}");
        assert_eq!(opcode.args["letters"], step["letter"], "{step}");
        assert_eq!(opcode.args["counter"], step["counter"], "{step}");
        let at_once = |it: &&reader::Complete| it.start <= opcode.start && it.end >= opcode.end;
        let of_gil = events.iter().filter(|it| it.category == "GIL").filter(at_once);
        let holders: Vec<u64> = of_gil.filter(|it| it.name == "Has GIL").map(|it| it.tid).collect();
        assert_eq!(holders, [opcode.tid], "{opcode:?}");
    }
    let profile = firefox(&home);
    let threads = profile["threads"].as_array().expect("threads");
    let opcodes = threads.iter().map(|thread| markers(&profile, thread));
    let opcodes = opcodes.filter_map(|counts| counts.get("Opcode").copied());
    assert_eq!(opcodes.sum::<usize>(), moves.len());
    let notes = profile["meta"]["extra"].to_string();
    assert!(notes.contains("not measured: time is the number of the move"), "{notes}");
}

#[test]
fn witness_with_repeated_increments_is_as_long_as_all_its_moves() {
    let home = home();
    let asked = ["witness", "--strategy", "unlocked", "--value", "2", "--increments", "100000"];
    fine(&home, &asked);
    let events = chrome(&home);
    let moves = events.iter().filter(|it| it.category == "Moves");
    let end = moves.map(|it| it.end).fold(0.0, f64::max);
    assert!((end - 400_000.0 * 1000.0).abs() < 1.0, "two steps of 200000 increments: {end}");
    assert!(!events.iter().any(|it| it.category == "GIL"));
}

#[test]
fn stored_job_gives_the_same_bytes_each_time() {
    let home = home();
    swept(&home, &LOAD);
    for name in ["a.json", "a.json.gz"] {
        assert_eq!(traced(&home, name, &[]), traced(&home, name, &[]), "{name}");
    }
    fine(&home, &WITNESS);
    for form in ["chrome", "firefox"] {
        let first = traced(&home, "a.trace", &["--format", form]);
        assert_eq!(first, traced(&home, "a.trace", &["--format", form]), "{form}");
    }
}

#[test]
fn trace_that_cannot_be_written_is_refused_with_the_way_out() {
    let home = home();
    fine(&home, &["explore", "--strategy", "unlocked", "--increments", "2"]);
    let taken = home.path().join("taken.json");
    std::fs::write(&taken, "kept").expect("a file");
    let path = |name: &str| home.path().join(name).display().to_string();
    let refused = |id: &str, name: &str| {
        let (code, out, err) = at(&home, &["trace", id, "-o", &path(name)]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(name == "taken.json" || !Path::new(&path(name)).exists(), "{err}");
        err
    };
    assert!(refused("latest", "x.txt").contains("--format chrome"));
    assert!(refused("latest", "taken.json").contains("--force"));
    assert_eq!(std::fs::read_to_string(&taken).expect("a file"), "kept");
    let err = refused("latest", "x.json");
    assert!(err.contains("without a schedule") && err.contains("gilctl witness"), "{err}");
}
