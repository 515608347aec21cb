//! `gilctl plot` against a real lab: what it asks for, what it refuses, and that its numbers are those of
//! the table.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use nix::pty::{Winsize, openpty};
use serde_json::Value;

use crate::real_lab::end_to_end::run;
use crate::support::server::outcome;

/// A lab inside gilctl with a sweep of three strategies.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let sweep =
        ["sweep", "--strategy", "unlocked,fair-mutex", "--workers", "1..=4", "--tasks", "20"];
    let (code, _, err) = at(&home, &[&sweep[..], &["--attempts", "20"]].concat());
    assert_eq!(code, Some(0), "{err}");
    home
}

fn at(home: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = home.path().to_str().expect("text");
    outcome(&run(&[&["--embedded", "--data-dir", directory][..], arguments].concat()))
}

fn json(home: &tempfile::TempDir, arguments: &[&str]) -> Value {
    let (code, out, err) = at(home, &[arguments, &["--output", "json"]].concat());
    assert_eq!(code, Some(0), "{err}");
    serde_json::from_str(&out).expect("JSON")
}

/// The points of a picture that are no computed curve, as y, low and high.
fn measured(picture: &Value) -> Vec<[f64; 3]> {
    let series = picture["series"].as_array().expect("a list").iter();
    let points = series.flat_map(|series| series["points"].as_array().expect("a list"));
    let number = |value: &Value| value.as_f64().expect("a number");
    let observed = points.filter(|point| !point["observations"].is_null());
    observed.map(|it| [number(&it["y"]), number(&it["low"]), number(&it["high"])]).collect()
}

#[test]
fn numbers_of_a_picture_are_those_of_the_sweep() {
    let home = home();
    let (code, out, err) = at(&home, &["show", "latest", "--output", "ndjson"]);
    assert_eq!(code, Some(0), "{err}");
    let cells: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a document"))
        .filter(|it| it["kind"] == "cell")
        .collect();
    assert_eq!(cells.len(), 8);
    let of = |names: [&str; 3], factor: f64| -> Vec<[f64; 3]> {
        let figure = |cell: &Value, name| factor * cell[name].as_f64().expect("a number");
        cells.iter().map(|cell| names.map(|name| figure(cell, name))).collect()
    };
    let rates = [
        "increments_per_second",
        "increments_per_second_median_low",
        "increments_per_second_median_high",
    ];
    // Cells come strategy by strategy, each from one worker on, as the series do.
    assert_eq!(measured(&json(&home, &["plot", "latest", "--picture", "rate"])), of(rates, 1.0));
    let right = ["correct_fraction", "correct_low", "correct_high"];
    assert_eq!(measured(&json(&home, &["plot", "latest", "--picture", "right"])), of(right, 100.0));
}

#[test]
fn kind_that_a_sweep_cannot_give_is_refused_with_those_that_it_can() {
    let home = home();
    let (code, out, err) = at(&home, &["plot", "latest", "--picture", "ratios"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let wanted = "--picture: ratios cannot be drawn of this: ratios are between sweeps, and this is one; \
                  choose rate, right, outcomes";
    assert!(err.contains(wanted), "{err}");
    let (code, _, err) = at(&home, &["plot", "latest", "--cell", "mutexes"]);
    assert_eq!(code, Some(2));
    let wanted = "--cell: mutexes names none of the 8 cells; name a position up to 7 or a part of: \
                  unlocked 1 worker, unlocked 2 workers";
    assert!(err.contains(wanted), "{err}");
}

#[test]
fn picture_of_a_cell_is_of_that_cell() {
    let home = home();
    let picture = json(&home, &["plot", "latest", "--picture", "right", "--cell", "fair-mutex"]);
    assert_eq!(picture["x"]["categories"].as_array().expect("names").len(), 4);
    let picture = json(&home, &["plot", "latest", "--picture", "outcomes", "--cell", "7"]);
    assert_eq!(picture["title"], "Final values of fair-mutex, 4 workers");
    assert_eq!(picture["series"][0]["points"][0]["x"], 20.0);
    assert_eq!(picture["series"][0]["points"][0]["observations"], 20);
}

/// The rows of a specification are the points of the picture, and each series has a layer.
#[track_caller]
fn assert_same_points(specification: &str, picture: &Value) {
    let specification: Value = serde_json::from_str(specification).expect("JSON");
    let numbers = |point: &Value| ["y", "low", "high"].map(|name| point[name].as_f64());
    let rows = specification["data"]["values"].as_array().expect("rows").iter().map(numbers);
    let series = picture["series"].as_array().expect("a list");
    let points = series.iter().flat_map(|it| it["points"].as_array().expect("a list"));
    assert!(rows.eq(points.map(numbers)), "{specification}");
    let marks = picture["marks"].as_array().map_or(0, Vec::len);
    let layers = specification["layer"].as_array().expect("layers");
    assert_eq!(layers.len(), series.len() + 1 + marks);
    assert_eq!(specification["title"], picture["title"]);
}

/// Each kind that one sweep can give, an exploration, and two sweeps; each with its drawing.
#[test]
fn every_kind_is_drawn_of_what_has_it() {
    let home = home();
    let load = ["sweep", "--strategy", "fair-mutex", "--duration", "20ms", "--attempts", "10"];
    let explore = ["explore", "--strategy", "unlocked", "--increments", "3"];
    let crossed = [
        "sweep",
        "--strategy",
        "gil",
        "--era",
        "3.9,3.12",
        "--body",
        "increment,call",
        "--attempts",
        "4",
    ];
    for command in [&crossed[..], &load[..], &explore[..], &["rerun", "latest"][..]] {
        let (code, _, err) = at(&home, command);
        assert_eq!(code, Some(0), "{err}");
    }
    let file = home.path().join("picture.svg");
    let drawing = file.to_str().expect("text");
    let specification = home.path().join("picture.vl.json");
    let vega = specification.to_str().expect("text");
    for (kind, ids) in [
        ("rate", &["latest~4"][..]),
        ("right", &["latest~4"]),
        ("outcomes", &["latest~4"]),
        ("rounds", &["latest~4"]),
        ("waits", &["latest~2"]),
        ("shares", &["latest~2"]),
        ("heatmap", &["latest~3"]),
        ("workers", &["latest~3"]),
        ("workers", &["latest~2"]),
        ("ratios", &["latest~2", "latest"]),
        ("outcomes", &["latest~1"]),
    ] {
        let files = ["--svg", drawing, "--vega", vega];
        let command = [&["plot", "--picture", kind][..], &files, ids].concat();
        let (code, out, err) = at(&home, &command);
        assert_eq!(code, Some(0), "{kind}: {err}");
        assert!(out.lines().count() > 8, "{kind}: {out}");
        assert!(err.contains(&format!("drawn to {drawing}")), "{kind}: {err}");
        let svg = std::fs::read_to_string(&file).expect("it is written");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{kind}");
        let picture = json(&home, &[&["plot", "--picture", kind][..], ids].concat());
        assert_same_points(&std::fs::read_to_string(vega).expect("it is written"), &picture);
        std::fs::remove_file(&file).expect("it is there");
    }
    assert_eq!(
        json(&home, &["plot", "latest~3"])["picture"],
        "heatmap",
        "eras and bodies are crossed"
    );
    let (code, _, err) = at(&home, &["plot", "latest~1", "--picture", "rate"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("an exploration has final values and no measurement; choose outcomes"),
        "{err}"
    );
}

/// What gilctl prints on a terminal of 100 columns.
fn on_terminal(home: &tempfile::TempDir, arguments: &[&str]) -> String {
    let size = Winsize { ws_row: 50, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).expect("a terminal");
    let directory = home.path().to_str().expect("text");
    let mut gilctl = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    gilctl.args(["--embedded", "--data-dir", directory, "--color", "never"]).args(arguments);
    gilctl.env_remove("GILCTL_SERVER").env("LC_ALL", "C").stdin(Stdio::null());
    gilctl.stdout(terminal.slave).stderr(Stdio::null());
    let mut child = gilctl.spawn().expect("gilctl runs");
    drop(gilctl);
    let (mut screen, mut read) = (File::from(terminal.master), Vec::new());
    // A terminal without a program on it ends in an error.
    let _ = screen.read_to_end(&mut read);
    assert!(child.wait().expect("it ends").success());
    String::from_utf8_lossy(&read).replace('\r', "")
}

#[test]
fn picture_stands_below_the_table_on_a_terminal_only() {
    let home = home();
    let grid = ["sweep", "--strategy", "atomic,fair-mutex", "--attempts", "4", "--tasks", "4"];
    let with = |more: &[&str]| on_terminal(&home, &[&grid[..], more].concat());
    let drawn = with(&[]);
    let (table, picture) = drawn.split_once("\nIncrements per second\n").expect("a picture");
    assert!(table.contains("\nSTRATEGY"), "{table}");
    assert!(
        picture.contains("fair-mutex") && picture.contains("Each cell has 2 workers."),
        "{picture}"
    );
    assert!(!with(&["--no-plot"]).contains("Increments per second\n"));
    let compared = on_terminal(&home, &["compare", "latest~1", "latest"]);
    assert!(compared.contains("\nRatios of increments per second\n"), "{compared}");
    let bare = on_terminal(&home, &["compare", "latest~1", "latest", "--no-plot"]);
    assert!(!bare.contains("Ratios of"), "{bare}");
    let (_, piped, _) = at(&home, &grid);
    assert!(!piped.contains("Increments per second\n"), "{piped}");
}
