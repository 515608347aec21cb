//! `gilctl report` against a real lab: its files, its numbers, its size, and what it refuses.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use view::render::format::quantity::Spread;

use crate::real_lab::end_to_end::run;
use crate::support::markup::{tags, texts};
use crate::support::server::outcome;

/// Most bytes of the report of a sweep of four strategies with eight numbers of workers.
const USUAL_MAX: usize = 150_000;

pub(super) fn home() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn at(home: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = home.path().to_str().expect("text");
    outcome(&run(&[&["--embedded", "--data-dir", directory][..], arguments].concat()))
}

#[track_caller]
pub(super) fn fine(home: &TempDir, arguments: &[&str]) -> String {
    let (code, out, err) = at(home, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {err}");
    out
}

fn small(home: &TempDir) {
    let sweep = ["sweep", "--strategy", "unlocked,fair-mutex", "--workers", "1,2", "--tasks", "20"];
    fine(home, &[&sweep[..], &["--attempts", "10", "--seed", "42"]].concat());
}

/// A report of these sweeps under a name in the directory.
#[track_caller]
pub(super) fn report(home: &TempDir, ids: &[&str], name: &str) -> PathBuf {
    let path = home.path().join(name);
    let out = ["--out", path.to_str().expect("text"), "--force"];
    assert_eq!(fine(home, &[&["report"], ids, &out].concat()), "");
    path
}

pub(super) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it is written")
}

/// Names in a directory that begin so.
fn named(home: &TempDir, start: &str) -> Vec<String> {
    let entries = std::fs::read_dir(home.path()).expect("a directory");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("text")
    };
    let mut names: Vec<String> = entries.map(name).filter(|it| it.starts_with(start)).collect();
    names.sort_unstable();
    names
}

#[test]
fn numbers_of_a_report_are_those_of_the_sweep() {
    let home = home();
    small(&home);
    let page = text(&report(&home, &["latest"], "report.html"));
    let shown = fine(&home, &["show", "latest", "--output", "json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let cells = shown["cells"].as_array().expect("cells");
    assert_eq!(cells.len(), 4);
    let cells_of_tables = texts(&page, "td");
    for cell in cells {
        let number = |name: &str| cell[name].as_f64().unwrap_or_else(|| panic!("{name}: {cell}"));
        let spread = |middle, low, high| Spread {
            middle: number(middle),
            low: number(low),
            high: number(high),
        };
        let rate = "increments_per_second";
        let quartiles =
            spread(rate, "increments_per_second_low", "increments_per_second_high").scaled();
        let median =
            spread(rate, "increments_per_second_median_low", "increments_per_second_median_high");
        let right = spread("correct_fraction", "correct_low", "correct_high");
        for wanted in [quartiles, median.scaled(), right.percent()] {
            assert!(cells_of_tables.contains(&wanted), "{wanted}: {cells_of_tables:?}");
        }
    }
    let again = fine(&home, &["show", "latest", "--as-command"]);
    assert!(texts(&page, "code").contains(&again.trim().to_owned()), "{again}");
    assert!(texts(&page, "dd").contains(&"42".to_owned()));
}

#[test]
fn usual_sweeps_have_small_reports_with_every_picture() {
    let home = home();
    let grid = ["--workers", "1..=8", "--attempts"];
    let tasks = ["sweep", "--strategy", "unlocked,fair-mutex,atomic,parking-lot-fair"];
    fine(&home, &[&tasks[..], &grid, &["30", "--tasks", "20"]].concat());
    let load = ["sweep", "--strategy", "mcs,fair-mutex,std-mutex,parking-lot-fair"];
    fine(&home, &[&load[..], &grid, &["4", "--duration", "10ms"]].concat());
    let pictures_of_both: Vec<usize> = ["latest~1", "latest"]
        .map(|id| {
            let page = text(&report(&home, &[id], "report.html"));
            assert!(page.len() < USUAL_MAX, "{id}: {} bytes", page.len());
            tags(&page).iter().filter(|tag| tag.name == "figure").count()
        })
        .into();
    // Whether anyone waited is the scheduler's to say. Where a time ends attempts, final values are no
    // picture.
    assert!(pictures_of_both[0] >= 5 && pictures_of_both[1] >= 4, "{pictures_of_both:?}");
}

#[test]
fn equal_sweeps_give_equal_bytes() {
    let home = home();
    small(&home);
    small(&home);
    for (ids, name) in [
        (&["latest"][..], "one.html"),
        (&["latest~1", "latest"], "two.html"),
        (&["latest"], "m.md"),
    ] {
        let first = text(&report(&home, ids, name));
        assert!(first == text(&report(&home, ids, name)), "{name}");
    }
    assert!(text(&home.path().join("one.html")) == text(&report(&home, &["latest"], "other.html")));
}

#[test]
fn several_sweeps_are_compared_and_then_reported_each() {
    let home = home();
    small(&home);
    small(&home);
    let page = text(&report(&home, &["latest~1", "latest"], "two.html"));
    assert_eq!(texts(&page, "h1"), ["Comparison of 2 sweeps"]);
    let headings = texts(&page, "h2");
    assert_eq!(headings.len(), 3, "{headings:?}");
    assert_eq!(headings[0], "Sweeps side by side");
    assert!(texts(&page, "th").iter().any(|it| it.starts_with("RATIO")));
    assert!(
        texts(&page, "figcaption").len() > 6 && page.contains("Ratios of increments per second")
    );
    // A pair has one outcome, in the table and beside its picture.
    assert!(!texts(&page, "td").iter().any(|it| it.starts_with("unknown")));
    let (code, _, err) = at(&home, &["report", "latest", "latest", "-o", "twice.html"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("is named twice; name each sweep once"), "{err}");
}

#[test]
fn markdown_has_its_drawings_beside_it() {
    let home = home();
    small(&home);
    let page = text(&report(&home, &["latest"], "pull.md"));
    let files = named(&home, "pull");
    let drawings = ["outcomes", "rate", "right", "rounds", "shares", "waits", "workers"];
    let wanted = drawings.iter().map(|kind| format!("pull-{kind}.svg"));
    let wanted: Vec<String> = wanted.filter(|name| page.contains(&format!("({name})"))).collect();
    assert_eq!(files[..files.len() - 1], wanted);
    assert_eq!(files.last().map(String::as_str), Some("pull.md"));
    for name in &wanted {
        assert!(text(&home.path().join(name)).starts_with("<svg xmlns="));
    }
}

#[test]
fn existing_files_and_other_endings_are_refused() {
    let home = home();
    small(&home);
    let path = home.path().join("there.html");
    std::fs::write(&path, "mine").expect("written");
    let path = path.to_str().expect("text");
    let (code, _, err) = at(&home, &["report", "latest", "-o", path]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there.html exists; choose another name, or overwrite it with --force"));
    assert_eq!(text(Path::new(path)), "mine");
    // A drawing that is in the way: nothing is written at all.
    std::fs::write(home.path().join("kept-rate.svg"), "mine").expect("written");
    let beside = home.path().join("kept.md");
    let (code, _, err) = at(&home, &["report", "latest", "-o", beside.to_str().expect("text")]);
    assert_eq!(code, Some(2));
    assert!(err.contains("kept-rate.svg exists"), "{err}");
    assert_eq!(named(&home, "kept"), ["kept-rate.svg"]);
    assert!(named(&home, ".gilctl").is_empty());
    for name in ["report.pdf", "report", ".html"] {
        let (code, _, err) = at(&home, &["report", "latest", "-o", name]);
        assert_eq!(code, Some(2), "{name}");
        let wanted = format!("--out: {name}: a report is a file that ends in .html or .md");
        assert!(err.contains(&wanted), "{err}");
    }
    let nowhere = home.path().join("none/report.html");
    let (code, _, err) = at(&home, &["report", "latest", "-o", nowhere.to_str().expect("text")]);
    assert_eq!(code, Some(2));
    assert!(err.contains("name a file in a directory that you can write to"), "{err}");
}

#[test]
fn exploration_has_no_report() {
    let home = home();
    fine(&home, &["explore", "--strategy", "unlocked", "--increments", "2"]);
    let listed = fine(&home, &["list", "--output", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let id = listed["explorations"][0]["id"].as_str().expect("an id").to_owned();
    let (code, _, err) = at(&home, &["report", &id, "-o", "exploration.html"]);
    assert_eq!(code, Some(8), "{err}");
    assert!(err.contains("is an exploration, and this command takes sweeps"), "{err}");
}
