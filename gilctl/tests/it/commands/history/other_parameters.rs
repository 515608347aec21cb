//! `gilctl compare` of sweeps with other parameters, in a real lab. No outcome of a speed is asserted.

use std::collections::BTreeSet;

use gild::wire::sweep::axes::AXES;
use serde_json::Value;
use view::request::wire_field::flag_of;

use crate::real_lab::end_to_end::{Server, lines, run};

/// What two sweeps have in common where it is not said otherwise.
const SMALL: [&str; 7] = ["--increments", "50", "--attempts", "6", "--seed", "7", "--quiet"];

/// Flags of two sweeps, flags of their comparison, and what comes of it.
struct Case {
    first: &'static str,
    other: &'static str,
    flags: &'static str,
    wanted: Wanted,
}

enum Wanted {
    /// So many pairs, and the parameters that were ignored for them.
    Pairs(usize, &'static [&'static str]),
    /// Exit code 5, and this verdict.
    Nothing(&'static str),
    /// Exit code 2, and this message.
    Refusal(&'static str),
}

use Wanted::{Nothing, Pairs, Refusal};

const fn case([first, other]: [&'static str; 2], flags: &'static str, wanted: Wanted) -> Case {
    Case { first, other, flags, wanted }
}

const LOCKS: [&str; 2] =
    ["--strategy ticket --workers 1,2 --tasks 4", "--strategy mcs --workers 1,2 --tasks 4"];
const SEVERAL: [&str; 2] =
    ["--strategy ticket,mcs --tasks 4", "--strategy clh,std-mutex --tasks 4"];
const LENGTHS: [&str; 2] = [
    "--strategy ticket,mcs --tasks 4 --inside 0ns",
    "--strategy ticket,mcs --tasks 4 --inside 1us",
];
const LAWS: [&str; 2] = [
    "--strategy ticket --tasks 4 --inside 1us --lengths fixed",
    "--strategy ticket --tasks 4 --inside 1us --lengths uniform",
];
const LABELS: [&str; 2] =
    ["--strategy ticket --tasks 4 --label before", "--strategy ticket --tasks 4 --label after"];
const BODIES: [&str; 2] =
    ["--strategy ticket --tasks 4 --body increment", "--strategy ticket --tasks 4 --steps L.S"];
const TIMES: [&str; 2] = ["--strategy ticket --tasks 4", "--strategy ticket --duration 20ms"];
const PART: [&str; 2] =
    ["--strategy ticket --workers 1,2 --tasks 4", "--strategy ticket --workers 2,3 --tasks 4"];

const CASES: [Case; 18] = [
    case(
        LOCKS,
        "",
        Nothing(
            "Nothing to compare: no cell of the first has its parameters in another, and the sweeps \
             have no strategy in common.",
        ),
    ),
    case(LOCKS, "--force", Pairs(2, &["strategy"])),
    case(LOCKS, "--by workers", Pairs(2, &["strategy"])),
    case(LOCKS, "--by workers --by tasks,body", Pairs(2, &["strategy"])),
    case(
        LOCKS,
        "--by strategy",
        Nothing(
            "Nothing to compare: no cell of the first has its strategy in another, and the sweeps \
             have no strategy in common.",
        ),
    ),
    case(
        LOCKS,
        "--by tasks",
        Refusal(
            "gilctl: --by: tasks takes cells 0 and 1 of the first sweep for one, which differ in \
             workers; add workers\n",
        ),
    ),
    case(
        LOCKS,
        "--by wokers",
        Refusal("gilctl: --by: `wokers` is not an axis of this lab; did you mean `workers`? "),
    ),
    case(
        SEVERAL,
        "--force",
        Nothing(
            "Nothing to compare: cells 0 and 1 of the first sweep are equal but for strategy, and \
             the sweeps have no strategy in common; measure all in one sweep.",
        ),
    ),
    case(
        SEVERAL,
        "--by workers --force",
        Refusal(
            "gilctl: --by: workers takes cells 0 and 1 of the first sweep for one, which differ in \
             strategy; measure all in one sweep, as these have no strategy in common\n",
        ),
    ),
    case(LENGTHS, "--force", Pairs(2, &["inside"])),
    case(LENGTHS, "--by strategy", Pairs(2, &["inside"])),
    case(LAWS, "--force", Pairs(1, &["lengths"])),
    case(BODIES, "--force", Pairs(1, &["body"])),
    case(BODIES, "--by strategy,workers", Pairs(1, &["body"])),
    case(TIMES, "--force", Pairs(1, &["tasks", "increments", "duration"])),
    case(PART, "", Pairs(1, &[])),
    case(LABELS, "", Pairs(1, &[])),
    case(PART, "--force", Pairs(1, &[])),
];

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Runs a sweep, unless it ran before: its id.
fn swept(server: &Server, known: &mut Vec<(&'static str, String)>, flags: &'static str) -> String {
    if let Some((_, id)) = known.iter().find(|(known, _)| *known == flags) {
        return id.clone();
    }
    let small = if flags.contains("--duration") { &SMALL[2..] } else { &SMALL[..] };
    let lab = ["--output", "ndjson", "--server", &server.unix()].map(str::to_owned);
    let lab = lab.each_ref().map(String::as_str);
    let output = run(&[&["sweep"], &*words(flags), small, &lab].concat());
    assert!(output.status.success(), "{flags}: {}", String::from_utf8_lossy(&output.stderr));
    let id = lines(&output)[0]["id"].as_str().expect("an id").to_owned();
    known.push((flags, id.clone()));
    id
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn sweeps_of_other_parameters_are_compared_by_what_is_asked() {
    let (server, mut known) = (Server::start(), Vec::new());
    for Case { first, other, flags, wanted } in CASES {
        let ids = [first, other].map(|flags| swept(&server, &mut known, flags));
        let [one, two] = ids.each_ref().map(String::as_str);
        let (unix, context) = (server.unix(), format!("{first} | {other} | {flags}"));
        let ask = [&["compare", one, two, "--server", &unix], &*words(flags)].concat();
        let output = run(&[&ask[..], &["--output", "json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if let Refusal(message) = wanted {
            assert_eq!(output.status.code(), Some(2), "{context}: {said}");
            assert!(said.starts_with(message), "{context}: {said}");
            continue;
        }
        let document = &lines(&output)[0];
        let pairs = document["compared"].as_array().expect("a list");
        let differing: Vec<&Value> =
            document["parameters"].as_array().expect("a list").iter().collect();
        let ignored = differing.iter().filter(|it| it["ignored"] == true);
        let ignored: Vec<_> = ignored.map(|it| it["field"].as_str().expect("a name")).collect();
        match wanted {
            Pairs(count, fields) => {
                assert_eq!(output.status.code(), Some(0), "{context}: {said}");
                assert_eq!((pairs.len(), &*ignored), (count, fields), "{context}: {document}");
                let has_others = pairs.iter().all(|it| it["other_parameters"].is_object());
                assert_eq!(has_others, !fields.is_empty(), "{context}: {document}");
            }
            Nothing(verdict) => {
                assert_eq!(output.status.code(), Some(5), "{context}: {said}");
                assert_eq!((pairs.len(), ignored.len()), (0, 0), "{context}: {document}");
                assert_eq!(document["verdict"], verdict, "{context}");
                assert!(!differing.is_empty(), "{context}: {document}");
            }
            Refusal(_) => unreachable!("it is handled above"),
        }
        assert!(differing.iter().all(|it| texts(&it["values"]).len() == 2), "{document}");
        let by: Vec<_> =
            ["workers", "strategy", "tasks"].into_iter().filter(|it| flags.contains(it)).collect();
        let found = texts(&document["by"]);
        assert!(
            by.iter().all(|it| found.contains(it)) && found.is_empty() == by.is_empty(),
            "{context}"
        );
    }
}

/// What is ignored stands over the table, with the flags' names and the values of both.
#[test]
fn table_says_what_is_ignored_and_what_would_be_paired() {
    let (server, mut known) = (Server::start(), Vec::new());
    let ids = LENGTHS.map(|flags| swept(&server, &mut known, flags));
    let [one, two] = ids.each_ref().map(String::as_str);
    let ask = |flags: &[&str]| {
        let output = run(&[&["compare", one, two, "--server", &server.unix()], flags].concat());
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let [out, said] = ask(&[]);
    assert!(out.contains("\n--inside  0 ns"), "{out}");
    let hint = "--force pairs cells by what the sweeps have in common; next: gilctl compare ";
    assert!(said.starts_with(hint) && said.contains(" --force"), "{said}");
    let [out, said] = ask(&["--force"]);
    assert!(out.contains("\nignored: --inside (0 ns | 1 us)\n"), "{out}");
    assert!(out.contains("0 ns | 1 us") && out.contains(" · seed 7\n"), "{out}");
    assert!(said.starts_with("next: gilctl show "), "{said}");
    let [out, _] = ask(&["--by", "strategy", "--output", "markdown"]);
    assert!(
        out.contains("\n\npaired by --strategy\n\nignored: --inside (0 ns | 1 us)\n\n"),
        "{out}"
    );
}

/// Every flag of `sweep` that makes a cell another experiment is an axis by that name, and nothing else.
#[test]
fn axes_are_the_flags_of_cells() {
    /// How a sweep runs, what is equal in all of its cells, and `--steps`, which names a body.
    const OTHERS: [&str; 9] = [
        "allow-starvation",
        "attempts",
        "label",
        "order",
        "pin",
        "precision",
        "seed",
        "step-cost",
        "steps",
    ];
    let field_flags = engine::plan::check::effect::FIELDS.iter().map(|row| flag_of(row.field));
    let flags: BTreeSet<String> =
        field_flags.map(|flag| flag.trim_start_matches('-').to_owned()).collect();
    let wanted = AXES.iter().chain(&OTHERS).map(|name| (*name).to_owned()).collect();
    assert_eq!(flags, wanted);
}
