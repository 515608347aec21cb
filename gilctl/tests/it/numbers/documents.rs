//! Every command's documents, from a lab whose whole numbers are as great as their type allows, and
//! from one in which they are 1.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::CommandFactory as _;
use view::render::format::value::WHOLE_MAX;

use crate::numbers::lab::FilledLab;
use crate::numbers::messages::{EXPLORATION, SWEEP};
use crate::support::json_text::Json;

const SCRIPT: &str = "gild1 unlocked 2x2 LS 6d0c8a292d5b0687 T0x3 T1x4 T0x1";
/// Commands that print documents, with `FILE` for a file.
const COMMANDS: [&[&str]; 28] = [
    &["sweep", "--strategy", "gil"],
    &["sweep", "--strategy", "gil", "--turns"],
    &["sweep", "--strategy", "gil", "--dry-run"],
    &["sweep", "--strategy", "gil", "--detach"],
    &["strategies"],
    &["strategies", "--body", "call"],
    &["calibrate"],
    &["explore", "--strategy", "unlocked"],
    &["explore", "--strategy", "unlocked", "--dry-run"],
    &["explore", "--strategy", "unlocked", "--detach"],
    &["witness", "--strategy", "unlocked", "--value", "2"],
    &["replay", SCRIPT],
    &["explain", SWEEP],
    &["list"],
    &["show", SWEEP],
    &["show", EXPLORATION],
    &["show", SWEEP, "--as-command"],
    &["plot", SWEEP],
    &["plot", EXPLORATION, "--picture", "outcomes"],
    &["watch", SWEEP, "--turns"],
    &["watch", SWEEP, "--turns", "--after", "18446744073709551610"],
    &["watch", EXPLORATION, "--after", "18446744073709551610"],
    &["resume", SWEEP],
    &["rerun", SWEEP],
    &["compare", SWEEP, SWEEP],
    &["delete", SWEEP, "--yes"],
    &["prune", "--keep", "1d", "--yes"],
    &["import", "FILE"],
];
/// Commands that print no document: nothing, or a file of another form.
const NO_DOCUMENT: [&str; 11] = [
    "cancel",
    "label",
    "report",
    "trace",
    "export",
    "tour",
    "schema",
    "top",
    "ui",
    "completions",
    "man",
];
/// Those of [`COMMANDS`] that need no flag.
const PLAIN: [&[&str]; 3] = [&["status"], &["doctor"], &["config", "show"]];

/// Documents by the whole number in them and their format.
type Printed = BTreeMap<(u64, String), Arc<[(String, String)]>>;

/// The documents of all commands in one format, each with its command; printed once a process.
pub(super) fn documents(whole: u64, format: &str) -> Arc<[(String, String)]> {
    static PRINTED: Mutex<Printed> = Mutex::new(BTreeMap::new());
    let mut printed = PRINTED.lock().expect("no panic");
    let all = printed.entry((whole, format.to_owned()));
    Arc::clone(all.or_insert_with(|| print(whole, format).into()))
}

fn print(whole: u64, format: &str) -> Vec<(String, String)> {
    let printed = texts(&FilledLab::of(whole), format).into_iter();
    let lines = |(command, text): (String, String)| {
        text.lines().map(|line| (command.clone(), line.to_owned())).collect::<Vec<_>>()
    };
    printed.flat_map(lines).collect()
}

/// What each command prints in that format, with the command.
pub(crate) fn texts(lab: &FilledLab, format: &str) -> Vec<(String, String)> {
    texts_by(format, &|words| {
        let output = lab.run(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.stdout.is_empty(), "{words:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    })
}

/// What each command prints in that format, run by `run`, with the command.
pub(super) fn texts_by(format: &str, run: &dyn Fn(&[&str]) -> String) -> Vec<(String, String)> {
    let stored = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(stored.path(), "x").expect("written");
    let file = stored.path().to_str().expect("a path of text");
    let mut all = Vec::new();
    for arguments in COMMANDS.into_iter().chain(PLAIN) {
        // Lines of turns are NDJSON's.
        let applies = |it: &&&str| **it != "--turns" || format == "ndjson";
        let words = arguments.iter().filter(applies);
        let words = words.map(|it| if *it == "FILE" { file } else { it });
        let words: Vec<&str> = words.chain(["--output", format]).collect();
        all.push((arguments.join(" "), run(&words)));
    }
    all
}

/// A number as JSON spells it, if the scalar is one.
fn number(scalar: &str) -> Option<&str> {
    scalar.starts_with(|it: char| it.is_ascii_digit() || it == '-').then_some(scalar)
}

/// What is wrong with a document's numbers for a reader that holds each in a double.
fn faults(document: &str) -> Vec<String> {
    let mut faults = Vec::new();
    Json::of(document).each_scalar(&mut |name, scalar| {
        let Some(number) = number(scalar) else { return };
        let is_safe = if number.contains(['.', 'e', 'E']) {
            // A fraction is a double from its beginning, but no rounded whole number.
            number.parse::<f64>().is_ok_and(|it| it.to_bits() != (u64::MAX as f64).to_bits())
        } else {
            number.trim_start_matches('-').parse().is_ok_and(|whole: u64| whole <= WHOLE_MAX)
        };
        if !is_safe {
            faults.push(format!("{name}: {number}"));
        }
    });
    faults
}

#[test]
fn every_command_is_walked() {
    let walked: BTreeSet<&str> = COMMANDS.iter().chain(&PLAIN).map(|words| words[0]).collect();
    let flags = gilctl::cli::Flags::command();
    let known = flags.get_subcommands().map(clap::Command::get_name);
    let missing: Vec<&str> =
        known.filter(|name| !walked.contains(name) && !NO_DOCUMENT.contains(name)).collect();
    assert!(missing.is_empty(), "no test walks the documents of {missing:?}");
}

#[test]
fn no_document_has_a_number_beyond_2_to_the_53() {
    for format in ["json", "ndjson"] {
        let documents = documents(u64::MAX, format);
        for (command, document) in documents.iter() {
            let faults = faults(document);
            assert!(faults.is_empty(), "gilctl {command} --output {format}: {faults:?}");
        }
        let greatest = format!("\"{}\"", u64::MAX);
        let with: usize = documents.iter().map(|(_, it)| it.matches(&greatest).count()).sum();
        assert!(with > 300, "{with} of these digits are in the documents");
    }
}

#[test]
fn number_beyond_2_to_the_53_is_found() {
    let found = faults("{\"a\":9007199254740991,\"b\":[1,9007199254740992],\"c\":{\"d\":-1e16}}");
    assert_eq!(found, ["b: 9007199254740992"]);
    let found = faults("{\"seed\":1.8446744073709552e19}");
    assert_eq!(found, ["seed: 1.8446744073709552e19"]);
    assert!(faults("{\"a\":\"18446744073709551615\",\"b\":1.7976931348623157e308}").is_empty());
}

#[test]
fn every_document_and_every_line_names_its_schema() {
    for format in ["json", "ndjson"] {
        for (command, document) in documents(1, format).iter() {
            let schemas = document.matches("\"schema\":\"gild.v2\"").count();
            assert!(schemas >= 1, "gilctl {command} --output {format}: {document}");
        }
    }
}

/// How the documents spell a whole number of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// As a string of digits.
    Always,
    /// As a number, and as a string only beyond 2^53.
    Number,
}

/// The fields with whole numbers of 64 bits by name, from all documents.
pub(super) fn spellings() -> BTreeMap<String, Spelling> {
    let named = |whole: u64, spelled: String| {
        let mut names = BTreeSet::new();
        for (_, document) in ["json", "ndjson"].iter().flat_map(|it| documents(whole, it).to_vec())
        {
            Json::of(&document).each_scalar(&mut |name, scalar| {
                if scalar == spelled {
                    names.insert(name.to_owned());
                }
            });
        }
        names
    };
    let greatest = named(u64::MAX, format!("\"{}\"", u64::MAX));
    let [strings, numbers] = [named(1, "\"1\"".to_owned()), named(1, "1".to_owned())];
    let mixed: Vec<_> = strings.intersection(&numbers).collect();
    assert!(mixed.is_empty(), "a string in one document, a number in another: {mixed:?}");
    let spelling = |name: &String| {
        if strings.contains(name) { Spelling::Always } else { Spelling::Number }
    };
    greatest.into_iter().map(|name| (name.clone(), spelling(&name))).collect()
}

pub(super) fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/documents.md")
}

#[test]
fn documented_strings_are_those_of_the_documents() {
    let page = std::fs::read_to_string(page()).expect("the page");
    let (_, table) = page.split_once("| field | what it is |\n|---|---|\n").expect("the table");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let names = table.lines().flat_map(|row| row.split('|').nth(1).unwrap_or("").split(", "));
    let documented: BTreeSet<String> =
        names.map(|name| name.trim().trim_matches('`').to_owned()).collect();
    let strings = spellings().into_iter().filter(|(_, it)| *it == Spelling::Always);
    assert_eq!(strings.map(|(name, _)| name).collect::<BTreeSet<_>>(), documented);
}

/// CSV has no types: the digits stand in it as in the strings of JSON.
#[test]
fn csv_has_all_digits() {
    let lab = FilledLab::of(u64::MAX);
    for command in [&["show", SWEEP][..], &["list"], &["status"]] {
        let output = lab.run(&[command, &["--output", "csv"]].concat());
        let mut reader = csv::Reader::from_reader(&output.stdout[..]);
        let header = reader.headers().expect("a header").clone();
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        let names = ["seed", "impossible_seed", "create_time_ns", "start_time_ns", "wait_ns_max"];
        let known = header.iter().enumerate().filter(|(_, name)| names.contains(name));
        let places: Vec<usize> = known.map(|(at, _)| at).collect();
        assert!(!places.is_empty() && !rows.is_empty(), "{command:?}");
        for at in places {
            let cells: BTreeSet<&str> = rows.iter().map(|row| &row[at]).collect();
            let filled: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            assert_eq!(filled, [u64::MAX.to_string()], "{command:?}: {}", &header[at]);
        }
    }
}
