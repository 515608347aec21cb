//! Histograms of documents and of the history, decoded by the libraries of other languages:
//! `gilctl/examples/histograms.py` under the Python that `GRPC_PYTHON` names, else `python3`, and
//! `gilctl/examples/histograms.js` under `node`, which looks in `NODE_PATH` too.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use serde_json::{Value, json};
use strategies::harness::durations::Durations;

use super::end_to_end::{lines, run};
use crate::outside_program::required;

const INTERPRETER: &str = "GRPC_PYTHON";
const FIELDS: [&str; 4] = ["wait_ns_hdr", "hand_over_ns_hdr", "slice_ns_hdr", "latency_ns_hdr"];

/// What a decoder prints of one histogram: where it stands, its number of durations, and each
/// bucket's end and count.
#[derive(Debug, PartialEq, Eq)]
struct Decoded {
    cell: u64,
    field: String,
    count: u64,
    buckets: Vec<(u64, u64)>,
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn python() -> Option<Command> {
    let named = std::env::var(INTERPRETER).ok().filter(|named| !named.is_empty());
    let python = named.unwrap_or_else(|| "python3".into());
    let missing = format!(
        "hdrhistogram is not installed for {python}; name an interpreter that has it as {INTERPRETER}"
    );
    required(runs(&python, &["-c", "import hdrh.histogram"]).then_some(()), &missing)?;
    let mut command = Command::new(python);
    command.arg(example("histograms.py"));
    Some(command)
}

fn node() -> Option<Command> {
    let missing = "node does not find hdr-histogram-js; install both, and name the folder with it as \
                   NODE_PATH";
    let found = runs("node", &["-e", "require('hdr-histogram-js')"]);
    required(found.then_some(()), missing)?;
    let mut command = Command::new("node");
    command.arg(example("histograms.js"));
    Some(command)
}

/// The output of a decoder for this input.
#[track_caller]
fn printed(mut decoder: Command, arguments: &[&str], input: &[u8]) -> String {
    decoder.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = decoder.spawn().expect("it starts");
    child.stdin.take().expect("piped").write_all(input).expect("it reads all");
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// What `--counts` prints.
#[track_caller]
fn decoded(printed: &str) -> Vec<Decoded> {
    let number = |text: &str| -> u64 { text.parse().expect("a number") };
    let mut all: Vec<Decoded> = Vec::new();
    for line in printed.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["cell", cell, field, count, "counted"] => all.push(Decoded {
                cell: number(cell),
                field: field.trim_end_matches(':').to_owned(),
                count: number(count),
                buckets: Vec::new(),
            }),
            [end, count] => {
                let last = all.last_mut().expect("a histogram before its buckets");
                last.buckets.push((number(end), number(count)));
            }
            _ => panic!("{line:?} is neither a histogram nor a bucket"),
        }
    }
    // Cells of a document are in the order of their ends.
    all.sort_by_key(|histogram| histogram.cell);
    all
}

impl Decoded {
    /// The end of the bucket with the rank ceil(q * count), but not beyond the longest duration.
    fn quantile(&self, q: f64, longest: u64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to count")]
        let rank = ((q * self.count as f64).ceil() as u64).max(1);
        let mut below = 0;
        let reached = self.buckets.iter().find(|bucket| {
            below += bucket.1;
            below >= rank
        });
        reached.expect("a rank of theirs").0.min(longest)
    }
}

/// Durations from a nanosecond to beyond the bound, and counters fuller than 32 and 48 bits.
fn crafted() -> Vec<Durations> {
    let of = |times: &[u64]| {
        let mut durations = Durations::default();
        for &nanoseconds in times {
            durations.record(nanoseconds);
        }
        durations
    };
    let doubled = |mut durations: Durations, times: u32| {
        (0..times).for_each(|_| durations.merge(&durations.clone()));
        durations
    };
    let lengths: Vec<u64> = (0..37).map(|power| 1 << power).collect();
    let spread: Vec<u64> = (0..5000_u64).map(|n| n * n * n % 90_000_000_019).collect();
    let mut one_full = doubled(of(&[500]), 32);
    one_full.merge(&of(&[900_000, 900_000, 1_000_000]));
    vec![
        of(&[1_000_000]),
        of(&[0, 1, 255, 256, u64::MAX]),
        of(&lengths),
        of(&spread),
        one_full,
        doubled(of(&[500, 600, 600, 900_000]), 33),
        doubled(of(&spread), 40),
    ]
}

/// Each of them as the first field of a cell.
fn documents(all: &[Durations]) -> String {
    let mut documents = String::new();
    for (cell, durations) in all.iter().enumerate() {
        let encoded = durations.to_hdr_deflated().expect("it has durations");
        let document = json!({"kind": "cell", "cell": cell, FIELDS[0]: BASE64.encode(&encoded)});
        writeln!(documents, "{document}").expect("written to memory");
    }
    documents
}

#[track_caller]
fn assert_decodes_as_ours(decoder: impl Fn() -> Option<Command>) {
    let ours = crafted();
    let input = documents(&ours);
    let Some(command) = decoder() else { return };
    let theirs = decoded(&printed(command, &["--counts"], input.as_bytes()));
    assert_eq!(theirs.len(), ours.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(theirs.count, ours.count());
        assert_eq!(theirs.buckets.iter().map(|it| it.1).sum::<u64>(), ours.count());
        for &(end, count) in &theirs.buckets {
            assert_eq!(ours.count_between(end, end), count, "up to {end} ns");
        }
        let longest = ours.max_ns().expect("it has durations");
        for q in [0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999] {
            assert_eq!(Some(theirs.quantile(q, longest)), ours.quantile_ns(q), "{q} of {theirs:?}");
        }
        let last = theirs.buckets.last().expect("a bucket").0;
        assert!(ours.count_between(last, last) > 0 && longest > last - last / 128 - 1, "{last}");
    }
}

#[test]
fn python_decodes_every_count_as_ours() {
    assert_decodes_as_ours(python);
}

#[test]
fn node_decodes_every_count_as_ours() {
    assert_decodes_as_ours(node);
}

/// The libraries' own percentiles, of which each rounds ranks in its own way: of a thousand
/// durations all these ranks are whole.
#[test]
fn percentiles_of_the_libraries_are_ours_where_ranks_are_whole() {
    let mut durations = Durations::default();
    (1..1000).for_each(|n| durations.record(n * 7919));
    // Apart from the others, so that no percentile is cut to it.
    durations.record(1_000_000_000);
    let mut wanted = format!("cell 0 {}: 1000 counted\n", FIELDS[0]);
    for (percentile, q) in [("50", 0.5), ("90", 0.9), ("99", 0.99), ("99.9", 0.999)] {
        let ours = durations.quantile_ns(q).expect("counted");
        writeln!(wanted, "  p{percentile} {ours}").expect("written to memory");
    }
    let input = documents(&[durations]);
    for decoder in [python(), node()].into_iter().flatten() {
        assert_eq!(printed(decoder, &[], input.as_bytes()), wanted);
    }
}

/// A sweep of locks under load and one with requests, so that every field is there.
const SWEEPS: [&str; 2] = [
    "sweep --strategy fair-mutex,std-mutex --workers 2 --duration 30ms --attempts 3",
    "sweep --strategy gil --switch-interval 20us --era 3.9 --cpu-workers 1 --io-workers 1 --io 1us,echo \
     --requests 20 --attempts 3",
];

#[test]
fn documents_and_history_have_the_same_histograms_behind_the_figures() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data = directory.path().to_str().expect("text");
    let database = directory.path().join("lab.db");
    let mut fields = std::collections::BTreeSet::new();
    for sweep in SWEEPS {
        let words: Vec<&str> = sweep.split(' ').collect();
        let lab = ["--embedded", "--data-dir", data, "--output", "ndjson"];
        let output = run(&[&words[..], &lab].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let cells: Vec<Value> =
            lines(&output).into_iter().filter(|line| line["kind"] == "cell").collect();
        let Some(reader) = python() else { return };
        let documents = decoded(&printed(reader, &["--counts"], &output.stdout));
        for histogram in &documents {
            let cell = cells.iter().find(|cell| cell["cell"] == histogram.cell);
            assert_stands_behind(histogram, cell.expect("its cell"));
            fields.insert(histogram.field.clone());
        }
        let path = database.to_str().expect("text");
        let python = || python().expect("it was there before");
        assert_eq!(decoded(&printed(python(), &[path, "--counts"], b"")), documents, "{sweep}");
        let exported = directory.path().join("exported.db");
        let file = exported.to_str().expect("text");
        run(&["export", "latest", "--out", file, "--force", "--embedded", "--data-dir", data]);
        assert_eq!(decoded(&printed(python(), &[file, "--counts"], b"")), documents, "{sweep}");
        let shown = run(&[&["show", "latest"][..], &lab].concat());
        let shown = printed(python(), &["--counts"], &shown.stdout);
        assert_eq!(decoded(&shown), documents, "{sweep}");
        let Some(node) = node() else { continue };
        assert_eq!(decoded(&printed(node, &["--counts"], &output.stdout)), documents, "{sweep}");
    }
    if !fields.is_empty() {
        assert_eq!(fields, FIELDS.map(str::to_owned).into());
    }
}

/// The packages that an example's head names.
fn requirements(name: &str) -> String {
    let text = std::fs::read_to_string(example(name)).expect("the example");
    let line = text.lines().find_map(|line| line.split_once("Requirements: "));
    line.expect("its head names what it needs").1.to_owned()
}

/// The commands of the page, which the tests above run with other paths.
#[test]
fn documented_commands_are_those_that_run_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/history.md")).expect("the page");
    let (_, section) = page.split_once("## Histograms").expect("a section");
    let (_, block) = section.split_once("```sh\n").expect("a block");
    let (commands, _) = block.split_once("```").expect("it ends");
    let show = "gilctl show latest --output ndjson |";
    let wanted = [
        format!("venv/bin/pip install {}", requirements("histograms.py")),
        format!("{show} venv/bin/python gilctl/examples/histograms.py"),
        "venv/bin/python gilctl/examples/histograms.py ~/.local/share/gild/lab.db".into(),
        format!("npm install {}", requirements("histograms.js")),
        format!("{show} node gilctl/examples/histograms.js"),
    ];
    assert_eq!(commands.lines().collect::<Vec<_>>(), wanted);
    let gate = std::fs::read_to_string(root.join(".ci/run")).expect("the gate");
    for pinned in ["hdrhistogram==", "hdr-histogram-js@"] {
        assert!(!gate.contains(pinned), "it installs what the heads name");
    }
}

/// The figures of the cell are those of the histogram.
#[track_caller]
fn assert_stands_behind(histogram: &Decoded, cell: &Value) {
    let name = histogram.field.trim_end_matches("_hdr");
    let whole = |field: &str| match &cell[field] {
        Value::String(digits) => digits.parse().expect("digits"),
        number => number.as_u64().unwrap_or_else(|| panic!("{field} of {cell}")),
    };
    let counted = match name {
        "wait_ns" => "waits",
        "hand_over_ns" => "hand_overs",
        "slice_ns" => "slices",
        "latency_ns" => "requests",
        other => panic!("{other} is not known"),
    };
    assert_eq!(histogram.count, whole(counted), "{counted} of {cell}");
    let longest = whole(&format!("{name}_max"));
    let last = histogram.buckets.last().expect("a bucket").0;
    assert!((last - last / 128 - 1..=last).contains(&longest), "{longest} in the bucket to {last}");
    for (statistic, q) in [("p10", 0.1), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]
    {
        let field = format!("{name}_{statistic}");
        if cell.get(&field).is_some() {
            assert_eq!(histogram.quantile(q, longest), whole(&field), "{field} of {cell}");
        }
    }
}
