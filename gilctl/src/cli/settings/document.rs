//! Settings of gilctl as a table and as documents.

use gild::daemon::settings::load::Effective;

use view::render::format::color::Emphasis;
use view::render::format::document::{Document, Record};
use view::render::format::grid::{Align, Grid};
use view::render::format::json::{Field, object};
use view::render::format::value::Value;

/// Where origins stand; documents always have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownOrigin {
    /// In a column of the table.
    Column,
    /// Not in the table.
    DocumentsOnly,
}

/// The settings, in the order of `--help`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSettings {
    /// Each as it applies.
    pub settings: Vec<Effective>,
    /// Whether the table has their origins.
    pub origin: ShownOrigin,
}

impl Document for ShownSettings {
    fn grids(&self) -> Vec<Grid> {
        let columns = match self.origin {
            ShownOrigin::Column => 3,
            ShownOrigin::DocumentsOnly => 2,
        };
        let headings = ["SETTING", "VALUE", "ORIGIN"].into_iter().take(columns);
        let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
        for it in &self.settings {
            let value = value(it).unwrap_or_else(|| "not set".to_owned());
            let row = [it.key.clone(), value, it.origin.to_string()];
            grid.push(row.into_iter().take(columns), Emphasis::None);
        }
        vec![grid]
    }

    fn records(&self) -> Vec<Record> {
        self.settings.iter().map(|it| Record::new("setting", fields(it))).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let all: Vec<Value> = self.settings.iter().map(|it| object(fields(it))).collect();
        vec![("settings", Some(all.into()))]
    }
}

fn fields(it: &Effective) -> Vec<Field> {
    vec![
        ("setting", Some(it.key.as_str().into())),
        ("value", value(it).map(|value| value.as_str().into())),
        ("origin", Some(it.origin.to_string().as_str().into())),
    ]
}

fn value(it: &Effective) -> Option<String> {
    Some(it.values.join(",")).filter(|value| !value.is_empty())
}
