//! The reasons of a sweep's figures, in each format.

use gilctl::render::explore::explanation::Explanation;
use gilctl::render::format::color::Color;
use gilctl::render::format::document::Document as _;
use gilctl::render::format::page::{Extent, Page, Width};
use proto::v1::{Agreement, CellExplanation, Claim, ExplainSweepResponse};

const NARROW: Page =
    Page { color: Color::Plain, width: Width::Most(80), extent: Extent::Screenful };

pub(crate) fn reasons() -> ExplainSweepResponse {
    let claim = |law: &str, claim: &str, measured: &str, agreement: Agreement| Claim {
        law: law.into(),
        claim: claim.into(),
        measured: measured.into(),
        agreement: agreement.into(),
    };
    let cells = vec![
        CellExplanation {
            cell: 0,
            title: "unlocked, 2 workers, 10 increments each".into(),
            claims: vec![
                claim("reachable values", "2 to 20", "11 to 20 in 100 attempts", Agreement::Yes),
                claim(
                    "rare-switch law",
                    "a switch is rare beside an increment, so that lost updates grow with the \
                     number of switches and not with that of increments",
                    "3.1 % [2.8-3.4] lost",
                    Agreement::Open,
                ),
                claim("promise", "no update is lost", "19 of 20 at worst", Agreement::No),
            ],
        },
        CellExplanation { cell: 3, title: "atomic".into(), claims: Vec::new() },
    ];
    ExplainSweepResponse { cells }
}

fn explanation() -> Explanation {
    let name = "sweeps/06a1f0zzzz9k3v7q2m8x4abcde".to_owned();
    Explanation { name, answer: reasons() }
}

#[test]
fn reasons_in_eighty_columns() {
    let text = explanation().table(NARROW);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn reasons_for_documents() {
    insta::assert_snapshot!(explanation().markdown());
}

#[test]
fn reasons_for_programs() {
    let texts = [
        explanation().json().trim_end().to_owned(),
        explanation().ndjson().trim_end().to_owned(),
        explanation().csv(),
    ];
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn what_disagrees_is_red() {
    let text = explanation().table(Page { color: Color::Ansi, ..NARROW });
    assert!(text.lines().any(|line| line.starts_with("\u{1b}[31mpromise ")), "{text}");
}
