//! Comparison of sweeps.

use crate::support::comparisons::{
    MINUTE_NS, compared, different, forced, paired_by_force, sweep, unpaired,
};
use proto::v1::CompareSweepsResponse;
use view::render::format::color::Color;
use view::render::format::document::Document as _;
use view::render::format::page::Page;
use view::render::history::comparison::Comparison;

use crate::support::pages::{NARROW_PAGE, WIDE_PAGE};

fn table(answer: &CompareSweepsResponse, now_ns: u64, color: Color) -> String {
    Comparison { answer: answer.clone(), now_ns }.table(Page { color, ..WIDE_PAGE })
}

#[test]
fn pairs_as_table() {
    insta::assert_snapshot!(table(&compared(), 5 * MINUTE_NS, Color::Plain));
    let coloured = table(&compared(), 0, Color::Ansi);
    assert!(coloured.contains("\u{1b}[1;97;41mbroken"), "{coloured}");
}

#[test]
fn several_sweeps_have_an_against_column() {
    let mut answer = compared();
    answer.sweeps.push(sweep("2klmno", 4));
    answer.cells[1].other = 2;
    insta::assert_snapshot!(table(&answer, 5 * MINUTE_NS, Color::Plain));
}

/// What may differ because nothing reports it, after the verdict and in its own field.
#[test]
fn property_that_is_not_known_to_be_equal_is_named() {
    let unknown = vec!["machine.cpu_model".into(), "machine.governor".into()];
    let answer = CompareSweepsResponse { unknown, ..compared() };
    let note = "note: not known to be equal, because the system does not report it: \
                machine.cpu_model, machine.governor\n";
    let document = Comparison { answer: answer.clone(), now_ns: 0 };
    assert!(table(&answer, 0, Color::Plain).ends_with(note));
    assert!(document.markdown().ends_with(note));
    let field = r#""unknown":["machine.cpu_model","machine.governor"]"#;
    assert!(document.ndjson().contains(field) && document.json().contains(field));
    assert!(!table(&compared(), 0, Color::Plain).contains("not known"));
}

#[test]
fn differences_as_table() {
    insta::assert_snapshot!(table(&different(), 5 * MINUTE_NS, Color::Plain));
}

#[test]
fn forced_comparison_is_labelled() {
    let text = table(&forced(), 5 * MINUTE_NS, Color::Plain);
    let label =
        "\nforced: differs in machine.kernel (Linux 6.1.0 | Linux 6.9.1), --pin (auto | pack)\n";
    assert!(text.contains(label) && text.contains("faster (noisy)"), "{text}");
    assert!(Comparison { answer: forced(), now_ns: 0 }.markdown().contains(label));
}

#[test]
fn comparison_in_other_formats() {
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

/// Both values of what is ignored stand in the rows and over them, in every format.
#[test]
fn cells_of_other_parameters_are_shown_with_both() {
    let [unpaired, paired] =
        [unpaired(), paired_by_force()].map(|answer| Comparison { answer, now_ns: 5 * MINUTE_NS });
    let page = Page { color: Color::Plain, ..WIDE_PAGE };
    let texts = [
        unpaired.table(page),
        unpaired.csv(),
        unpaired.ndjson(),
        paired.table(page),
        paired.markdown(),
        paired.json(),
        paired.ndjson(),
        paired.csv(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
    let coloured = paired.table(Page { color: Color::Ansi, ..WIDE_PAGE });
    assert!(coloured.contains("\u{1b}[31mignored: --strategy (ticket | mcs)"), "{coloured}");
}

/// Columns of which the ratio and the outcome are made are left out first.
#[test]
fn comparison_fits_80_columns() {
    let document = Comparison { answer: compared(), now_ns: 5 * MINUTE_NS };
    let text = document.table(NARROW_PAGE);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}
