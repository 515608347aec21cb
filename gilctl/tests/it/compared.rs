//! Stored sweeps side by side: what is printed of a comparison, and how it ends gilctl.

use gilctl::render::format::color::Color;
use gilctl::render::format::document::Document as _;
use gilctl::render::format::page::{Extent, Page, Width};
use gilctl::render::history::comparison::Comparison;
use proto::v1::compared_cell::Outcome;
use proto::v1::{
    Cell, CompareSweepsResponse, ComparedCell, Difference, Measurement, Sweep, SweepState,
    Validity, Verdict,
};

use crate::daemon::{Actor, Mood, run};
use crate::fixture::{cell, chapter, interval, large, measured};
use crate::keeping::Keeper;

const WIDE: Page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };
const MINUTE_NS: u64 = 60_000_000_000;

fn table(answer: &CompareSweepsResponse, now_ns: u64, color: Color) -> String {
    Comparison { answer: answer.clone(), now_ns }.table(Page { color, ..WIDE })
}

fn sweep(id: &str, minute: u64) -> Sweep {
    Sweep {
        name: format!("sweeps/06a1f0zzzz9k3v7q2m8x{id}"),
        state: SweepState::Succeeded.into(),
        create_time_ns: minute * MINUTE_NS,
        cells: Vec::new(),
        ..chapter()
    }
}

fn pair(cell: Cell, other: u32, second: Measurement, outcome: Outcome) -> ComparedCell {
    ComparedCell {
        cell: Some(cell),
        other,
        other_cell: 2,
        ratio: Some(1.042),
        ratio_low: Some(1.035),
        ratio_high: Some(1.0491),
        p: Some(0.000_02),
        rounds: vec![20, 19],
        first: Some(measured(100)),
        second: Some(second),
        outcome: outcome.into(),
    }
}

fn compared() -> CompareSweepsResponse {
    let noisy = Measurement { validity: Validity::Noisy.into(), ..large(100, 200_000, 0.0) };
    let broken = Measurement { verdict: Verdict::Broken.into(), ..measured(99) };
    let nothing = ComparedCell {
        ratio: None,
        ratio_low: None,
        ratio_high: None,
        p: None,
        second: Some(Measurement::default()),
        rounds: vec![20, 0],
        ..pair(Cell { workers: 8, ..cell(3, "atomic") }, 1, measured(1), Outcome::Unknown)
    };
    CompareSweepsResponse {
        sweeps: vec![sweep("4abcde", 1), sweep("9fghij", 3)],
        cells: vec![
            pair(interval(0, 500_000, 1_000), 1, measured(97), Outcome::Same),
            pair(cell(1, "fair-mutex"), 1, noisy, Outcome::Faster),
            pair(cell(2, "broken"), 1, broken, Outcome::Wronger),
            nothing,
        ],
        unmatched: 2,
        verdict: "4 pairs of cells: 1 wronger, 1 faster, 1 the same, 1 undecided; 1 noisy.".into(),
        ..CompareSweepsResponse::default()
    }
}

fn different() -> CompareSweepsResponse {
    let difference = |field: &str, values: [&str; 2]| Difference {
        field: field.into(),
        values: values.map(str::to_owned).into(),
    };
    CompareSweepsResponse {
        differences: vec![
            difference("machine.kernel", ["Linux 6.1.0", "Linux 6.9.1"]),
            difference("pin", ["auto", "pack"]),
        ],
        cells: Vec::new(),
        verdict: "Not comparable: machine.kernel, pin differ.".into(),
        ..compared()
    }
}

fn forced() -> CompareSweepsResponse {
    let verdict = "Forced, although machine.kernel, pin differ: 4 pairs.".into();
    CompareSweepsResponse { cells: compared().cells, forced: true, verdict, ..different() }
}

#[test]
fn pairs_for_people() {
    insta::assert_snapshot!(table(&compared(), 5 * MINUTE_NS, Color::Plain));
    let coloured = table(&compared(), 0, Color::Ansi);
    assert!(coloured.contains("\u{1b}[1;97;41mbroken"), "{coloured}");
}

#[test]
fn several_are_told_apart() {
    let mut answer = compared();
    answer.sweeps.push(sweep("2klmno", 4));
    answer.cells[1].other = 2;
    insta::assert_snapshot!(table(&answer, 5 * MINUTE_NS, Color::Plain));
}

#[test]
fn what_differs_for_people() {
    insta::assert_snapshot!(table(&different(), 5 * MINUTE_NS, Color::Plain));
}

#[test]
fn what_was_forced_is_labelled() {
    let text = table(&forced(), 5 * MINUTE_NS, Color::Plain);
    let label =
        "\nforced: differs in machine.kernel (Linux 6.1.0 | Linux 6.9.1), pin (auto | pack)\n";
    assert!(text.contains(label) && text.contains("faster (noisy)"), "{text}");
    assert!(Comparison { answer: forced(), now_ns: 0 }.markdown().contains(label));
}

#[test]
fn pairs_for_documents_and_programs() {
    let [compared, different] =
        [compared(), different()].map(|answer| Comparison { answer, now_ns: 5 * MINUTE_NS });
    let texts = [
        compared.markdown(),
        compared.ndjson().trim_end().to_owned(),
        different.json().trim_end().to_owned(),
        compared.csv(),
        different.csv(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

/// Runs `compare latest latest` against an actor that answers so.
fn compare(answer: CompareSweepsResponse, more: &[&str]) -> (Option<i32>, String, String, String) {
    let keeper = Keeper { compared: answer, ..Keeper::default() };
    let actor = Actor { keeper: keeper.clone(), ..Actor::new(Mood::Kind) };
    let (code, out, err) = run(actor, &[&["compare", "latest", "4abcde"], more].concat());
    let heard = keeper.heard.lock().expect("no panic").join("\n");
    (code, out, err, heard)
}

#[test]
fn what_is_not_comparable_is_exit_5() {
    let (code, out, err, heard) = compare(different(), &[]);
    assert_eq!(code, Some(5), "{err}");
    assert!(out.contains("machine.kernel  Linux 6.1.0  Linux 6.9.1"), "{out}");
    assert_eq!(err, "next: gilctl compare 4abcde 9fghij --force compares nevertheless\n");
    let name = "sweeps/06a1f0zzzz9k3v7q2m8x4abcde";
    let wanted =
        format!("CompareSweepsRequest {{ names: [\"{name}\", \"{name}\"], force: false }}");
    assert_eq!(heard, wanted);
}

#[test]
fn grids_without_a_common_cell_are_exit_5() {
    let nothing = CompareSweepsResponse {
        cells: Vec::new(),
        verdict: "no cell of the first has its parameters in another.".into(),
        ..compared()
    };
    let (code, out, err, _) = compare(nothing.clone(), &[]);
    assert_eq!(code, Some(5), "{err}");
    assert!(out.ends_with("\nno cell of the first has its parameters in another.\n"), "{out}");
    assert_eq!(err, "next: gilctl rerun 4abcde asks for the first one's cells again\n");
    for format in ["json", "ndjson", "csv", "markdown"] {
        assert_eq!(compare(nothing.clone(), &["--output", format]).0, Some(5));
    }
}

#[test]
fn a_comparison_is_fine_whatever_it_says() {
    let (code, _, err, heard) = compare(forced(), &["--force"]);
    assert_eq!((code, err.as_str()), (Some(0), "next: gilctl show 9fghij\n"));
    assert!(heard.ends_with("force: true }"), "{heard}");
    let (code, out, _, _) = compare(compared(), &["--output", "ndjson"]);
    assert_eq!((code, out.lines().count()), (Some(0), 6));
}
