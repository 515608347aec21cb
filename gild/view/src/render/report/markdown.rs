//! A report in Markdown with its drawings in files beside it, e.g. for a pull request.

use std::fmt::Write as _;
use std::path::Path;

use crate::render::picture::svg;
use crate::render::report::content::{Compared, Report, ReportTable, SweepSection};
use crate::render::report::illustration::Illustration;

/// A drawing beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// What its file's name has after that of the text, e.g. `rate`.
    pub suffix: String,
    /// The SVG.
    pub svg: String,
}

/// The text of a report whose file has this name without its ending, and its drawings, which are beside
/// it in files of that name, a dash, the suffix, and `.svg`.
pub fn page(report: &Report, stem: &Path) -> (String, Vec<Drawing>) {
    let mut page = MarkdownPage { stem: link(stem), parts: Vec::new(), drawings: Vec::new() };
    page.heading(1, &report.title);
    let level = if report.compared.is_some() { 3 } else { 2 };
    if let Some(compared) = &report.compared {
        page.comparison(compared);
    }
    for section in &report.sections {
        let prefix = if level == 3 { format!("{}-", section.short) } else { String::new() };
        if level == 3 {
            page.heading(2, &section.title);
        }
        page.section(section, level, &prefix);
    }
    let again = if level == 3 { "The report again:" } else { "This report again:" };
    page.parts.push(again.to_owned());
    page.code(&report.command("md"));
    (page.parts.join("\n\n") + "\n", page.drawings)
}

struct MarkdownPage {
    /// The beginning of the links to drawings.
    stem: String,
    parts: Vec<String>,
    drawings: Vec<Drawing>,
}

impl MarkdownPage {
    fn heading(&mut self, level: usize, text: &str) {
        self.parts.push(format!("{} {}", "#".repeat(level), prose(text)));
    }

    fn code(&mut self, command: &str) {
        self.parts.push(format!("```sh\n{command}\n```"));
    }

    fn list(&mut self, items: &[String]) {
        let item = |it: &String| format!("- {}", prose(it));
        self.parts.push(items.iter().map(item).collect::<Vec<_>>().join("\n"));
    }

    fn comparison(&mut self, compared: &Compared) {
        self.parts.extend(compared.verdict.iter().map(|it| prose(it)));
        self.list(&compared.sweeps);
        if let Some(table) = &compared.table {
            self.table(table);
        }
        if let Some(picture) = &compared.picture {
            self.picture(picture, "");
        }
        if !compared.notes.is_empty() {
            self.list(&compared.notes);
        }
        self.code(&compared.command);
    }

    fn section(&mut self, section: &SweepSection, level: usize, prefix: &str) {
        self.parts.extend(section.verdict.iter().map(|it| prose(it)));
        self.heading(level, "Figures");
        self.table(&section.table);
        if !section.pictures.is_empty() {
            self.heading(level, "Pictures");
        }
        for picture in &section.pictures {
            self.picture(picture, prefix);
        }
        if !section.notes.is_empty() {
            self.heading(level, "Notes");
            self.list(&section.notes);
        }
        self.heading(level, "How it was measured");
        let facts = section.facts.iter().map(|fact| format!("{}: {}", fact.name, fact.text));
        self.list(&facts.collect::<Vec<_>>());
        self.code(&section.command);
    }

    fn table(&mut self, table: &ReportTable) {
        self.parts.push(table.grid.markdown().trim_end().to_owned());
        self.parts.extend(table.remarks.iter().map(|it| prose(it)));
    }

    fn picture(&mut self, picture: &Illustration, prefix: &str) {
        if picture.element.is_some() {
            let suffix = format!("{prefix}{}", picture.kind);
            let alt = alternative(&picture.picture.title);
            self.parts.push(format!("![{alt}]({}-{suffix}.svg)", self.stem));
            self.drawings.push(Drawing { suffix, svg: svg::drawing(&picture.picture) });
        }
        let notes = &picture.picture.notes;
        if !notes.is_empty() {
            self.parts.push(prose(&notes.join(" ")));
        }
        let title = prose(&picture.picture.title);
        let summary = format!("<details><summary>{title}: the numbers</summary>");
        self.parts.extend([summary, picture.numbers.markdown().trim_end().to_owned()]);
        self.parts.extend(picture.remarks.iter().map(|it| prose(it)));
        self.parts.push("</details>".to_owned());
    }
}

/// The text without anything that a reader takes for HTML; code between backticks stays code.
fn prose(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut is_code = false;
    for letter in text.chars() {
        is_code ^= letter == '`';
        match letter {
            '<' if !is_code => safe.push_str("&lt;"),
            '&' if !is_code => safe.push_str("&amp;"),
            control if control.is_control() => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}

/// The text of an image, without what ends it.
fn alternative(text: &str) -> String {
    prose(text).replace(['[', ']', '\\', '`'], " ")
}

/// A file name as a link: bytes other than plain letters, digits and `-._~` become `%XX`.
fn link(name: &Path) -> String {
    let mut link = String::new();
    for byte in name.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            link.push(char::from(*byte));
        } else {
            // Writing to memory does not fail.
            let _ = write!(link, "%{byte:02X}");
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_code_stays_code() {
        assert_eq!(prose("a <b> & `x <y>`"), "a &lt;b> &amp; `x <y>`");
        assert_eq!(alternative("[a](b)"), " a (b)");
    }

    #[test]
    fn link_has_no_letter_that_ends_it() {
        assert_eq!(link(Path::new("my (report)")), "my%20%28report%29");
    }
}
