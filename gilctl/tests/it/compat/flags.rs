//! The command lines of commit 2c8d602: every subcommand and flag of its gilctl and gild, with value
//! names, possible values, defaults and environment variables.

use clap::{Arg, ArgAction, Command, CommandFactory as _};

use crate::compat::record::text;

/// One line for an argument of the command that `path` names.
fn argument(path: &str, it: &Arg) -> String {
    let mut parts = vec![path.to_owned()];
    parts.extend(it.get_short().map(|short| format!("-{short}")));
    parts.extend(it.get_long().map(|long| format!("--{long}")));
    if parts.len() == 1 {
        parts.push("(operand)".into());
    }
    if it.get_action().takes_values() {
        parts.extend(values(it));
    }
    if matches!(it.get_action(), ArgAction::Append | ArgAction::Count) {
        parts.push("repeatable".into());
    }
    if it.is_required_set() {
        parts.push("required".into());
    }
    if it.is_global_set() {
        parts.push("of every command".into());
    }
    parts.extend(it.get_env().map(|name| format!("env {}", name.to_string_lossy())));
    parts.join(" ")
}

fn values(it: &Arg) -> Vec<String> {
    let names = it.get_value_names().unwrap_or_default();
    let mut parts: Vec<String> = names.iter().map(|name| format!("<{name}>")).collect();
    let possible: Vec<String> =
        it.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !possible.is_empty() {
        parts.push(possible.join("|"));
    }
    parts.extend(it.get_num_args().map(|count| format!("values {count}")));
    let defaults = it.get_default_values();
    let defaults: Vec<_> = defaults.iter().map(|value| value.to_string_lossy()).collect();
    // A default that help hides depends on the machine.
    if !defaults.is_empty() && !it.is_hide_default_value_set() {
        parts.push(format!("default {}", defaults.join(",")));
    }
    parts
}

/// A line for the command, for each of its arguments, and for its subcommands.
fn listing(path: &str, command: &Command) -> Vec<String> {
    let is_nested = path.contains(' ');
    let own = command.get_arguments().filter(|it| !(is_nested && it.is_global_set()));
    let mut lines = vec![path.to_owned()];
    lines.extend(own.map(|it| argument(path, it)));
    for nested in command.get_subcommands().filter(|it| it.get_name() != "help") {
        lines.extend(listing(&format!("{path} {}", nested.get_name()), nested));
    }
    lines
}

#[test]
fn recorded_flags_are_all_accepted_as_they_were() {
    let mut present = Vec::new();
    for mut command in [gilctl::cli::Flags::command(), gild::daemon::cli::Flags::command()] {
        command.build();
        let name = command.get_name().to_owned();
        present.extend(listing(&name, &command));
    }
    let recorded = text("flags.txt");
    let lost: Vec<&str> =
        recorded.lines().filter(|line| !present.iter().any(|it| it == line)).collect();
    assert!(lost.is_empty(), "no longer accepted as in 2c8d602: {lost:#?}");
}
