//! Tables of every command: their Markdown for a `CommonMark` reader, their CSV for readers that guess
//! the types of columns. The pages of the repository have tables too.

use std::path::{Path, PathBuf};

use proptest::prelude::{any, proptest};
use pulldown_cmark::{Event, Options, Parser, Tag};
use view::render::format::color::Emphasis;
use view::render::format::enum_names::one_line;
use view::render::format::grid::{Align, Grid};

use crate::numbers::documents::texts;
use crate::numbers::lab::FilledLab;

/// A text with whatever Markdown, or HTML in it, could take for its own.
const MARKUP: &str = "a|b `c|d` <e> \\| \\\\| *f* __g__ [h](i) &amp; ~~j~~ ![k](l)\n#m|";

/// A table as read: rows of cells, the heading first.
type Rows = Vec<Vec<String>>;

/// The tables of a text. Panics where a line that begins as a row does is in no table, and where a
/// row has another number of cells than the heading, which a reader would cut or fill up silently.
#[track_caller]
fn tables(markdown: &str, origin: &str) -> Vec<Rows> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let (mut tables, mut spans, mut code) = (Vec::<Rows>::new(), Vec::new(), Vec::new());
    for (event, span) in Parser::new_ext(markdown, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Table(_)) => {
                tables.push(Rows::new());
                spans.push(span);
            }
            Event::Start(Tag::CodeBlock(_)) => code.push(span),
            Event::Start(Tag::TableHead | Tag::TableRow) => last(&mut tables).push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                last(last(&mut tables).as_mut_slice()).push(String::new());
            }
            Event::Text(text) | Event::Code(text) if is_within(&spans, span.start) => {
                last(last(last(&mut tables).as_mut_slice()).as_mut_slice()).push_str(&text);
            }
            Event::InlineHtml(text) if is_within(&spans, span.start) => {
                panic!("{origin}: `{text}` is read as HTML");
            }
            _ => {}
        }
    }
    let mut at = 0;
    for line in markdown.split_inclusive('\n') {
        let is_row = line.starts_with('|') && !is_within(&code, at);
        assert!(!is_row || is_within(&spans, at), "{origin}: no table has the row {line}");
        at += line.len();
    }
    for span in spans {
        let rows: Vec<usize> = markdown[span].lines().map(cells).collect();
        assert!(rows.iter().all(|cells| *cells == rows[0]), "{origin}: {rows:?}: {tables:?}");
    }
    tables
}

fn last<T>(items: &mut [T]) -> &mut T {
    items.last_mut().expect("it has begun")
}

fn is_within(spans: &[std::ops::Range<usize>], at: usize) -> bool {
    spans.iter().any(|span| span.contains(&at))
}

/// Cells of a row as it is written: a backslash takes the next letter's meaning away.
fn cells(row: &str) -> usize {
    let (mut bars, mut letters) = (0, row.trim().chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '|' => bars += 1,
            _ => {}
        }
    }
    bars - 1
}

#[test]
fn tables_of_every_command_are_tables_for_a_commonmark_reader() {
    let lab = FilledLab::with(1, MARKUP);
    let (mut of_commands, mut marked) = (0, 0);
    for (command, markdown) in texts(&lab, "markdown") {
        let found = tables(&markdown, &command);
        of_commands += usize::from(!found.is_empty());
        for cell in found
            .iter()
            .flatten()
            .flatten()
            .filter(|cell| cell.contains('g') && cell.contains("#m"))
        {
            let [cell, text] = [cell, MARKUP].map(words);
            assert!(cell.contains(&text), "gilctl {command}: {cell}");
            marked += 1;
        }
    }
    assert!(of_commands > 15 && marked > 15, "{of_commands} commands, {marked} cells");
}

/// The text without line breaks, however those are shown.
fn words(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| *word != "⏎");
    words.collect::<Vec<_>>().join(" ")
}

fn grid(texts: &[String]) -> Grid {
    let mut grid = Grid::new([("NAME|\n`A`", Align::Left), ("<B>", Align::Right)]);
    for text in texts {
        grid.push([text.clone(), "87".to_owned()], Emphasis::None);
    }
    grid
}

proptest! {
    #[test]
    fn cells_are_read_as_the_texts_they_were(texts in proptest::collection::vec(
        proptest::string::string_regex("[ -~\n]{0,20}").expect("a pattern"), 0..4,
    ), odd in any::<bool>()) {
        let texts: Vec<String> =
            texts.into_iter().map(|it| if odd { it + "\\" } else { it }).collect();
        let found = tables(&grid(&texts).markdown(), "a grid");
        let heading = ["NAME| `A`".to_owned(), "<B>".to_owned()].to_vec();
        let rows = texts.iter().map(|it| vec![one_line(it).trim().to_owned(), "87".to_owned()]);
        assert_eq!(found, [[heading].into_iter().chain(rows).collect::<Vec<_>>()]);
    }
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = [".", "docs", "docs/decisions", "findings"];
    let entries = folders.map(|folder| std::fs::read_dir(root.join(folder)).expect("a folder"));
    let paths = entries.into_iter().flatten().map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "md")).collect()
}

#[test]
fn tables_of_every_page_are_tables_for_a_commonmark_reader() {
    let mut found = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        found += tables(&text, &page.display().to_string()).len();
    }
    assert!(found > 40, "{found} tables");
}

/// A version such as 3.10 is not the number 3.1, and no other text column looks like a number.
#[test]
fn era_in_csv_is_no_number() {
    let lab = FilledLab::with(1, "3.10");
    let mut eras = 0;
    for (command, csv) in texts(&lab, "csv") {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let Some(at) = header.iter().position(|name| name == "era") else { continue };
        for row in reader.records() {
            let row = row.expect("a row");
            assert!(row[at].is_empty() || row[at] == *"cpython-3.10", "gilctl {command}: {row:?}");
            eras += usize::from(!row[at].is_empty());
        }
    }
    assert!(eras > 5, "{eras}");
}
