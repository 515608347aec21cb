//! Commands that sentences name: in the pages, in the help, in comments of the protocol and in the
//! messages of both programs. Each is known to its program, with the flags and values that it has.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Command, CommandFactory as _};

/// Invented words, and those that take their place.
const INVENTED: [(&str, &str); 13] = [
    ("ID", "4abcde"),
    ("FILE", "file"),
    ("DIR", "folder"),
    ("SHELL", "bash"),
    ("N", "3"),
    ("PATH", "path"),
    ("{path}", "file"),
    ("{word}", "gil"),
    ("{era}", "3.11"),
    ("{step_cost}", "13ns"),
    ("{task_steps}", "1681"),
    ("{id}", "4abcde"),
    ("{}", "4abcde"),
];
/// A command that a page shows because it is wrong.
const WRONG: [&str; 1] = ["gilctl sweep gil"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files below a folder with one of these endings.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !["target", "tests", "node_modules"].contains(&name) {
            if !name.starts_with('.') {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// Texts between backticks that begin with the name of a program, each with its file.
fn named() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root(), &[".md", ".rs", ".proto", ".toml"], &mut paths);
    let mut named = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a text");
        // Comments and strings that are broken over lines are one text.
        let joined = text.lines().map(|line| {
            line.trim().trim_start_matches(['/', '!', '#']).trim().trim_end_matches('\\').trim()
        });
        let joined = joined.collect::<Vec<_>>().join(" ").replace("```", "\n");
        for program in ["`gilctl ", "`gild "] {
            let starts = joined.match_indices(program).map(|(at, _)| at + 1);
            for rest in starts.map(|at| &joined[at..]) {
                let command = rest.split(['`', '\n']).next().unwrap_or_default();
                let command = command.split_whitespace().collect::<Vec<_>>().join(" ");
                named.push((path.display().to_string(), command));
            }
        }
    }
    named
}

/// The commands that one text stands for: without brackets, one for each of several values.
fn meant(text: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let words = text.split(' ').map(|word| word.trim_matches(['[', ']']).trim_end_matches("..."));
    for word in words.filter(|word| !word.is_empty()) {
        let invented = INVENTED.iter().find(|(invented, _)| *invented == word);
        let word = invented.map_or(word, |(_, real)| real);
        let choices: Vec<&str> = word.split('|').collect();
        all = choices
            .iter()
            .flat_map(|choice| {
                all.iter().map(|words: &Vec<String>| {
                    words.iter().cloned().chain([(*choice).to_owned()]).collect()
                })
            })
            .collect();
    }
    all
}

/// Why the program does not know the command; a command whose values are left out is known.
fn unknown(words: &[String]) -> Option<String> {
    let program = match words[0].as_str() {
        "gilctl" => gilctl::cli::Flags::command(),
        _ => gild::daemon::cli::Flags::command(),
    };
    let named: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let has_value_left_out = named.last().is_some_and(|last| last.starts_with("--"));
    let error = program.clone().try_get_matches_from(words).err()?;
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        ErrorKind::MissingRequiredArgument if knows_flags(&program, &named) => None,
        ErrorKind::InvalidValue if has_value_left_out && knows_flags(&program, &named) => None,
        _ => Some(error.to_string()),
    }
}

fn knows_flags(program: &Command, words: &[&str]) -> bool {
    let mut program = program.clone();
    program.build();
    let Some(command) = program.find_subcommand(words[0]) else { return false };
    let knows = |word: &&str| command.get_arguments().any(|it| it.get_long() == Some(word));
    words.iter().filter_map(|word| word.strip_prefix("--")).all(|word| knows(&word))
}

#[test]
fn every_command_that_a_sentence_names_is_known() {
    let named = named();
    assert!(named.len() > 100, "{} commands", named.len());
    let mut faults = Vec::new();
    for (file, text) in named.iter().filter(|(_, text)| !WRONG.contains(&&**text)) {
        let reasons = meant(text).into_iter().filter_map(|words| unknown(&words));
        faults.extend(reasons.map(|reason| format!("{file}: `{text}`: {reason}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn unknown_command_flag_or_value_is_found() {
    for wrong in [
        "gilctl sweeps",
        "gilctl delete --without-asking",
        "gilctl show ID --outptu json",
        "gild serve --lanes many",
        "gilctl sweep --strategy gil --pin auto|nowhere",
    ] {
        let reasons = meant(wrong).iter().filter_map(|words| unknown(words)).count();
        assert_eq!(reasons, 1, "{wrong}");
    }
    assert!(WRONG.iter().all(|wrong| unknown(&meant(wrong)[0]).is_some()));
}
