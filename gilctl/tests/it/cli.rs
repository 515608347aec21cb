//! The command line as a shell sees it: help texts and refused flags. No test here reaches a lab.

use std::process::{Command, Output};

use clap::CommandFactory as _;
use gilctl::cli::help::prepared;
use gilctl::cli::help::prepared::{LONG, SHORT};

/// Most lines of a short help at 80 columns.
const SHORT_LINES_MAX: usize = 42;

fn gilctl(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    command
        .args(arguments)
        .env_remove("GILCTL_SERVER")
        .env("XDG_DATA_HOME", crate::support::sweeps::own_data())
        .env("COLUMNS", "100");
    command.output().expect("gilctl runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asserts the exit code, `message` on stderr and an empty stdout.
#[track_caller]
fn refuses(code: i32, arguments: &[&str], message: &str) {
    let output = gilctl(arguments);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(message), "{stderr}");
    assert_eq!(text(&output.stdout), "");
}

/// A flag of `sweep` whose value is refused.
#[track_caller]
fn sweep_refuses(flag: &str, value: &str, message: &str) {
    let message = format!("gilctl: {flag}: {message}");
    refuses(2, &["sweep", "--strategy", "gil", flag, value], &message);
    let joined = format!("{flag}={value}");
    refuses(2, &["sweep", "--strategy", "gil", &joined], &message);
}

#[test]
fn help_begins_with_examples_and_ends_with_exit_codes() {
    let output = gilctl(&["--help"]);
    assert!(output.status.success());
    insta::assert_snapshot!(text(&output.stdout));
}

/// What `gilctl` prints without the command line's parser is what the parser prints. To update it:
/// `UPDATE_HELP=1 cargo test -p gilctl --test it prepared`, twice, because the program holds the texts.
#[test]
fn prepared_answers_are_those_of_the_parser() {
    const COLUMNS: &str = "COLUMNS";
    let prepared = |argument: &str| {
        let mut gilctl = Command::new(env!("CARGO_BIN_EXE_gilctl"));
        for (name, _) in std::env::vars() {
            if [COLUMNS, "GILCTL_", "CLICOLOR"].iter().any(|begin| name.starts_with(begin)) {
                gilctl.env_remove(name);
            }
        }
        text(&gilctl.arg(argument).output().expect("gilctl runs").stdout)
    };
    let texts = [("--help", LONG, "long.txt"), ("-h", SHORT, "short.txt")];
    // With a width it is the parser that answers.
    let parsed = texts.map(|(asked, ..)| text(&gilctl(&[asked]).stdout));
    for ((_, _, file), parsed) in texts.iter().zip(&parsed) {
        if std::env::var_os("UPDATE_HELP").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/help");
            let path = std::path::Path::new(folder).join(file);
            std::fs::write(path, parsed).expect("the file can be written");
        }
    }
    for ((asked, kept, _), parsed) in texts.iter().zip(&parsed) {
        assert_eq!(kept, parsed, "UPDATE_HELP=1 updates it");
        assert_eq!(&prepared(asked), parsed);
    }
    for version in ["--version", "-V"] {
        // Before a command only the parser answers.
        assert_eq!(prepared(version), text(&gilctl(&[version, "--quiet"]).stdout));
    }
}

/// Arguments and variables of which the answer depends on more than the version are the parser's.
#[test]
fn prepared_answers_are_only_for_what_they_know() {
    let answer = |arguments: &[&str], variables: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(Into::into).collect();
        prepared::answer(&arguments, variables.iter().map(Into::into))
    };
    assert!(answer(&["/usr/bin/gilctl", "--version"], &["GILCTL_SERVER"]).is_some());
    for arguments in [&["gilctl"][..], &["gilctl", "-hv"], &["gilctl", "sweep", "--help"], &[]] {
        assert_eq!(answer(arguments, &[]), None, "{arguments:?}");
    }
    for help in ["--help", "-h"] {
        assert_eq!(answer(&["renamed", help], &[]), None);
        for variable in ["GILCTL_SERVER", "COLUMNS", "CLICOLOR_FORCE"] {
            assert_eq!(answer(&["gilctl", help], &["PATH", variable]), None, "{variable}");
        }
    }
}

#[test]
fn gilctl_without_command_prints_help() {
    let output = gilctl(&[]);
    assert!(output.status.success());
    assert!(text(&output.stdout).starts_with("gilctl runs concurrency experiments"));
}

#[test]
fn help_of_sweep() {
    insta::assert_snapshot!(text(&gilctl(&["sweep", "--help"]).stdout));
}

/// What a command prints in a window of this width.
fn at_width(columns: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    command.args(arguments).env_remove("GILCTL_SERVER").env("COLUMNS", columns);
    text(&command.output().expect("gilctl runs").stdout)
}

#[test]
fn short_help_of_gilctl_and_of_sweep() {
    let texts = [&["-h"][..], &["sweep", "-h"]].map(|arguments| at_width("80", arguments));
    insta::assert_snapshot!(texts.join("\n"));
}

/// Both forms of every command's help say first what it does, and the short one fits a screen.
#[test]
fn help_of_every_command_begins_with_what_it_does() {
    let root = gilctl::cli::Flags::command();
    for command in root.get_subcommands() {
        let (name, about) = (command.get_name(), command.get_about().expect("a text").to_string());
        let [long, short] = ["--help", "-h"].map(|form| at_width("80", &[name, form]));
        for help in [&long, &short] {
            assert!(help.starts_with(&about), "{name}: {help}");
        }
        assert!(short.lines().count() <= SHORT_LINES_MAX, "{name}: {short}");
        assert!(short.contains("`--help` has every flag"), "{name}: {short}");
    }
    let short = at_width("80", &["-h"]);
    assert!(short.starts_with("gilctl runs concurrency experiments"), "{short}");
    assert!(short.lines().count() <= SHORT_LINES_MAX, "{short}");
}

#[test]
fn help_of_explorer_commands() {
    let help = |command| {
        let help = text(&gilctl(&[command, "--help"]).stdout);
        let (own, _) = help.split_once("Options of every command").expect("two parts");
        own.to_owned()
    };
    insta::assert_snapshot!(["explore", "witness", "replay", "explain"].map(help).join("\n"));
}

#[test]
fn help_of_history_commands() {
    let help = |command| {
        let help = text(&gilctl(&[command, "--help"]).stdout);
        let (own, _) = help.split_once("Options of every command").expect("two parts");
        own.to_owned()
    };
    let commands = [
        "resume", "rerun", "show", "report", "trace", "compare", "delete", "prune", "export",
        "import", "status", "doctor",
    ];
    insta::assert_snapshot!(commands.map(help).join("\n"));
}

#[test]
fn history_flags_are_refused_by_name() {
    refuses(2, &["prune"], "<--keep <AGE>|--keep-newest <NUMBER>>");
    refuses(2, &["prune", "--dry-run"], "were not provided");
    refuses(2, &["prune", "--keep", "30"], "gilctl: --keep: 30 has no unit; write it like 30d");
    refuses(
        2,
        &["prune", "--keep", "0"],
        "--keep: 0 is not a bound; forget all with --keep-newest 0",
    );
    refuses(2, &["prune", "--keep-newest", "-1"], "gilctl: --keep-newest: -1 is negative");
    refuses(2, &["delete"], "<ID>...");
    refuses(2, &["compare", "latest"], "2");
    refuses(2, &["compare", "a", "b", "c", "d", "e", "f", "g", "h", "i"], "unexpected");
    refuses(2, &["comapre", "a", "b"], "'compare'");
    refuses(2, &["export", "latest", "--force"], "--out <FILE>");
    refuses(2, &["import", "/nonexistent/sweep"], "gilctl: /nonexistent/sweep: No such file");
    for command in ["resume", "rerun"] {
        let detach = ["--embedded", command, "latest", "--detach"];
        refuses(2, &detach, "--detach: without a daemon all would end with gilctl; start");
    }
}

/// A flag of `explore` whose value is refused before a lab is contacted.
#[track_caller]
fn explore_refuses(flag: &str, value: &str, message: &str) {
    let message = format!("gilctl: {flag}: {message}");
    refuses(2, &["explore", "--strategy", "unlocked", flag, value], &message);
}

#[test]
fn explorer_flags_are_refused_by_name() {
    explore_refuses("--workers", "2,3", "2,3 is not a whole number");
    explore_refuses("--increments", "-1", "-1 is negative");
    explore_refuses("--switch-ticks", "5000000000", "5000000000 is beyond 4294967295");
    explore_refuses("--k", "x", "x is not a whole number");
    explore_refuses("--phase", "1.5", "1.5 is not a whole number");
    explore_refuses("--q", " ", "\"\" is empty; leave it out for the default");
    explore_refuses("--scheduler", "", "\"\" is empty");
    refuses(2, &["explore", "--strategy", ""], "gilctl: --strategy: \"\" is empty; `gilctl");
    let witness = ["witness", "--strategy", "unlocked", "--value"];
    refuses(2, &[&witness[..], &["-1"]].concat(), "gilctl: --value: -1 is negative");
    refuses(
        2,
        &["explain", "latest", "--cell", "all"],
        "gilctl: --cell: all is not a whole number",
    );
}

#[test]
fn contradicting_flags_are_refused() {
    let both = ["explore", "--strategy", "gil", "--steps", "LS", "--body", "call"];
    refuses(2, &both, "'--steps <LETTERS>' cannot be used with '--body <NAME>'");
    refuses(2, &["explore", "--strategy", "gil", "--detach", "--dry-run"], "cannot be used with");
    refuses(2, &["explore"], "--strategy <NAME>");
    refuses(2, &["witness", "--strategy", "gil"], "--value <NUMBER>");
    refuses(2, &["replay"], "<SCRIPT>...");
}

#[test]
fn sweep_flags_are_refused_by_name() {
    sweep_refuses("--inside", "-5ms", "-5ms is negative; durations start at 0");
    sweep_refuses("--outside", "5", "5 has no unit; write it like 5ms");
    sweep_refuses("--io", "0.5ns", "0.5ns is not a whole number of nanoseconds; round it");
    sweep_refuses("--step-cost", "15 parsec", "15 parsec has an unknown unit");
    sweep_refuses("--switch-interval", "-1ns", "-1ns is negative");
    sweep_refuses("--switch-interval", "9999h", "9999h is too long");
    sweep_refuses("--switch-ticks", "-1", "-1 is negative; numbers start at 0");
    sweep_refuses("--workers", "8..=1", "8..=1 is an empty range; write the smaller end first");
    sweep_refuses("--tasks", "3..3", "3..3 is an empty range");
    sweep_refuses("--increments", "0..=9999", "0..=9999 makes the list longer than 1024 values");
    sweep_refuses("--task-steps", "5000000000", "5000000000 is beyond 4294967295");
    sweep_refuses("--io-every", "x", "x is not a whole number");
    sweep_refuses("--attempts", "1.5", "1.5 is not a whole number");
    sweep_refuses("--seed", "-7", "-7 is negative");
    sweep_refuses("--io", "echo,-1ms", "-1ms is negative; durations start at 0");
    sweep_refuses("--io", "echo,", "\"\" is not a duration; write it like 5ms");
    sweep_refuses("--cpu-workers", "-1", "-1 is negative; numbers start at 0");
    sweep_refuses("--io-workers", "echo", "echo is not a whole number");
    sweep_refuses("--requests", "1,2", "1,2 is not a whole number");
    sweep_refuses("--era", "", "\"\" is not a name");
}

#[test]
fn unknown_words_are_refused_by_the_parser() {
    refuses(2, &["sweep", "--strategy", "gil", "--order", "random"], "interleaved, blocked");
    refuses(2, &["list", "--output", "xml"], "table, ndjson, json, csv, markdown");
    refuses(2, &["list", "--color", "red"], "auto, always, never");
    refuses(2, &["swep"], "'sweep'");
    refuses(2, &["sweep"], "--strategy");
    refuses(2, &["strategies", "--era", "3.9"], "--body <NAMES>");
    refuses(2, &["sweep", "--strategy", "cpython", "--python", ""], "--python <PATH>");
    refuses(2, &["sweep", "--strategy", "gil", "--detach", "--dry-run"], "cannot be used with");
    refuses(2, &["list", "-q", "-v"], "cannot be used with");
    refuses(2, &["watch", "latest", "--after", "-1"], "--after: -1 is negative");
}

#[test]
fn invalid_server_urls_are_refused() {
    let list = |url: &str, code, message: &str| refuses(code, &["list", "--server", url], message);
    list("gild.sock", 2, "gilctl: --server: gild.sock is not a URL; write unix:///path");
    list("https://lab:443", 2, "https://lab:443 needs --ca FILE, the authorities to trust");
    list("http://lab", 2, "http://lab needs a host and a port");
    list("unix://relative", 2, "has no absolute path");
}

#[test]
fn absent_named_server_exits_69() {
    let strategies = |url: &str| {
        refuses(69, &["strategies", "--server", url], "gilctl: no daemon answers at");
    };
    strategies("unix:///nonexistent/gild.sock");
    strategies("http://127.0.0.1:1");
}

#[test]
fn embedded_watch_cancel_and_detach_are_refused() {
    for command in [["watch", "x"], ["cancel", "x"]] {
        let arguments = [&["--embedded"], &command[..]].concat();
        refuses(69, &arguments, "nothing runs without one; start `gild serve`");
    }
    for command in ["sweep", "explore"] {
        let detach = ["--embedded", command, "--strategy", "gil", "--detach"];
        refuses(2, &detach, "--detach: without a daemon all would end with gilctl; start");
    }
}

/// A word that stands alone is shown with the flag that was meant: names, paths, numbers and files.
#[test]
fn word_alone_suggests_its_flag() {
    for (line, wanted) in [
        ("sweep gil", "`--strategy gil`"),
        ("sweep gil,atomic", "`--strategy gil,atomic`"),
        ("sweep gill", "`--strategy gill`"),
        ("sweep --strategy gil call", "`--body call`"),
        ("sweep --strategy gil --workers 2 4", "`--workers 2,4`"),
        ("sweep --strategy gil --switch-interval 5 ms", "`--switch-interval 5ms`"),
        ("sweep strategy gil", "`--strategy VALUE`"),
        ("sweep --strategy gil 3.12", "`--era 3.12`"),
        ("sweep --strategy gil echo", "`--io echo`"),
        ("sweep --strategy mcs exponential", "`--lengths exponential`"),
        ("sweep --strategy cpython python3", "`--python python3`"),
        ("sweep --strategy cpython /opt/py", "`--python /opt/py`"),
        ("explore unlocked", "`--strategy unlocked`"),
        ("explore --strategy unlocked switch-q", "`--scheduler switch-q`"),
        ("witness --strategy unlocked 2", "`--value 2`"),
        ("witness gil", "`--strategy gil`"),
        ("strategies call", "`--body call`"),
        ("strategies --body call 3.12", "`--era 3.12`"),
        ("calibrate python3.12", "`--python python3.12`"),
        ("prune 30d", "`--keep 30d`"),
        ("export latest sweep.gild", "`--out sweep.gild`"),
        ("explain latest 0", "`--cell 0`"),
        ("watch latest 7", "`--after 7`"),
        ("gil", "`gilctl sweep --strategy gil`"),
    ] {
        refuses(2, &line.split(' ').collect::<Vec<_>>(), wanted);
    }
}

/// bash, with the script of `gilctl completions`, completes commands and flags.
#[test]
fn bash_completes_commands_and_flags() {
    let script = text(&gilctl(&["completions", "bash"]).stdout);
    let completed = |line: &str, word: &str, before: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let ask = format!(
            "COMP_WORDS=({line}); COMP_CWORD={}; _gilctl gilctl '{word}' '{before}'; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.len() - 1
        );
        let mut bash = Command::new("bash");
        let output = bash.args(["-c", &format!("{script}\n{ask}")]).output().expect("bash runs");
        text(&output.stdout)
    };
    assert_eq!(completed("gilctl sw", "sw", "gilctl"), "sweep\n");
    assert!(
        completed("gilctl sweep --switch", "--switch", "sweep").contains("--switch-interval\n")
    );
    assert!(completed("gilctl compare --output nd", "nd", "--output").contains("ndjson"));
}

#[test]
fn manual_has_a_page_of_each_command_with_its_examples() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("text");
    assert!(gilctl(&["man", "--dir", path]).status.success());
    for command in gilctl::cli::Flags::command().get_subcommands() {
        let name = format!("gilctl-{}.1", command.get_name());
        let page = std::fs::read_to_string(dir.path().join(&name)).expect("a page");
        assert!(page.contains(".SH EXAMPLES\n"), "{name}");
        assert!(page.contains("GILCTL\\-") || page.contains("GILCTL-"), "{name}");
    }
    let file = dir.path().join("file");
    std::fs::write(&file, "").expect("a file");
    refuses(1, &["man", "--dir", file.to_str().expect("text")], "pages cannot be written");
}
