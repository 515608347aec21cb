//! Each limit of the command line broken once, by a real gilctl: the flag and the value that were
//! typed, the limit in the same unit, the way out.

use clap::CommandFactory as _;
use engine::plan::check::effect::FIELDS;
use gilctl::cli::Flags;
use view::request::wire_field::flag_of;

use crate::errors::check;
use crate::real_lab::beside::{Home, text};

/// A line that is refused, the flag and the value that the refusal names, and a part of its limit or
/// reason.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// Sweeps.
const SWEEPS: [Row; 49] = [
    ("--strategy gill", "--strategy", "`gill`", "did you mean `gil`?"),
    ("--strategy gil --era 3.77", "--era", "`3.77`", "choose one of 2.7"),
    ("--strategy gil --era 3.13t,3.12 --switch-ticks 0", "--switch-ticks", "0", "from 1 to"),
    ("--strategy gil --switch-interval 1h", "--switch-interval", "3600 s", "to 10 s"),
    ("--strategy gil --switch-interval 0", "--switch-interval", "0 ns", "from 0.001 ns to 10 s"),
    ("--strategy atomic --workers 65", "--workers", "65", "from 1 to 64"),
    ("--strategy ticket-spin --workers 64", "--workers", "64", "with --allow-starvation"),
    ("--strategy atomic --tasks 0", "--tasks", "0", "from 1 to 1000000"),
    ("--strategy atomic --increments 2000000000", "--increments", "2000000000", "to 1000000000"),
    (
        "--strategy atomic --tasks 1000000 --increments 20000",
        "--increments",
        "20000 for each of 1000000 tasks",
        "choose a value from 1 to 10000, or fewer tasks",
    ),
    ("--strategy atomic --body lop", "--body", "`lop`", "did you mean `loop`?"),
    ("--strategy cas-loop --body call", "--body", "call", "its increment has no inside"),
    ("--strategy atomic --steps LAS", "--steps", "`LAS`", "one A before L and one R"),
    ("--strategy atomic --steps LxS", "--steps", "`LxS`", "`x`, which is not a step"),
    ("--strategy atomic --step-cost 11us", "--step-cost", "11 us", "from 0 ns to 10 us"),
    ("--strategy atomic --task-steps 2000000", "--task-steps", "2000000", "from 0 to 1000000"),
    ("--strategy atomic --inside 2s", "--inside", "2 s", "from 0 ns to 1 s"),
    ("--strategy cas-loop --inside 10ns", "--inside", "10 ns", "leave cas-loop out"),
    ("--strategy atomic --outside 2s", "--outside", "2 s", "from 0 ns to 1 s"),
    (
        "--strategy unlocked --duration 8s --inside 1s --workers 64",
        "--inside",
        "1 s for each of 64 workers in turn, beside a duration of 8 s",
        "choose a value from 0 to 31.25 ms",
    ),
    ("--strategy atomic --io 2s", "--io", "2 s", "to 1 s"),
    ("--strategy atomic --io ecko", "--io", "`ecko`", "did you mean `echo`?"),
    ("--strategy atomic --io 1ms --io-every 0", "--io-every", "0", "from 1 to"),
    ("--strategy atomic --io-workers 65", "--io-workers", "65", "from 1 to 64"),
    ("--strategy atomic --io-workers 1 --cpu-workers 64", "--cpu-workers", "64", "from 0 to 63"),
    ("--strategy atomic --cpu-workers 2", "--cpu-workers", "2", "name --io-workers too"),
    ("--strategy atomic --requests 2", "--requests", "2", "needs --io-workers"),
    ("--strategy atomic --io-workers 1 --workers 2", "--workers", "2", "with --io-workers"),
    ("--strategy atomic --io-workers 1 --tasks 2", "--tasks", "2", "with --io-workers"),
    (
        "--strategy atomic --io-workers 1 --io 1s --requests 11",
        "--requests",
        "11 takes 11s",
        "choose a value from 1 to 10, or shorter sleeps",
    ),
    (
        "--strategy atomic --requests 2000000 --io-workers 1 --io echo",
        "--requests",
        "2000000",
        "to",
    ),
    ("--strategy atomic --duration 100s", "--duration", "100 s", "from 10 ms to 8 s"),
    ("--strategy atomic --duration 1s --tasks 2", "--tasks", "2", "with --duration"),
    ("--strategy atomic --duration 1s --io 1ms", "--io", "requests", "with --duration"),
    ("--strategy atomic --duration 1s --io-workers 1", "--duration", "1 s", "with --io-workers"),
    ("--strategy atomic --precision 60%", "--precision", "60%", "from 0.1% to 50%"),
    ("--strategy atomic --attempts 200000", "--attempts", "200000", "from 1 to 100000"),
    (
        "--strategy atomic --tasks 1..=1000 --attempts 2000",
        "--attempts",
        "2000 for each of 1000 cells",
        "choose a value from 1 to 1000, or fewer cells",
    ),
    (
        "--strategy atomic --workers 1,2 --tasks 1..=600",
        "--tasks",
        "600 values make 1200 cells",
        "name at most 512",
    ),
    (
        "--strategy atomic --duration 1s --lengths poisson",
        "--lengths",
        "`poisson`",
        "choose one of",
    ),
    ("--strategy gil --lengths uniform --inside 1us", "--lengths", "uniform", "fixed lengths"),
    ("--strategy atomic --duration 1s --locks 5000", "--locks", "5000", "from 1 to 4096"),
    ("--strategy atomic --duration 1s --reads 150", "--reads", "150", "from 0 to 99"),
    ("--strategy atomic --reads 50", "--reads", "50", "needs --duration"),
    ("--strategy atomic --arrivals 9", "--arrivals", "9", "needs --duration"),
    ("--strategy atomic --duration 1s --arrivals 20000000", "--arrivals", "20000000", "10000000"),
    ("--strategy atomic --label=a,b", "--label", "`a,b`", "which is not a character of a label"),
    (
        "--strategy atomic --label before-the-fix-of-the-barging-lock",
        "--label",
        "`before-the-fix-of-the-barging-lock`",
        "has 34 characters, which is beyond the limit of 32",
    ),
    ("--strategy cpython --python /no/python", "--python", "/no/python", "no such program; name"),
];

/// Explorations. Where a closed form answers, only the field itself is limited; what is searched has
/// limits of its own.
const EXPLORATIONS: [Row; 17] = [
    ("--strategy all", "--strategy", "all", "an exploration has one strategy"),
    ("--strategy cpython", "--strategy", "cpython", "explore `gil`"),
    ("--strategy atomic --era 3.12", "--era", "3.12", "leave it out"),
    ("--strategy unlocked --workers 9", "--workers", "9", "from 1 to 8"),
    ("--strategy unlocked --increments 2000000", "--increments", "2000000", "from 1 to 1000000"),
    (
        "--strategy unlocked --scheduler every-k --k 3 --increments 20000",
        "--increments",
        "20000",
        "from 1 to 16383",
    ),
    (
        "--strategy unlocked --scheduler every-k --k 3 --workers 8 --increments 4000",
        "--increments",
        "4000 for each of 8 workers",
        "choose a value from 1 to 2047, or fewer workers",
    ),
    (
        "--strategy gil --scheduler switch-q --q 1 --workers 2 --increments 8000",
        "--increments",
        "8000 for each of ",
        "or fewer ",
    ),
    (
        "--strategy unlocked --scheduler switch-q --q 1 --workers 8 --increments 2000",
        "--increments",
        "2000 for each of 8 workers takes more ",
        "fewer workers or steps",
    ),
    (
        "--strategy unlocked --scheduler switch-q --q 1 --workers 2 --increments 5000",
        "--increments",
        "5000 for each of 2 workers takes more ",
        "choose a value from 1 to ",
    ),
    (
        "--strategy gil --switch-ticks 100 --increments 20000",
        "--increments",
        "20000",
        "choose a value from 1 to ",
    ),
    ("--strategy unlocked --scheduler fair", "--scheduler", "`fair`", "choose one of"),
    ("--strategy unlocked --scheduler switch-q --q 2", "--q", "2", "from 0 to 1"),
    ("--strategy unlocked --q 0.1", "--q", "0.1", "choose the scheduler switch-q"),
    ("--strategy unlocked --scheduler every-k --k 0", "--k", "0", "from 1 to 1000000"),
    ("--strategy unlocked --scheduler every-k --k 3 --phase 4", "--phase", "4", "from 1 to 3"),
    (
        "--strategy unlocked --scheduler every-k --k 1000000 --increments 3000",
        "--k",
        "1000000 phases of 12000 moves",
        "choose a value from 1 to 166666, or name one phase",
    ),
];

/// Fields for whose flag nothing can be typed that a lab refuses: any number, or a choice of gilctl's
/// own.
const NEVER_REFUSED: [&str; 4] = ["seed", "order", "pin", "allow_starvation"];

/// Runs a line and checks the refusal.
#[track_caller]
fn refused(home: &Home, command: &str, (line, flag, value, limit): Row) {
    let words: Vec<&str> = std::iter::once(command).chain(line.split(' ')).collect();
    let output = home.run(&[&words[..], &["--dry-run", "--quiet"]].concat());
    let (code, said) = (output.status.code(), text(&output.stderr));
    assert_eq!(code, Some(2), "{line}: {said}");
    check(&said);
    assert!(said.contains(&format!("{flag}: {value}")), "{line}: {said}");
    assert!(said.contains(limit), "{line}: {said}");
    for named in said.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
        assert!(!named.starts_with("--") || is_flag(command, named), "{named} of {line}: {said}");
    }
}

/// Whether it is a flag of this command.
fn is_flag(command: &str, flag: &str) -> bool {
    let root = Flags::command();
    let own = root.find_subcommand(command).expect("the command");
    let mut flags = own.get_arguments().chain(root.get_arguments());
    flags.any(|known| known.get_long().is_some_and(|long| flag == format!("--{long}")))
}

#[test]
fn every_broken_limit_of_a_sweep_is_in_flags_and_units_as_typed() {
    let home = Home::new();
    for row in SWEEPS {
        refused(&home, "sweep", row);
    }
}

#[test]
fn every_broken_limit_of_an_exploration_is_in_flags_as_typed() {
    let home = Home::new();
    for row in EXPLORATIONS {
        refused(&home, "explore", row);
    }
}

/// The limit that a refusal of a large search names is one: so many increments can be explored, and
/// one more cannot.
#[test]
fn increments_that_a_refused_exploration_names_can_be_explored() {
    let home = Home::new();
    let asked = |strategy: &str, increments: u32| {
        let increments = increments.to_string();
        let line = ["explore", "--dry-run", "--quiet", "--strategy", strategy, "--workers", "3"];
        let certain_switch = ["--scheduler", "switch-q", "--q", "1"];
        home.run(&[&line[..], &certain_switch, &["--increments", &increments]].concat())
    };
    for strategy in ["unlocked", "gil"] {
        let said = text(&asked(strategy, 2000).stderr);
        let (_, most) = said.split_once("choose a value from 1 to ").expect("the limit");
        let most: u32 = most.split(',').next().and_then(|it| it.parse().ok()).expect("a number");
        assert_eq!(asked(strategy, most).status.code(), Some(0), "{strategy} {most}");
        assert_eq!(asked(strategy, most + 1).status.code(), Some(2), "{strategy} {most}");
    }
}

/// A field that the request gains needs a row above.
#[test]
fn every_field_of_a_sweep_has_a_line_that_is_refused() {
    for row in FIELDS {
        let flag = flag_of(row.field);
        let is_refused = SWEEPS.iter().any(|(_, refused, ..)| *refused == flag);
        assert_ne!(is_refused, NEVER_REFUSED.contains(&row.field), "{flag}");
    }
}

#[test]
fn ids_are_named_as_they_were_typed() {
    let home = Home::new();
    let swept =
        home.run(&["sweep", "--strategy", "atomic", "--attempts", "1", "--output", "ndjson"]);
    let first = text(&swept.stdout);
    let (_, id) = first.split_once("\"id\":\"").expect("an id");
    let id = &id[..id.find('"').expect("its end")];
    let short = &id[id.len() - 6..];
    let says = |arguments: &[&str], code: i32, wanted: &[&str]| {
        let output = home.run(&[arguments, &["--quiet"]].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        check(&said);
        for wanted in wanted {
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
    };
    says(&["compare", "latest", short], 2, &["latest and ", short, " are one sweep", "each once"]);
    says(&["compare", short, short], 2, &[&format!("{short} is named twice")]);
    says(&["watch", "latest", "--after", "99"], 2, &["--after: 99 lies beyond the last event"]);
    says(&["explain", "latest", "--cell", "9"], 2, &["--cell: 9 is outside", "; choose 0"]);
    says(&["show", "zzz"], 8, &["no id begins or ends with zzz"]);
    says(&["show", "latest~7"], 8, &["there is no latest~7"]);
}
