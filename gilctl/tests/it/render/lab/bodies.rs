//! Bodies as instructions.

use proto::v1::{Attention, GetBodyResponse};
use view::render::lab::bodies::{Bodies, Body};

use Attention::{Silent, Site, Tick};

use crate::support::labs::{called, listing};
use view::render::format::color::Color;
use view::render::format::document::Document as _;
use view::render::format::page::Page;

use crate::support::pages::WIDE_PAGE;

fn bodies() -> Bodies {
    let io = [
        ("L", "LOAD_GLOBAL", "num", Tick),
        ("I", "the call", "write(fd, ...)", Silent),
        ("S", "STORE_GLOBAL", "num", Tick),
    ];
    let locked = [
        ("A", "SETUP_WITH", "a | b", Site),
        ("L", "LOAD_GLOBAL", "num", Site),
        ("S", "STORE_GLOBAL", "num", Site),
        ("R", "the call", "lock.release()", Silent),
    ];
    let body = |name: &str, source: &str, listings| Body {
        name: name.into(),
        answer: GetBodyResponse { source: source.into(), listings },
    };
    Bodies(vec![
        Body { name: "call".into(), answer: called() },
        body("io", "t = num\nnum = t + 1", vec![listing("3.12", true, &io)]),
        body("locked", "with lock: num += 1", vec![listing("3.9", false, &locked)]),
    ])
}

#[test]
fn listings_as_blocks() {
    insta::assert_snapshot!(bodies().table(WIDE_PAGE));
}

#[test]
fn listings_as_markdown() {
    insta::assert_snapshot!(Bodies(bodies().0[1..].to_vec()).markdown());
}

#[test]
fn listings_as_ndjson() {
    insta::assert_snapshot!(bodies().ndjson());
}

#[test]
fn instructions_as_csv() {
    insta::assert_snapshot!(Bodies(bodies().0[1..].to_vec()).csv());
}

/// A switch site in the window is harmless where updates cannot be lost.
#[test]
fn only_openings_that_lose_updates_are_red() {
    let painted = bodies().table(Page { color: Color::Ansi, ..WIDE_PAGE });
    for line in painted.lines().filter(|line| line.contains("<-- others may come in")) {
        let is_locked = !line.starts_with("\u{1b}[31m|");
        assert_eq!(is_locked, line.starts_with("|  L"), "{line}");
    }
    assert_eq!(painted.matches("\u{1b}[31m").count(), 4);
}
