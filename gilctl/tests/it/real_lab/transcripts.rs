//! Transcripts of the pages for a person: each command is run again, and what the page shows of it has the
//! shape of the fresh run: the same headings and the same names of rows. Numbers are the machine's.

use crate::real_lab::documented::{Place, page};

/// The pages with transcripts.
const PAGES: [&str; 3] = ["docs/teacher.md", "docs/lock-author.md", "docs/administrator.md"];
/// Fewest names of rows and headings that the transcripts of a page have together.
const NAMES_MIN: usize = 10;

/// A command, and what the page shows of it.
struct Transcript {
    command: String,
    shown: String,
}

fn transcripts(page: &str) -> Vec<Transcript> {
    let blocks = page.split("```text\n").skip(1);
    let of = |block: &str| {
        let (block, _) = block.split_once("```").expect("each block ends");
        let (command, shown) = block.strip_prefix("$ ")?.split_once('\n')?;
        Some(Transcript { command: command.to_owned(), shown: shown.to_owned() })
    };
    blocks.filter_map(of).collect()
}

/// Digits are the machine's, and so is how many there are.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for letter in text.chars() {
        match (letter.is_ascii_digit(), masked.ends_with('#')) {
            (true, true) => {}
            (true, false) => masked.push('#'),
            (false, _) => masked.push(letter),
        }
    }
    masked
}

/// What stands first in the lines of tables: the headings and the names of rows, but not the letters of a
/// picture's legend, which depend on whether the machine was busy.
fn names(shown: &str) -> Vec<String> {
    let is_row = |line: &&str| {
        let begins = line.starts_with(|letter: char| letter.is_alphabetic());
        begins && line.contains("  ") && !line.contains(" · ")
    };
    let name = |line: &str| line.split_once("  ").map(|(name, _)| masked(name));
    let is_legend = |name: &String| name.chars().count() == 1;
    shown.lines().filter(is_row).filter_map(name).filter(|name| !is_legend(name)).collect()
}

/// Words of headings: capitals only.
fn headings(shown: &str) -> Vec<String> {
    let is_heading = |word: &&str| word.len() > 2 && word.chars().all(|it| it.is_ascii_uppercase());
    let is_line = |line: &&str| line.split_whitespace().filter(is_heading).count() > 1;
    let lines = shown.lines().filter(is_line).flat_map(str::split_whitespace);
    lines.filter(is_heading).map(str::to_owned).collect()
}

#[test]
fn transcripts_of_the_pages_have_the_shape_of_a_fresh_run() {
    for name in PAGES {
        let place = Place::new();
        let mut found = 0;
        let page = page(name);
        for Transcript { command, shown } in transcripts(&page) {
            let fresh = place.transcript(&command);
            let begins: Vec<String> = fresh.lines().map(masked).collect();
            for row in names(&shown) {
                let is_there = begins.iter().any(|line| line.starts_with(&row));
                assert!(is_there, "{name}: `{command}` has no row `{row}`: {fresh}");
                found += 1;
            }
            for heading in headings(&shown) {
                assert!(fresh.contains(&heading), "{name}: `{command}` has no {heading}: {fresh}");
                found += 1;
            }
        }
        assert!(found >= NAMES_MIN, "{name}: {found} names");
    }
}

/// A page for a person answers its question with few commands.
#[test]
fn page_for_a_person_has_at_most_five_commands_and_a_picture() {
    for name in PAGES {
        let page = page(name);
        let (block, _) =
            page.split_once("```sh\n").expect("commands").1.split_once("```").expect("an end");
        assert!(block.lines().count() <= 5, "{name}: {block}");
        assert!(block.contains("gilctl plot "), "{name}: {block}");
        assert!(page.contains("┤"), "{name} shows no picture");
    }
}
