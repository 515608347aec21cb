//! Bodies as instructions, era by era: which of them lie between load and store, after which the
//! interpreter lets others in, and whether updates can be lost by it.

use proto::v1::{Attention, GetBodyResponse, Instruction, Listing};
use serde_json::{Value, json};

use crate::render::format::color::{Color, Emphasis};
use crate::render::format::enum_names;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;

/// Letter of a step that takes a lock of the program's own.
const ACQUIRE: &str = "A";
/// Stands on every line from the load up to the store.
const WINDOW: &str = "|";
const OPENING: &str = "<-- others may come in";

/// A body by the name that was asked for, with what the lab said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its name.
    pub name: String,
    /// Its source and its listings.
    pub answer: GetBodyResponse,
}

/// A block for each body and era.
pub fn blocks(bodies: &[Body], ink: Color) -> String {
    let block = |body: &Body, listing: &Listing| {
        let mut lines = vec![ink.paint(Emphasis::Heading, &heading(body, listing)), String::new()];
        lines.extend(grid(listing).lines(ink));
        lines.extend([String::new(), conclusion(listing)]);
        lines.into_iter().map(|line| line + "\n").collect::<String>()
    };
    each(bodies, block).collect::<Vec<String>>().join("\n")
}

/// The blocks in Markdown.
pub fn markdown(bodies: &[Body]) -> String {
    let block = |body: &Body, listing: &Listing| {
        let source = enum_names::one_line(&body.answer.source);
        let (grid, conclusion) = (grid(listing).markdown(), conclusion(listing));
        format!("### `{source}`, {}\n\n{grid}\n{conclusion}\n", seen_by(body, listing))
    };
    each(bodies, block).collect::<Vec<String>>().join("\n")
}

/// A record for each body and era; its instructions are a list.
pub fn records(bodies: &[Body]) -> Vec<Vec<Field>> {
    let record = |body: &Body, listing: &Listing| {
        let instructions: Vec<Value> = listing.instructions.iter().map(instruction).collect();
        let mut fields = of_listing(body, listing);
        fields.push(("instructions", Some(instructions.into())));
        fields
    };
    each(bodies, record).collect()
}

/// A record for each instruction, numbered from 0 in its listing.
pub fn instructions(bodies: &[Body]) -> Vec<Vec<Field>> {
    let rows = |body: &Body, listing: &Listing| {
        let of_listing = of_listing(body, listing);
        let row = |(position, it): (usize, &Instruction)| {
            let mut fields = of_listing.clone();
            fields.extend([
                ("position", Some(position.into())),
                ("opcode", Some(it.opcode.as_str().into())),
                ("argument", Some(it.argument.as_str().into())),
                ("letter", Some(it.letter.as_str().into())),
                ("attention", enum_names::attention(it.attention()).map(Value::from)),
                ("in_window", Some(it.in_window.into())),
                ("lets_go", Some(it.lets_go.into())),
            ]);
            fields
        };
        listing.instructions.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    each(bodies, rows).flatten().collect()
}

/// Every listing with its body, in order.
fn each<T>(bodies: &[Body], of: impl Fn(&Body, &Listing) -> T) -> impl Iterator<Item = T> {
    let listed = |body| move |listing| (body, listing);
    let all = bodies.iter().flat_map(move |body| body.answer.listings.iter().map(listed(body)));
    all.map(move |(body, listing)| of(body, listing))
}

fn of_listing(body: &Body, listing: &Listing) -> Vec<Field> {
    vec![
        ("body", Some(body.name.as_str().into())),
        ("source", Some(body.answer.source.as_str().into())),
        ("era", Some(listing.era.as_str().into())),
        ("can_lose", Some(listing.can_lose.into())),
    ]
}

fn instruction(it: &Instruction) -> Value {
    json!({
        "opcode": it.opcode,
        "argument": it.argument,
        "letter": it.letter,
        "attention": enum_names::attention(it.attention()),
        "in_window": it.in_window,
        "lets_go": it.lets_go,
    })
}

fn heading(body: &Body, listing: &Listing) -> String {
    format!("{}  ({})", enum_names::one_line(&body.answer.source), seen_by(body, listing))
}

fn seen_by(body: &Body, listing: &Listing) -> String {
    format!("body {}, era {}", body.name, listing.era)
}

fn grid(listing: &Listing) -> Grid {
    let headings = ["", "STEP", "INSTRUCTION", "ARGUMENT", "AFTER IT"];
    let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
    for it in &listing.instructions {
        let window = if it.in_window { WINDOW } else { "" };
        let mark = if lets_in(it) && listing.can_lose { Emphasis::Lost } else { Emphasis::None };
        let after = after(it);
        let texts = [window, &it.letter, &it.opcode, &it.argument, &after];
        grid.push(texts.map(str::to_owned), mark);
    }
    grid
}

/// What happens right after an instruction.
fn after(it: &Instruction) -> String {
    let attention = match it.attention() {
        Attention::Site => Some("site"),
        Attention::Tick => Some("tick"),
        Attention::Silent | Attention::Unspecified => None,
    };
    let lets_go = it.lets_go.then_some("lets the lock go");
    let opening = lets_in(it).then_some(OPENING);
    [attention, lets_go, opening].into_iter().flatten().collect::<Vec<&str>>().join("  ")
}

/// Whether others may come between load and store right after an instruction.
fn lets_in(it: &Instruction) -> bool {
    it.in_window && (it.attention() == Attention::Site || it.lets_go)
}

/// Whether updates can be lost is the lab's word; why, is what the listing shows.
fn conclusion(listing: &Listing) -> String {
    let Listing { instructions, can_lose, .. } = listing;
    let openings = instructions.iter().filter(|it| lets_in(it)).count();
    let is_guarded = instructions.iter().any(|it| it.letter == ACQUIRE);
    match (can_lose, openings) {
        (true, 0) => "Can lose updates; no lock: others run at any step.".to_owned(),
        (true, 1) => "Can lose updates: others may come in once before the store.".to_owned(),
        (true, many) => {
            format!("Can lose updates: others may come in at {many} places before the store.")
        }
        (false, _) if is_guarded => {
            "Never loses updates: whoever comes in waits for the program's own lock.".to_owned()
        }
        (false, _) => "Never loses updates: no site between load and store.".to_owned(),
    }
}
