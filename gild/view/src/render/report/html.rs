//! A report as one HTML file: no network, no script. It is also well-formed XML.

use askama::Template;

use crate::render::format::color::Emphasis;
use crate::render::format::grid::{Align, Grid};
use crate::render::picture::svg;
use crate::render::report::content::Report;

/// Columns of a table that the style sheet can align.
const COLUMNS_ALIGNED: usize = 24;

/// The page. Texts are escaped by the template; only drawings, the style sheet of the pen
/// and attributes are not.
#[derive(Template)]
#[template(path = "report.html")]
struct Html<'a> {
    report: &'a Report,
    style: String,
    command: String,
    /// The level of headings within a section.
    level: u8,
}

/// The file.
pub fn page(report: &Report) -> String {
    let level = if report.compared.is_some() { 3 } else { 2 };
    let html = Html {
        report,
        style: svg::page_style() + "\n" + &aligned(),
        command: report.command("html"),
        level,
    };
    // A template fails only where a value's text fails, and those of texts and numbers do not.
    clean(&html.render().unwrap_or_default())
}

/// Without characters that XML does not permit.
fn clean(text: &str) -> String {
    let is_control = |it: char| it.is_control() && !matches!(it, '\n' | '\t');
    let forbidden = |it: char| is_control(it) || matches!(it, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|it| if forbidden(it) { '\u{fffd}' } else { it }).collect()
}

/// A part of a sentence: what stands between backticks is code.
struct Phrase<'a> {
    text: &'a str,
    is_code: bool,
}

fn phrases(text: &str) -> Vec<Phrase<'_>> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Phrase { text, is_code: false }];
    }
    parts.iter().enumerate().map(|(at, text)| Phrase { text, is_code: at % 2 == 1 }).collect()
}

/// The attribute that a row has by its style, with a space before it.
trait Styled {
    fn attribute(&self) -> &'static str;
}

impl Styled for Emphasis {
    fn attribute(&self) -> &'static str {
        match self {
            Self::None | Self::Heading => "",
            Self::Lost => " class=\"lost\"",
            Self::Broken => " class=\"broken\"",
        }
    }
}

/// The classes of a table by its columns of numbers: `n2 n4`, counted from 1.
trait Numbered {
    fn numbers(&self) -> String;
}

impl Numbered for Grid {
    fn numbers(&self) -> String {
        let columns = self.columns().iter().enumerate().take(COLUMNS_ALIGNED);
        let right = columns.filter(|(_, (_, align))| *align == Align::Right);
        right.map(|(at, _)| format!("n{}", at + 1)).collect::<Vec<_>>().join(" ")
    }
}

/// The style of columns of numbers.
fn aligned() -> String {
    let column = |at: usize| format!(".n{at} th:nth-child({at}),.n{at} td:nth-child({at})");
    let all: Vec<String> = (1..=COLUMNS_ALIGNED).map(column).collect();
    format!("{}{{text-align:right}}", all.join(","))
}
