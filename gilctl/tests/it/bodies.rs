//! Bodies as instructions: one era with sites, one with fewer, one without a lock.

use gilctl::render::format::color::Color;
use gilctl::render::format::document::Document as _;
use gilctl::render::format::page::{Extent, Page, Width};
use gilctl::render::lab::bodies::{Bodies, Body};
use proto::v1::{Attention, GetBodyResponse, Instruction, Listing};

use Attention::{Silent, Site, Tick};

const WIDE: Page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };

/// An instruction, its letter, and what the interpreter does after it.
type Line = (&'static str, &'static str, &'static str, Attention);

fn listing(era: &str, can_lose: bool, lines: &[Line]) -> Listing {
    let store = lines.iter().position(|(letter, ..)| *letter == "S").unwrap_or(0);
    let load = lines.iter().position(|(letter, ..)| *letter == "L").unwrap_or(store);
    let instruction = |(at, (letter, opcode, argument, attention)): (usize, &Line)| Instruction {
        opcode: (*opcode).into(),
        argument: (*argument).into(),
        letter: (*letter).into(),
        attention: (*attention).into(),
        in_window: (load..store).contains(&at),
        lets_go: *letter == "I",
    };
    let instructions = lines.iter().enumerate().map(instruction).collect();
    Listing { era: era.into(), instructions, can_lose }
}

fn call(load: Attention, call: Attention, jump: Attention) -> [Line; 5] {
    [
        ("L", "LOAD_GLOBAL", "num", load),
        ("C", "CALL", "one()", call),
        (",", "LOAD_CONST", "1", Silent),
        ("S", "STORE_GLOBAL", "num", load),
        ("J", "JUMP_BACKWARD", "", jump),
    ]
}

/// `call` as four eras see it, the first of them invented.
pub(crate) fn called() -> GetBodyResponse {
    GetBodyResponse {
        source: "num += one()".into(),
        listings: vec![
            listing("2.0", false, &call(Tick, Tick, Site)),
            listing("3.9", true, &call(Site, Site, Site)),
            listing("3.12", true, &call(Tick, Site, Site)),
            listing("3.13t", true, &call(Silent, Silent, Silent)),
        ],
    }
}

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
fn listings_for_people() {
    insta::assert_snapshot!(bodies().table(WIDE));
}

#[test]
fn listings_for_documents() {
    insta::assert_snapshot!(Bodies(bodies().0[1..].to_vec()).markdown());
}

#[test]
fn listings_for_programs() {
    insta::assert_snapshot!(bodies().ndjson());
}

#[test]
fn instructions_for_spreadsheets() {
    insta::assert_snapshot!(Bodies(bodies().0[1..].to_vec()).csv());
}

/// Where updates cannot be lost, an opening is nothing to worry about.
#[test]
fn only_openings_that_lose_are_red() {
    let painted = bodies().table(Page { color: Color::Ansi, ..WIDE });
    for line in painted.lines().filter(|line| line.contains("<-- others may come in")) {
        let is_locked = !line.starts_with("\u{1b}[31m|");
        assert_eq!(is_locked, line.starts_with("|  L"), "{line}");
    }
    assert_eq!(painted.matches("\u{1b}[31m").count(), 4);
}
