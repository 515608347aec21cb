//! Effect of flags: every flag of every command, from the parser's own tree, with every strategy and
//! in every format.

use clap::{Arg, Command, CommandFactory as _, FromArgMatches as _};
use engine::plan::check::effect::{Selected, partial_effects};
use gilctl::cli::Flags;
use gilctl::cli::settings::TypedFlags;
use gilctl::commands::effect::{Touches, check, touches};
use gilctl::error::Failure;
use gilctl::exit::Exit;
use gild::wire::sweep::spec::sweep_spec;
use strategies::catalog::Name;
use view::request::sweep_spec;
use view::request::wire_field::flag_of;

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
const FORMATS: [&str; 5] = ["table", "ndjson", "json", "csv", "markdown"];

fn commands() -> Vec<Command> {
    let mut root = Flags::command();
    root.build();
    root.get_subcommands().filter(|it| it.get_name() != "help").cloned().collect()
}

/// The flags of a command, those of every command among them.
fn flags(command: &Command) -> Vec<Arg> {
    let named = |it: &&Arg| it.get_long().is_some_and(|long| !["help", "version"].contains(&long));
    command.get_arguments().filter(named).cloned().collect()
}

/// What a command needs to be read.
fn needed(command: &str, strategy: &str) -> Vec<String> {
    let words: &[&str] = match command {
        "sweep" | "explore" => &["--strategy", strategy],
        "witness" => &["--strategy", strategy, "--value", "2"],
        "replay" => &["gild1"],
        "compare" => &["latest", "latest~1"],
        "report" => &["latest", "--out", "report.html"],
        "trace" => &["latest", "--out", "trace.json"],
        "label" => &["latest", "v2"],
        "prune" => &["--keep", "1d"],
        "import" => &["file"],
        "completions" => &["bash"],
        "schema" => &["sweep"],
        "config" => &["show"],
        "explain" | "show" | "plot" | "watch" | "cancel" | "resume" | "rerun" | "delete"
        | "export" => &["latest"],
        _ => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A value that the flag takes.
fn value(flag: &Arg) -> Option<String> {
    if !flag.get_action().takes_values() {
        return None;
    }
    let possible = flag.get_possible_values();
    if let Some(last) = possible.last() {
        return Some(last.get_name().to_owned());
    }
    let value = match flag.get_long().unwrap_or_default() {
        "strategy" => "atomic",
        "era" => "3.12",
        "switch-interval" => "7ms",
        "step-cost" | "inside" | "outside" | "io" => "2us",
        "duration" => "20ms",
        "body" => "split",
        "steps" => "L.S.J",
        "lengths" => "uniform",
        "precision" => "2%",
        "server" => "http://localhost:7878",
        "keep" => "2d",
        "scheduler" => "switch-q",
        "by" => "workers,inside",
        "columns" => "right,rate",
        _ => "3",
    };
    Some(value.to_owned())
}

/// An exit code and a message.
type Refusal = (Exit, String);

/// What is said to a command line: its notes, or its refusal.
fn said(words: &[String]) -> Option<(Vec<String>, Option<Refusal>)> {
    let all = std::iter::once("gilctl".to_owned()).chain(words.iter().cloned());
    let matches = Flags::command().try_get_matches_from(all).ok()?;
    let flags = Flags::from_arg_matches(&matches).expect("it was parsed");
    match check(&flags, &TypedFlags::of(&matches)) {
        Ok(notes) => Some((notes, None)),
        Err(Failure::Message(message)) => {
            let exit = Failure::Message(message.clone()).exit();
            Some((Vec::new(), Some((exit, message.to_string()))))
        }
        Err(Failure::BrokenPipe) => None,
    }
}

#[test]
fn every_flag_of_every_command_has_a_row() {
    for command in commands() {
        for flag in flags(&command) {
            let (command, flag) = (command.get_name(), flag.get_long().expect("a name"));
            assert!(touches(command, flag).is_some(), "{command} --{flag}");
        }
    }
    assert_eq!(touches("sweep", "no-such-flag"), None);
    assert_eq!(touches("list", "turns"), None);
}

fn strategies_of(command: &str) -> Vec<&'static str> {
    let all = Name::all().into_iter().map(Selected::Lab).chain([Selected::Python]);
    match command {
        "sweep" => all.map(Selected::name).chain(["all"]).collect(),
        _ => vec!["gil"],
    }
}

/// Whether a flag can change nothing, by its row.
fn is_vain(command: &str, flag: &str, format: &str, words: &[String]) -> bool {
    match touches(command, flag).expect("a row") {
        Touches::Lines => format != "ndjson",
        Touches::Picture | Touches::Screen => format != "table",
        Touches::Document => NO_DOCUMENT.contains(&command),
        // `top` takes no format.
        Touches::Table if command == "top" => false,
        Touches::Table => {
            let has_table = ["sweep", "show", "watch", "resume", "rerun"].contains(&command);
            !has_table || !["table", "markdown"].contains(&format)
        }
        // No daemon is named.
        Touches::Port | Touches::Nothing => true,
        Touches::Always
        | Touches::Question
        | Touches::Latest
        | Touches::History
        | Touches::Address => false,
        Touches::Cells => {
            let all = std::iter::once("gilctl".to_owned()).chain(words.iter().cloned());
            let matches = Flags::command().try_get_matches_from(all).expect("it was parsed");
            let flags = Flags::from_arg_matches(&matches).expect("flags").command;
            let Some(gilctl::cli::Command::Sweep(flags)) = flags else { panic!("{words:?}") };
            let spec = sweep_spec::spec(&flags).expect("a request");
            let request = sweep_spec(Some(spec)).expect("known names");
            partial_effects(&request).iter().any(|effect| {
                let is_it = flag_of(effect.field) == format!("--{flag}");
                is_it && effect.strategies.is_empty() && !effect.is_noted
            })
        }
    }
}

#[test]
fn flag_that_changes_nothing_is_refused_under_every_strategy_and_in_every_format() {
    let (mut refused, mut accepted) = (0, 0);
    for command in commands() {
        let name = command.get_name();
        for flag in flags(&command).iter().filter(|flag| flag.get_long() != Some("output")) {
            for strategy in strategies_of(name) {
                for format in FORMATS {
                    let long = flag.get_long().expect("a name");
                    let mut words = vec![name.to_owned()];
                    let is_needed = needed(name, strategy).contains(&format!("--{long}"));
                    words.extend(needed(name, strategy));
                    if !is_needed {
                        words.push(format!("--{long}"));
                        words.extend(value(flag));
                    }
                    if !NO_DOCUMENT.contains(&name) {
                        words.extend(["--output".to_owned(), format.to_owned()]);
                    }
                    // What the parser refuses by itself has no effect to speak of.
                    let Some((_, refusal)) = said(&words) else { continue };
                    let line = words.join(" ");
                    if is_vain(name, long, format, &words) {
                        let (exit, text) = refusal.unwrap_or_else(|| panic!("accepted: {line}"));
                        assert_eq!(exit, Exit::Usage, "{line}");
                        assert!(text.contains(&format!("--{long}")), "{line}: {text}");
                        assert!(text.contains("changes nothing"), "{line}: {text}");
                        assert!(text.contains("; "), "{line} has no way out: {text}");
                        refused += 1;
                    } else {
                        assert_eq!(refusal, None, "{line}");
                        accepted += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 500 && accepted > 1000, "{refused} refused, {accepted} accepted");
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[track_caller]
fn refuses(line: &str, wanted: &str) {
    let (_, refusal) = said(&words(line)).expect("it is parsed");
    let (exit, text) = refusal.unwrap_or_else(|| panic!("accepted: {line}"));
    assert_eq!(exit, Exit::Usage, "{line}");
    assert!(text.contains(wanted), "{line}: {text}");
}

#[track_caller]
fn notes(line: &str) -> Vec<String> {
    let (notes, refusal) = said(&words(line)).expect("it is parsed");
    assert_eq!(refusal, None, "{line}");
    notes
}

/// `--era` beside `cpython` measured another version than the one that it named.
#[test]
fn era_of_an_interpreter_is_refused_with_the_interpreter_as_the_way_out() {
    refuses("sweep --strategy cpython --era 3.9", "--era 3.9 changes nothing in this sweep");
    refuses("sweep --strategy cpython --era 3.9", "choose an interpreter with --python");
    let both = notes("sweep --strategy gil,cpython --era 3.9");
    assert_eq!(both.len(), 1, "{both:?}");
    assert!(both[0].starts_with("--era changes the cells of gil only"), "{both:?}");
}

#[test]
fn flag_that_touches_some_cells_is_noted_once() {
    let said = notes("sweep --strategy gil,atomic,unlocked --switch-interval 5ms --workers 1..=4");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("--switch-interval changes the cells of gil only"), "{said:?}");
    assert_eq!(notes("sweep --strategy gil --switch-interval 5ms"), [""; 0]);
    let recorded = notes("sweep --strategy atomic --task-steps 5");
    assert!(recorded[0].starts_with("--task-steps changes no cell"), "{recorded:?}");
}

#[test]
fn flags_of_a_lab_that_is_elsewhere_are_refused() {
    let daemon = "--server http://localhost:7878";
    refuses(&format!("list {daemon} --no-history"), "keeps its own history");
    refuses(&format!("list {daemon} --data-dir d"), "--embedded");
    refuses("list --server unix:///s --token-file t", "name one with --server");
    refuses("list --embedded --token-file t", "--token-file: changes nothing here");
    assert_eq!(notes(&format!("list {daemon} --token-file t")), [""; 0]);
    assert_eq!(notes("list --embedded --no-history"), [""; 0]);
    assert!(notes(&format!("list {daemon} --embedded"))[0].starts_with("--server changes nothing"));
}

#[test]
fn all_beside_an_id_is_refused() {
    refuses("show 4abcde --all", "says whose jobs `latest` counts, and 4abcde is an id");
    refuses("delete 4abcde 9fghij --all", "4abcde 9fghij");
    assert_eq!(notes("show latest~1 --all"), [""; 0]);
    assert_eq!(notes("delete 4abcde latest --all"), [""; 0]);
    assert_eq!(notes("prune --keep 1d --all"), [""; 0]);
}

#[test]
fn turns_where_nothing_is_followed_are_refused() {
    for left in ["--detach", "--dry-run"] {
        let line = format!("sweep --strategy gil --turns --output ndjson {left}");
        refuses(&line, "--turns: changes nothing here");
    }
    refuses("rerun latest --turns --detach --output ndjson", "they follow nothing");
    refuses("resume latest --turns", "add --output ndjson");
    refuses("cancel latest --output json", "`cancel` prints no document");
}

#[test]
fn lab_of_a_command_that_asks_none_is_refused() {
    refuses("completions bash --server http://localhost:7878", "`completions` asks no lab");
    refuses("explore --strategy unlocked --exact --dry-run", "--exact: changes nothing here");
    refuses("sweep --strategy atomic --precision 5% --attempts 10", "10 attempts make at most 10");
    assert_eq!(notes("sweep --strategy atomic --precision 5% --attempts 11"), [""; 0]);
    refuses("man --no-history", "--no-history: changes nothing here: `man` asks no lab");
    refuses("man --output json", "`man` prints no document");
    assert_eq!(notes("man --color never --dir pages"), [""; 0]);
}
