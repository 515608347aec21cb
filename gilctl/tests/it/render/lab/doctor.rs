//! Findings of the doctor.

use crate::support::labs::examined;
use proto::v1::Fitness;
use view::render::format::document::Document as _;

use crate::support::pages::{COLORED_PAGE, WIDE_PAGE};

#[test]
fn findings_in_four_formats() {
    let answer = examined(Fitness::Doubtful);
    let texts = [
        answer.table(WIDE_PAGE),
        answer.markdown(),
        answer.ndjson().trim_end().to_owned(),
        answer.json().trim_end().to_owned(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
    let bad = examined(Fitness::Bad).table(COLORED_PAGE);
    assert!(bad.contains("\u{1b}[1;97;41mgovernor"), "{bad}");
}
