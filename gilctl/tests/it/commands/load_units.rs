//! Sweeps under load in every command and format: correctness is counted in increments, which are those
//! of the attempts; also where an earlier gild stored the history, and did not count them.

use std::process::Output;

use prost::Message as _;
use proto::v1::SweepEvent;
use proto::v1::sweep_event::Happening;
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::real_lab::beside::{Home, text};
use crate::real_lab::end_to_end::lines;

const FORMATS: [&str; 5] = ["table", "markdown", "json", "ndjson", "csv"];

/// How a sweep of tasks words its correctness, which is by attempts; the last is a heading of tables.
/// Records keep the count of right attempts under the names that they always had.
const BY_ATTEMPTS: [&str; 5] =
    ["attempts wrong", "in every attempt", "right in ", "quartiles of", "CORRECT"];

/// Of the cells of [`swept`].
const VERDICTS: [&str; 3] = ["lost", "kept", "broken"];

/// Increments that a cell checked and lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counted {
    checked: u64,
    lost: u64,
}

impl Counted {
    fn of(line: &Value, prefix: &str) -> Self {
        let number = |name: &str| line[format!("{prefix}{name}")].as_u64().expect("a count");
        Self { checked: number("increments_checked"), lost: number("increments_lost") }
    }

    /// As sentences have it: `96,247 of 4,812,345 increments lost`.
    fn words(self) -> String {
        let grouped = |count: u64| {
            let digits = count.to_string();
            let parts: Vec<&str> = digits
                .as_bytes()
                .rchunks(3)
                .rev()
                .map(|part| std::str::from_utf8(part).expect("digits"))
                .collect();
            parts.join(",")
        };
        format!("{} of {} increments lost", grouped(self.lost), grouped(self.checked))
    }
}

/// A sweep under load, with its turns as lines: of a lossy strategy, an exact one, and one that breaks
/// its promise. Again where chance spared a strategy that loses.
fn swept(home: &Home) -> Vec<Value> {
    const SWEEP: [&str; 12] = [
        "sweep",
        "--strategy",
        "unlocked,atomic,broken",
        "--duration",
        "30ms",
        "--attempts",
        "3",
        "--embedded",
        "--turns",
        "--output",
        "ndjson",
        "-q",
    ];
    let once = |_| {
        let all = lines(&home.run(&SWEEP));
        let [unlocked, _, broken] = counted(&all);
        (unlocked.lost > 0 && broken.lost > 0).then_some(all)
    };
    (0..20).find_map(once).expect("one of twenty loses what it can")
}

fn cells(lines: &[Value]) -> [Value; 3] {
    let cells = lines.iter().filter(|line| line["kind"] == "cell").cloned();
    let mut cells: Vec<Value> = cells.collect();
    cells.sort_by_key(|cell| cell["cell"].as_u64());
    cells.try_into().expect("three cells")
}

fn id(lines: &[Value]) -> &str {
    lines[0]["id"].as_str().expect("an id")
}

/// Counted from the attempts of the turns.
fn counted(lines: &[Value]) -> [Counted; 3] {
    let mut sums = [Counted::default(); 3];
    for turn in lines.iter().filter(|line| line["kind"] == "turn") {
        let list = |name: &str| turn[name].as_array().expect("a list").clone();
        let number = |value: &Value| value.as_u64().expect("a number");
        let cell = usize::try_from(number(&turn["cell"])).expect("a cell");
        for (done, total) in list("increments").iter().zip(&list("finals")) {
            sums[cell].checked += number(done);
            sums[cell].lost += number(done) - number(total);
        }
    }
    sums
}

fn in_format(home: &Home, command: &[&str], format: &str) -> Output {
    let output = home.run(&[command, &["--output", format]].concat());
    assert!(!output.stdout.is_empty(), "{command:?}: {}", text(&output.stderr));
    output
}

/// Every text of a document or a table, on one line each.
fn said(home: &Home, command: &[&str], format: &str) -> String {
    text(&in_format(home, command, format).stdout).replace("\\n", "\n")
}

#[track_caller]
fn words_are_of_increments(said: &str, command: &[&str]) {
    for words in BY_ATTEMPTS {
        assert!(!said.contains(words), "{command:?} says {words:?}:\n{said}");
    }
}

/// The counts of each cell, in whatever format has them as fields.
fn fields(home: &Home, command: &[&str], format: &str, prefix: &str) -> Vec<Counted> {
    let output = in_format(home, command, format);
    match format {
        "ndjson" => {
            let has_them =
                |line: &Value| matches!(line["kind"].as_str(), Some("cell" | "compared"));
            let mut them: Vec<_> = lines(&output).into_iter().filter(has_them).collect();
            // `watch` prints cells as they end.
            them.sort_by_key(|it| it["cell"].as_u64());
            them.iter().map(|it| Counted::of(it, prefix)).collect()
        }
        "json" => {
            let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
            let cells = document["cells"].as_array().or(document["compared"].as_array());
            cells.expect("cells").iter().map(|it| Counted::of(it, prefix)).collect()
        }
        "csv" => {
            let table = text(&output.stdout);
            let mut rows = csv_rows(&table);
            let names = rows.remove(0);
            let place = |name: &str| {
                let name = format!("{prefix}{name}");
                names.iter().position(|it| **it == name).expect("a column")
            };
            let (checked, lost) = (place("increments_checked"), place("increments_lost"));
            let number = |text: &str| text.parse().expect("a number");
            rows.iter()
                .map(|row| Counted { checked: number(&row[checked]), lost: number(&row[lost]) })
                .collect()
        }
        _ => panic!("{format} has no fields"),
    }
}

/// The rows of a CSV, whose quoted fields may have commas.
fn csv_rows(table: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let (mut fields, mut is_quoted) = (vec![String::new()], false);
        for letter in line.chars() {
            match letter {
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => fields.push(String::new()),
                letter => fields.last_mut().expect("one at least").push(letter),
            }
        }
        fields
    };
    table.lines().map(row).collect()
}

/// Every command about the newest sweep under load, whose cells have these counts.
#[track_caller]
fn every_command_counts_increments(home: &Home, wanted: [Counted; 3]) {
    let about: [&[&str]; 3] = [&["show", "latest"], &["watch", "latest"], &["explain", "latest"]];
    for command in about {
        for format in FORMATS {
            let said = said(home, command, format);
            words_are_of_increments(&said, command);
            let is_explained = command[0] == "explain";
            if is_explained || format != "csv" {
                let broken = wanted[2].words();
                assert!(said.contains(&broken), "{command:?} {format}: {broken}\n{said}");
            }
            let has_fields = !is_explained && matches!(format, "json" | "ndjson" | "csv");
            if has_fields {
                assert_eq!(fields(home, command, format, ""), wanted, "{command:?} {format}");
            }
            if !is_explained && matches!(format, "table" | "markdown") {
                assert!(said.contains("INCREMENTS"), "{command:?}: {said}");
                let atomic = said.lines().find(|line| line.contains("atomic")).expect("a row");
                assert!(atomic.contains("0 of ") && atomic.contains("(<"), "{atomic}");
            }
        }
    }
    let explained = said(home, &["explain", "latest"], "ndjson");
    let exact = wanted[1].words().replace("increments lost", "increments lost; up to ");
    assert!(explained.contains(&exact), "{exact}:\n{explained}");
    assert!(explained.contains(&wanted[0].words()), "{explained}");
}

#[test]
fn correctness_of_a_load_sweep_is_counted_in_increments() {
    let home = Home::new();
    let first = swept(&home);
    let second = swept(&home);
    for all in [&first, &second] {
        let from_cells = cells(all).map(|cell| Counted::of(&cell, ""));
        assert_eq!(from_cells, counted(all), "the sums of the turns");
        assert_eq!(cells(all).map(|it| it["verdict"].clone()), VERDICTS.map(Value::from));
        let end = all.last().expect("an end");
        let verdict = end["verdict"].as_str().expect("a verdict");
        let broken = format!("PROMISE BROKEN: broken ({}: ", from_cells[2].words());
        assert!(verdict.starts_with(&broken), "{verdict}");
        // The running counts of the last turn of each cell are those of the cell.
        for turn in all.iter().filter(|it| it["kind"] == "turn" && it["attempts"] == 3) {
            let cell = turn["cell"].as_u64().and_then(|it| usize::try_from(it).ok()).expect("it");
            assert_eq!(Counted::of(turn, ""), from_cells[cell]);
        }
    }
    let bound = |cell: &Value| cell["increments_lost_high"].as_f64().expect("a bound");
    let [_, atomic, _] = cells(&second);
    let checked = counted(&second)[1].checked as f64;
    assert!((bound(&atomic) * checked - 3.0).abs() < 0.01, "{atomic}");
    every_command_counts_increments(&home, counted(&second));
    let compare = ["compare", id(&first), id(&second), "--force"];
    for format in FORMATS {
        words_are_of_increments(&said(&home, &compare, format), &compare);
    }
    assert!(said(&home, &compare, "table").contains(" LOST "));
    for format in ["json", "ndjson", "csv"] {
        assert_eq!(fields(&home, &compare, format, "first_"), counted(&first), "{format}");
        assert_eq!(fields(&home, &compare, format, "second_"), counted(&second), "{format}");
    }
}

/// Verdicts of one strategy alone: a lossy one and an exact one.
#[test]
fn verdict_of_a_single_strategy_under_load_counts_increments() {
    let home = Home::new();
    for (strategy, wanted) in
        [("atomic", "No increment lost: atomic (0 of "), ("unlocked", "Lost updates: unlocked (")]
    {
        let command = ["sweep", "--strategy", strategy, "--duration", "30ms", "--attempts", "3"];
        let sweep = |format: &str| {
            let said = said(&home, &[&command[..], &["--embedded", "-q"]].concat(), format);
            words_are_of_increments(&said, &command);
            said.contains(wanted) && said.contains("increments lost: ")
        };
        // By chance, a strategy without a lock may lose nothing.
        for format in FORMATS.iter().filter(|format| **format != "csv") {
            assert!((0..20).any(|_| sweep(format)), "{strategy} {format}");
        }
    }
}

/// Computing workers beside requests, whose attempts have no planned number of increments either.
#[test]
fn correctness_beside_requests_is_counted_in_increments() {
    let home = Home::new();
    let sweep = ["sweep", "--strategy", "unlocked", "--io-workers", "1", "--cpu-workers", "2"];
    let few = ["--requests", "5", "--attempts", "2", "--embedded", "-q", "--output", "ndjson"];
    let all = lines(&home.run(&[&sweep[..], &few].concat()));
    let cells: Vec<&Value> = all.iter().filter(|line| line["kind"] == "cell").collect();
    let alone = cells.iter().find(|cell| cell["cpu_workers"] == 0).expect("measured as well");
    assert_eq!(alone["increments_checked"], Value::Null, "no worker increments");
    let beside = cells.iter().find(|cell| cell["cpu_workers"] == 2).expect("asked for");
    let words = Counted::of(beside, "").words();
    for format in FORMATS {
        let shown = said(&home, &["show", "latest"], format);
        words_are_of_increments(&shown, &["show"]);
        assert!(format == "csv" || shown.contains(&words), "{format} {words}: {shown}");
    }
    words_are_of_increments(&said(&home, &["explain", "latest"], "table"), &["explain"]);
}

/// Sweeps of tasks keep attempts as their unit.
#[test]
fn correctness_of_a_sweep_of_tasks_is_counted_in_attempts() {
    let home = Home::new();
    let sweep = ["sweep", "--strategy", "atomic", "--attempts", "2", "--embedded", "-q"];
    said(&home, &sweep, "table");
    let shown = said(&home, &sweep, "table");
    assert!(shown.contains("RIGHT %") && shown.contains("Right in every attempt"), "{shown}");
    let [cell] = lines(&home.run(&["show", "latest", "--output", "ndjson"]))
        .into_iter()
        .filter(|line| line["kind"] == "cell")
        .collect::<Vec<Value>>()
        .try_into()
        .expect("one cell");
    assert_eq!((&cell["correct"], &cell["increments_checked"]), (&2.into(), &Value::Null));
    let explained = said(&home, &["explain", "latest"], "table");
    assert!(explained.contains("0 of 2 attempts wrong"), "{explained}");
    let compared = said(&home, &["compare", "latest~1", "latest", "--force"], "table");
    assert!(!compared.contains("INCREMENTS"), "{compared}");
}

/// Takes the lost increments out of every stored measurement, as a gild had them that did not count
/// them.
fn forget(home: &Home) {
    let database = Connection::open(home.data().join("lab.db")).expect("no lab has it open");
    let mut events = database.prepare("SELECT rowid, body FROM events").expect("SQL");
    let rows = events
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .expect("rows")
        .map(|row| row.expect("a row"));
    let mut forgotten = 0;
    for (row, body) in rows.collect::<Vec<_>>() {
        let mut event = SweepEvent::decode(&body[..]).expect("an event");
        let measurement = match &mut event.happening {
            Some(Happening::Turn(turn)) => turn.measurement.as_mut(),
            Some(Happening::CellEnded(ended)) => ended.measurement.as_mut(),
            Some(Happening::Started(_) | Happening::Ended(_)) | None => None,
        };
        forgotten += usize::from(measurement.is_some_and(|it| it.lost_increments.take().is_some()));
        let update = "UPDATE events SET body = ? WHERE rowid = ?";
        database.execute(update, params![event.encode_to_vec(), row]).expect("SQL");
    }
    assert!(forgotten >= 12, "{forgotten}: each turn and each end had them");
}

#[test]
fn history_that_did_not_count_increments_shows_the_same() {
    let home = Home::new();
    let (first, second) = (swept(&home), swept(&home));
    let shown = |format: &str| said(&home, &["show", "latest"], format);
    let compare = ["compare", id(&first), id(&second), "--force"];
    let before = FORMATS.map(shown);
    let compared = said(&home, &compare, "csv");
    forget(&home);
    assert_eq!(FORMATS.map(shown), before);
    assert_eq!(said(&home, &compare, "csv"), compared);
    every_command_counts_increments(&home, counted(&second));
    let watched = lines(&home.run(&["watch", "latest", "--turns", "--output", "ndjson"]));
    let kind = |all: &[Value], kind: &str| -> Vec<Value> {
        all.iter().filter(|line| line["kind"] == kind).cloned().collect()
    };
    assert_eq!(kind(&watched, "cell"), kind(&second, "cell"));
    assert_eq!(kind(&watched, "turn"), kind(&second, "turn"));
    assert_eq!(fields(&home, &compare, "ndjson", "first_"), counted(&first));
}
