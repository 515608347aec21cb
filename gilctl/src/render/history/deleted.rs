//! Deleted sweeps and explorations, by resource name.

use crate::ids;
use crate::ids::Kind;
use crate::render::format::color::Emphasis;
use crate::render::format::csv;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::{Field, object};
use crate::render::format::page::Page;
use crate::render::format::value::Value;

/// The items that were deleted, or that a dry run would delete.
#[derive(Debug, Clone, PartialEq)]
pub struct Deleted {
    /// Their resource names.
    pub names: Vec<String>,
    /// Fields of the JSON document about all of them.
    pub totals: Vec<Field>,
}

impl Document for Deleted {
    /// No table, not even a heading, where nothing was deleted.
    fn table(&self, page: Page) -> String {
        match self.names.as_slice() {
            [] => String::new(),
            names => grid(names).lines(page.color).join("\n") + "\n",
        }
    }

    fn grids(&self) -> Vec<Grid> {
        vec![grid(&self.names)]
    }

    fn csv(&self) -> String {
        csv::headed(&fields(""), self.names.iter().map(|name| fields(name)))
    }

    fn records(&self) -> Vec<Record> {
        self.names.iter().map(|name| Record::new("forgotten", fields(name))).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let all: Vec<Value> = self.names.iter().map(|name| object(fields(name))).collect();
        let mut document = vec![("forgotten", Some(all.into()))];
        document.extend(self.totals.clone());
        document
    }
}

fn grid(names: &[String]) -> Grid {
    let mut grid = Grid::new([("ID", Align::Left), ("KIND", Align::Left)]);
    for name in names {
        grid.push([ids::short(name), Kind::of(name).noun()].map(str::to_owned), Emphasis::None);
    }
    grid
}

fn fields(name: &str) -> Vec<Field> {
    vec![("id", Some(ids::id(name).into())), ("resource", Some(Kind::of(name).noun().into()))]
}
