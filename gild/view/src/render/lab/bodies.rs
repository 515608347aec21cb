//! Bodies as instructions, per era: the instructions between load and store, those after which the
//! interpreter may switch threads, and whether updates can be lost.

use proto::v1::{Attention, GetBodyResponse, Instruction, Listing};

use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::{Field, object};
use crate::render::format::page::Page;
use crate::render::format::value::Value;
use crate::render::format::wrap::sentence;
use crate::render::format::{csv, enum_names};

/// Letter of the step that acquires the program's own lock.
const ACQUIRE: &str = "A";
/// A call that is a check site until the interpreter has specialised it.
const SPECIALISED: &str = "CALL_LEN";
/// Marks every line from the load up to the store.
const WINDOW: &str = "|";
const OPENING: &str = "<-- others may come in";

/// A body by the requested name, with the answer of the lab.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its name.
    pub name: String,
    /// Its source and its listings.
    pub answer: GetBodyResponse,
}

/// Bodies, a block for each body and era.
#[derive(Debug, Clone, PartialEq)]
pub struct Bodies(pub Vec<Body>);

impl Document for Bodies {
    fn table(&self, page: Page) -> String {
        let block = |body: &Body, listing: &Listing| {
            let heading = sentence(&heading(body, listing), page.width);
            let paint = |line: String| page.color.paint(Emphasis::Heading, &line);
            let mut lines: Vec<String> = heading.into_iter().map(paint).collect();
            lines.push(String::new());
            lines.extend(grid(listing).fitted(page.width, page.color));
            lines.push(String::new());
            lines.extend(sentence(&conclusion(listing), page.width));
            lines.into_iter().map(|line| line + "\n").collect::<String>()
        };
        self.each(block).collect::<Vec<String>>().join("\n")
    }

    fn markdown(&self) -> String {
        let block = |body: &Body, listing: &Listing| {
            let source = enum_names::one_line(&body.answer.source);
            let (grid, conclusion) = (grid(listing).markdown(), conclusion(listing));
            format!("### `{source}`, {}\n\n{grid}\n{conclusion}\n", name_and_era(body, listing))
        };
        self.each(block).collect::<Vec<String>>().join("\n")
    }

    fn csv(&self) -> String {
        csv::rows(self.instructions())
    }

    fn records(&self) -> Vec<Record> {
        self.listings().into_iter().map(|fields| Record::new("listing", fields)).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let listings: Vec<Value> = self.listings().into_iter().map(object).collect();
        vec![("listings", Some(listings.into()))]
    }
}

impl Bodies {
    /// The fields of each listing; its instructions are a list.
    fn listings(&self) -> Vec<Vec<Field>> {
        let record = |body: &Body, listing: &Listing| {
            let instructions: Vec<Value> =
                listing.instructions.iter().map(|it| object(of_instruction(it))).collect();
            let mut fields = of_listing(body, listing);
            fields.push(("instructions", Some(instructions.into())));
            fields
        };
        self.each(record).collect()
    }

    /// The fields of each instruction, numbered from 0 in its listing.
    fn instructions(&self) -> Vec<Vec<Field>> {
        let rows = |body: &Body, listing: &Listing| {
            let of_listing = of_listing(body, listing);
            let row = |(position, it): (usize, &Instruction)| {
                let mut fields = of_listing.clone();
                fields.push(("position", Some(Value::number(position as u64))));
                fields.extend(of_instruction(it));
                fields
            };
            listing.instructions.iter().enumerate().map(row).collect::<Vec<_>>()
        };
        self.each(rows).flatten().collect()
    }

    /// Every listing with its body, in order.
    fn each<T>(&self, of: impl Fn(&Body, &Listing) -> T) -> impl Iterator<Item = T> {
        let listed = |body| move |listing| (body, listing);
        let all = self.0.iter().flat_map(move |body| body.answer.listings.iter().map(listed(body)));
        all.map(move |(body, listing)| of(body, listing))
    }
}

fn of_listing(body: &Body, listing: &Listing) -> Vec<Field> {
    vec![
        ("body", Some(body.name.as_str().into())),
        ("source", Some(body.answer.source.as_str().into())),
        ("era", Some(listing.era.as_str().into())),
        ("can_lose", Some(listing.can_lose.into())),
    ]
}

fn of_instruction(it: &Instruction) -> [Field; 6] {
    [
        ("opcode", Some(it.opcode.as_str().into())),
        ("argument", Some(it.argument.as_str().into())),
        ("letter", Some(it.letter.as_str().into())),
        ("attention", enum_names::attention(it.attention()).map(Value::from)),
        ("in_window", Some(it.in_window.into())),
        ("lets_go", Some(it.lets_go.into())),
    ]
}

fn heading(body: &Body, listing: &Listing) -> String {
    format!("{}  ({})", enum_names::one_line(&body.answer.source), name_and_era(body, listing))
}

fn name_and_era(body: &Body, listing: &Listing) -> String {
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

/// The column AFTER IT of an instruction.
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

/// Whether other threads may run right after an instruction in the window.
fn lets_in(it: &Instruction) -> bool {
    it.in_window && (it.attention() == Attention::Site || it.lets_go)
}

/// The lab decides whether updates can be lost; the listing shows why.
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
            "Never loses updates: other threads wait for the program's own lock.".to_owned()
        }
        (false, _) if instructions.iter().any(|it| it.in_window && it.opcode == SPECIALISED) => {
            "Loses no updates in warm code: no site between load and store. A code object's first \
             calls, before the call is specialised, can lose some: they still check there."
                .to_owned()
        }
        (false, _) => "Never loses updates: no site between load and store.".to_owned(),
    }
}
