//! The words for a model that is not the code, wherever the model speaks, over the whole catalogue.

use serde_json::Value;
use strategies::catalog::Name;
use strategies::harness::entry::ModelBasis;
use strategies::model::moves::Act;
use strategies::program::step::{Sites, Step};

use crate::real_lab::end_to_end::{Server, lines, run};

/// What every stand-in is said to leave out.
const LEFT_OUT: &str = "not modelled";
const FORMATS: [&str; 5] = ["table", "markdown", "json", "ndjson", "csv"];

#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 8)), "{arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether the moves of a load and a store have a lock around them, which the body has not.
fn has_lock_of_its_own(name: Name) -> bool {
    let moves = (name.entry().to_moves)(&[Step::Load, Step::Store], Sites::AfterMostSteps);
    moves.iter().any(|made| matches!(made.act, Act::Acquire | Act::Arrive))
}

/// A text that says what stands for the code, if anything does, and no more than that.
#[track_caller]
fn assert_says(text: &str, basis: ModelBasis, what: &str) {
    // A table may break the sentence where its width ends.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match basis.note() {
        Some(note) => assert!(words.contains(note), "{what}: {text}"),
        None => assert!(!words.contains(LEFT_OUT), "{what}: {text}"),
    }
    assert!(!words.contains("no deadlock"), "{what}: {text}");
}

#[test]
fn a_lock_in_place_of_the_code_is_said_over_the_whole_catalogue() {
    let server = Server::start();
    let url = server.unix();
    for name in Name::all() {
        let basis = name.entry().basis;
        let wanted = match name {
            Name::Gil => ModelBasis::SwitchRule,
            Name::Plain(_) if has_lock_of_its_own(name) => ModelBasis::Lock,
            Name::Plain(_) => ModelBasis::Code,
        };
        assert_eq!(basis, wanted, "{name} declares what its moves stand for");
        let strategy = name.to_string();
        let asked = ["--strategy", &strategy, "--increments", "1", "--server", &url];
        for format in FORMATS {
            let explored = [&["explore", "--output", format], &asked[..]].concat();
            assert_says(&printed(&explored), basis, &format!("explore {name} {format}"));
            let ended = printed(&["show", "latest", "--server", &url, "--output", format]);
            assert_says(&ended, basis, &format!("show {name} {format}"));
        }
        let witness = [&["witness", "--value", "2"], &asked[..]].concat();
        for format in ["table", "markdown", "json", "ndjson"] {
            let text = printed(&[&witness[..], &["--output", format]].concat());
            assert_says(&text, basis, &format!("witness {name} {format}"));
        }
        let dry = printed(&[&["explore", "--dry-run"], &asked[..]].concat());
        assert_says(&dry, basis, &format!("explore --dry-run {name}"));
        let drawn = printed(&[&witness[..], &["--output", "json"]].concat());
        let drawn: Value = serde_json::from_str(&drawn).expect("a document");
        let script = drawn["trace"]["script"].as_str().expect("a witness has a script");
        for format in ["table", "markdown", "json", "ndjson"] {
            let replay = ["replay", script, "--server", &url, "--output", format];
            assert_says(&printed(&replay), basis, &format!("replay {name} {format}"));
        }
        // A verdict that follows from the promise names it.
        if basis == ModelBasis::Lock {
            let verdict = drawn["verdict"].as_str().expect("it ended");
            assert!(verdict.contains("under a lock that keeps its promise"), "{name}: {verdict}");
        }
    }
}

#[test]
fn an_explanation_says_what_stands_for_the_code() {
    let server = Server::start();
    let url = server.unix();
    let names: Vec<String> = Name::all().iter().map(Name::to_string).collect();
    let sweep =
        ["sweep", "--attempts", "1", "--tasks", "2", "--allow-starvation", "--server", &url];
    printed(&[&sweep[..], &["--strategy", &names.join(",")]].concat());
    let explain = ["explain", "latest", "--server", &url, "--output"];
    let records = run(&[&explain[..], &["ndjson"]].concat());
    let cells: Vec<Value> = lines(&records);
    for name in Name::all() {
        let basis = name.entry().basis;
        let is_of = |cell: &&Value| {
            let title = cell["title"].as_str().expect("a title");
            title.split([',', ' ']).next() == Some(&name.to_string())
        };
        let own: Vec<&Value> = cells.iter().filter(is_of).collect();
        assert!(!own.is_empty(), "{name} is not among {cells:?}");
        assert!(own.iter().all(|cell| cell["model"].as_str() == basis.note()), "{own:?}");
    }
    for format in ["table", "markdown", "json", "csv"] {
        let text = printed(&[&explain[..], &[format]].concat());
        assert_says(&text, ModelBasis::Lock, format);
        assert_says(&text, ModelBasis::SwitchRule, format);
    }
    let unlocked =
        printed(&["sweep", "--strategy", "unlocked", "--attempts", "1", "--server", &url]);
    assert!(!unlocked.is_empty());
    for format in ["table", "markdown", "json", "csv"] {
        let own = printed(&[&explain[..], &[format]].concat());
        assert_says(&own, ModelBasis::Code, format);
    }
}
