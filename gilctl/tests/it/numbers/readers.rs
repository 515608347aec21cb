//! Readers of JSON outside this repository: what each reads and writes again says the same, and the
//! examples of `docs/documents.md` run.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use view::render::format::value::WHOLE_MAX;

use crate::numbers::documents::{documents, page};
use crate::outside_program::required;
use crate::real_lab::end_to_end::run;

/// Names an interpreter that has pandas, duckdb and polars.
const INTERPRETER: &str = "READERS_PYTHON";
/// A seed that no double holds.
const SEED: &str = "11946239087243094137";

fn python() -> String {
    let named = std::env::var(INTERPRETER).ok().filter(|named| !named.is_empty());
    named.unwrap_or_else(|| "python3".to_owned())
}

/// The program, if it runs with these arguments.
fn found(program: &str, arguments: &[&str]) -> Option<Command> {
    let mut trial = Command::new(program);
    trial.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let runs = trial.status().is_ok_and(|status| status.success());
    let missing = format!("`{program} {}` does not run", arguments.join(" "));
    required(runs.then(|| Command::new(program)), &missing)
}

/// Standard output for that standard input.
#[track_caller]
fn piped(mut command: Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writing.join().expect("no panic").expect("it reads all");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Whether two values say the same; how a number is spelled does not matter.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_u64(), b.as_u64()) {
            (Some(a), Some(b)) => a == b,
            // 5 may become 5.0, as long as a double holds it.
            (Some(whole), None) => whole <= WHOLE_MAX && a.as_f64() == b.as_f64(),
            (None, _) => a.as_f64() == b.as_f64(),
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

/// Asserts that a reader that writes each line again changes none of the documents.
#[track_caller]
fn assert_changes_nothing(reader: impl Fn() -> Command) {
    for whole in [WHOLE_MAX, u64::MAX] {
        for format in ["json", "ndjson"] {
            let documents = documents(whole, format);
            let lines: Vec<&str> = documents.iter().map(|(_, line)| line.as_str()).collect();
            let read = piped(reader(), &lines.join("\n"));
            assert_eq!(read.lines().count(), documents.len());
            for ((command, document), read) in documents.iter().zip(read.lines()) {
                let [document, read] = [document, read]
                    .map(|text| serde_json::from_str::<Value>(text).expect("a document"));
                assert!(is_same(&document, &read), "gilctl {command}: {document} became {read}");
            }
        }
    }
}

#[test]
fn changed_number_is_not_the_same() {
    let read = |text| serde_json::from_str::<Value>(text).expect("a document");
    assert!(!is_same(&read("{\"seed\":18446744073709551615}"), &read("{\"seed\":1.8e19}")));
    assert!(!is_same(&read("[9007199254740993]"), &read("[9007199254740992]")));
    assert!(!is_same(&read("[9007199254740993]"), &read("[9007199254740992.0]")));
    assert!(!is_same(&read("{\"seed\":\"1\"}"), &read("{\"seed\":1}")));
    assert!(is_same(&read("{\"rate\":5.0}"), &read("{\"rate\":5}")));
    assert!(is_same(&read("{\"rate\":5}"), &read("{\"rate\":5.0}")));
}

#[test]
fn jq_changes_no_document() {
    let Some(_) = found("jq", &["--version"]) else { return };
    assert_changes_nothing(|| {
        let mut jq = Command::new("jq");
        // Arithmetic, so that no version passes the spelling of a number on as it is.
        jq.args(["-c", "map_values(.) | (.. | numbers) |= . + 0"]);
        jq
    });
}

#[test]
fn javascript_changes_no_document() {
    const SCRIPT: &str = "require('fs').readFileSync(0, 'utf8').trim().split('\\n')
        .forEach(line => console.log(JSON.stringify(JSON.parse(line))))";
    let Some(_) = found("node", &["--version"]) else { return };
    assert_changes_nothing(|| {
        let mut node = Command::new("node");
        node.args(["-e", SCRIPT]);
        node
    });
}

#[test]
fn python_with_doubles_changes_no_document() {
    const SCRIPT: &str = "
import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line, parse_int=float)))
";
    let Some(_) = found(&python(), &["-c", "import json"]) else { return };
    assert_changes_nothing(|| {
        let mut python = Command::new(python());
        python.args(["-c", SCRIPT]);
        python
    });
}

/// The code blocks of the page in that language.
fn blocks(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(page()).expect("the page");
    let fence = format!("```{language}\n");
    page.split(&fence)
        .skip(1)
        .map(|it| it.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// Output of a stored sweep with the seed, from a lab in the directory.
fn shown(directory: &Path, format: &str) -> String {
    let directory = directory.to_str().expect("a path of text");
    let lab = ["--embedded", "--data-dir", directory, "--quiet"];
    let sweep =
        ["sweep", "--strategy", "atomic", "--tasks", "2", "--attempts", "2", "--seed", SEED];
    let output = run(&[&sweep[..], &["--output", format], &lab].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The seed and 1, as each example prints it.
const NEXT: &str = "11946239087243094138";

#[test]
fn documented_python_reads_all_digits() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("lines.ndjson");
    let lines = shown(directory.path(), "ndjson");
    std::fs::write(&file, &lines).expect("written");
    let blocks = blocks("python");
    for library in ["json", "pandas", "duckdb", "polars"] {
        let mut of_library = blocks.iter().filter(|it| it.contains(&format!("import {library}\n")));
        let block = of_library.next().expect("the page has an example");
        let import = format!("import {library}");
        let Some(mut python) = found(&python(), &["-c", &import]) else { continue };
        python.args(["-c", block]).arg(&file);
        let input = match library {
            "json" => shown(directory.path(), "json"),
            // The lines of cells; the others have other fields.
            _ => lines.lines().filter(|it| it.contains(r#""kind":"cell""#)).collect(),
        };
        assert_eq!(piped(python, &input).trim(), NEXT, "{block}");
    }
}

/// The documented readers keep the fields of lines that come after many others without them.
#[test]
fn documented_python_keeps_the_fields_of_late_lines() {
    /// Beyond the lines from which duckdb takes the columns, unless it is to read all.
    const EARLIER: usize = 30_000;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("lines.ndjson");
    let lines = shown(directory.path(), "ndjson");
    let (sweep, rest) = lines.split_once('\n').expect("lines");
    let earlier = "{\"kind\":\"turn\",\"schema\":\"gild.v2\",\"cell\":0}\n".repeat(EARLIER);
    std::fs::write(&file, format!("{sweep}\n{earlier}{rest}")).expect("written");
    for library in ["duckdb", "polars"] {
        let import = format!("import {library}\n");
        let block = blocks("python").into_iter().find(|it| it.contains(&import)).expect("a block");
        let Some(mut python) = found(&python(), &["-c", &import]) else { continue };
        python.args(["-c", &format!("{block}print('correct' in lines.columns)\n")]).arg(&file);
        assert_eq!(piped(python, "").lines().last(), Some("True"), "{block}");
    }
}

/// Readers that guess the types of columns read an era as the text it is.
#[test]
fn readers_of_csv_take_no_era_for_a_number() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("cells.csv");
    let sweep = ["sweep", "--strategy", "gil", "--era", "3.10", "--attempts", "2", "--no-history"];
    let output = run(&[&sweep[..], &["--embedded", "--quiet", "--output", "csv"]].concat());
    std::fs::write(&file, &output.stdout).expect("written");
    let readers = [
        ("pandas", "pandas.read_csv(sys.argv[1])['era'].iloc[0]"),
        ("duckdb", "duckdb.read_csv(sys.argv[1]).project('era').fetchall()[0][0]"),
        ("polars", "polars.read_csv(sys.argv[1])['era'][0]"),
    ];
    for (library, era) in readers {
        let import = format!("import {library}, sys");
        let Some(mut python) = found(&python(), &["-c", &import]) else { continue };
        python.args(["-c", &format!("{import}\nprint({era})")]).arg(&file);
        assert_eq!(piped(python, "").trim(), "cpython-3.10", "{library}");
    }
}

#[test]
fn documented_javascript_reads_all_digits() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let Some(mut node) = found("node", &["--version"]) else { return };
    let text = "const text = require('fs').readFileSync(0, 'utf8');\n";
    let block = blocks("js").concat();
    assert!(block.contains("JSON.parse"), "{block}");
    node.args(["-e", &format!("{text}{block}")]);
    let printed = piped(node, &shown(directory.path(), "json"));
    assert_eq!(printed.trim(), format!("{NEXT}n"));
}

/// Each line is `gilctl ... | jq ...`; the program is the one under test, in a lab of its own.
#[test]
fn documented_jq_reads_all_digits() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let Some(_) = found("jq", &["--version"]) else { return };
    shown(directory.path(), "json");
    let block = blocks("sh").concat();
    let mut ran = 0;
    for line in block.lines().filter(|line| line.starts_with("gilctl")) {
        let gilctl = format!(
            "'{}' --embedded --data-dir '{}' --quiet",
            env!("CARGO_BIN_EXE_gilctl"),
            directory.path().display()
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &line.replacen("gilctl", &gilctl, 1)]).stdin(Stdio::null());
        let output = shell.output().expect("it runs");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        if line.contains(".sweep.seed") {
            assert_eq!(printed.trim(), SEED, "{line}");
        } else if line.contains("todate") {
            assert!(printed.contains('T') && printed.trim().ends_with('Z'), "{line}: {printed}");
        }
        ran += 1;
    }
    assert_eq!(ran, 3, "{block}");
}
