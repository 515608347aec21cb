//! Documents: what a command prints, made of tables and records, and the one function that puts a
//! document into the chosen format.

use crate::render::format::grid::Grid;
use crate::render::format::json::Field;
use crate::render::format::page::Page;
use crate::render::format::wrap::sentence;
use crate::render::format::{csv, json};
use crate::request::output::Output;

/// A line of NDJSON, or a row of CSV: a kind and named fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The value of the field `kind`, the first of a line of NDJSON.
    pub kind: &'static str,
    /// Its other fields.
    pub fields: Vec<Field>,
}

impl Record {
    /// A record of this kind.
    pub fn new(kind: &'static str, fields: Vec<Field>) -> Self {
        Self { kind, fields }
    }

    /// The record as a line of NDJSON, without its end.
    pub fn line(self) -> String {
        json::line(self.kind, self.fields)
    }
}

/// What a command prints. A document consists of tables for people and of records for programs;
/// formats that need more than these override the method of the format.
pub trait Document {
    /// The tables, in order; none where [`Document::table`] and [`Document::markdown`] are
    /// overridden.
    fn grids(&self) -> Vec<Grid> {
        Vec::new()
    }

    /// The records, in order.
    fn records(&self) -> Vec<Record>;

    /// The fields of the one JSON document.
    fn fields(&self) -> Vec<Field>;

    /// The text for a terminal: by default the tables, an empty line between two of them.
    fn table(&self, page: Page) -> String {
        let text = |grid: &Grid| grid.fitted(page.width, page.color).join("\n") + "\n";
        self.grids().iter().map(text).collect::<Vec<String>>().join("\n")
    }

    /// The Markdown text: by default the tables, an empty line between two of them.
    fn markdown(&self) -> String {
        self.grids().iter().map(Grid::markdown).collect::<Vec<String>>().join("\n")
    }

    /// The rows of CSV: by default a row per record, under the names of the first.
    fn csv(&self) -> String {
        csv::rows(self.records().into_iter().map(|record| record.fields).collect())
    }

    /// The lines of NDJSON: by default a line per record.
    fn ndjson(&self) -> String {
        self.records().into_iter().map(|record| record.line() + "\n").collect()
    }

    /// The JSON document on one line.
    fn json(&self) -> String {
        json::document_of(self.fields()) + "\n"
    }
}

/// The text of a document in a format; `page` matters for [`Output::Table`] only.
pub fn text(document: &impl Document, output: Output, page: Page) -> String {
    match output {
        Output::Table => document.table(page),
        Output::Markdown => document.markdown(),
        Output::Csv => document.csv(),
        Output::Ndjson => document.ndjson(),
        Output::Json => document.json(),
    }
}

/// A document of one line of text, and of one record for programs.
#[derive(Debug, Clone, PartialEq)]
pub struct OneLine {
    /// The line for people, also in Markdown and CSV.
    pub text: String,
    /// The record.
    pub record: Record,
}

impl Document for OneLine {
    fn records(&self) -> Vec<Record> {
        vec![self.record.clone()]
    }

    fn fields(&self) -> Vec<Field> {
        self.record.fields.clone()
    }

    fn table(&self, page: Page) -> String {
        sentence(&self.text, page.width).join("\n") + "\n"
    }

    fn markdown(&self) -> String {
        self.text.clone() + "\n"
    }

    fn csv(&self) -> String {
        self.text.clone() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::format::color::{Color, Emphasis};
    use crate::render::format::grid::Align;
    use crate::render::format::page::{Extent, Width};

    const PAGE: Page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };

    struct Pair;

    impl Document for Pair {
        fn grids(&self) -> Vec<Grid> {
            let mut grid = Grid::new([("NAME", Align::Left)]);
            grid.push(["a".to_owned()], Emphasis::None);
            vec![grid.clone(), grid]
        }

        fn records(&self) -> Vec<Record> {
            ["a", "b"].map(|name| Record::new("it", vec![("name", Some(name.into()))])).into()
        }

        fn fields(&self) -> Vec<Field> {
            vec![("names", Some(vec!["a", "b"].into()))]
        }
    }

    #[test]
    fn default_formats_are_made_of_tables_and_records() {
        assert_eq!(text(&Pair, Output::Table, PAGE), "NAME\na\n\nNAME\na\n");
        let table = "| NAME |\n|------|\n| a    |\n";
        assert_eq!(text(&Pair, Output::Markdown, PAGE), format!("{table}\n{table}"));
        assert_eq!(text(&Pair, Output::Csv, PAGE), "name\na\nb\n");
        let line =
            |name| format!("{{\"kind\":\"it\",\"schema\":\"gild.v2\",\"name\":\"{name}\"}}\n");
        assert_eq!(text(&Pair, Output::Ndjson, PAGE), line("a") + &line("b"));
        let document = "{\"schema\":\"gild.v2\",\"names\":[\"a\",\"b\"]}\n";
        assert_eq!(text(&Pair, Output::Json, PAGE), document);
    }

    #[test]
    fn one_line_is_text_for_people_and_a_record_for_programs() {
        let record = Record::new("imported", vec![("id", Some("x".into()))]);
        let line = OneLine { text: "x".to_owned(), record };
        for output in [Output::Table, Output::Markdown, Output::Csv] {
            assert_eq!(text(&line, output, PAGE), "x\n");
        }
        let record = "{\"kind\":\"imported\",\"schema\":\"gild.v2\",\"id\":\"x\"}\n";
        assert_eq!(text(&line, Output::Ndjson, PAGE), record);
        let document = "{\"schema\":\"gild.v2\",\"id\":\"x\"}\n";
        assert_eq!(text(&line, Output::Json, PAGE), document);
    }
}
