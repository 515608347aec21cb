//! Explanation of a sweep.

use crate::support::explorations::reasons;
use view::render::explore::explanation::Explanation;
use view::render::format::color::Color;
use view::render::format::document::Document as _;
use view::render::format::page::Page;

use crate::support::pages::NARROW_PAGE;

fn explanation() -> Explanation {
    let name = "sweeps/06a1f0zzzz9k3v7q2m8x4abcde".to_owned();
    Explanation { name, answer: reasons() }
}

#[test]
fn explanation_fits_80_columns() {
    let text = explanation().table(NARROW_PAGE);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn explanation_as_markdown() {
    insta::assert_snapshot!(explanation().markdown());
}

#[test]
fn explanation_as_json_ndjson_and_csv() {
    let texts = [
        explanation().json().trim_end().to_owned(),
        explanation().ndjson().trim_end().to_owned(),
        explanation().csv(),
    ];
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn disagreeing_claim_is_red() {
    let text = explanation().table(Page { color: Color::Ansi, ..NARROW_PAGE });
    assert!(text.lines().any(|line| line.starts_with("\u{1b}[31mpromise ")), "{text}");
}
