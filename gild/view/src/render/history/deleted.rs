//! Deleted sweeps and explorations.

use std::collections::HashMap;

use proto::v1::{Exploration, Sweep};

use crate::ids;
use crate::ids::Kind;
use crate::listed::Jobs;
use crate::render::format::color::Emphasis;
use crate::render::format::csv;
use crate::render::format::document::{Document, Record};
use crate::render::format::enum_names;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::{Field, object};
use crate::render::format::page::Page;
use crate::render::format::value::Value;

/// A job that was or would be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeletedItem {
    /// Its resource name.
    pub name: String,
    /// Its owner; empty where the lab did not say.
    pub owner: String,
    /// Its state; empty where it was not listed.
    pub state: String,
}

impl DeletedItem {
    /// The named jobs, with what a list says of them.
    pub fn all(names: Vec<String>, jobs: &Jobs) -> Vec<Self> {
        let sweep = |sweep: &Sweep| Self {
            name: sweep.name.clone(),
            owner: sweep.owner.clone(),
            state: enum_names::state(sweep.state()).to_owned(),
        };
        let exploration = |one: &Exploration| Self {
            name: one.name.clone(),
            owner: one.owner.clone(),
            state: enum_names::state(one.state()).to_owned(),
        };
        let sweeps = jobs.sweeps.jobs.iter().map(sweep);
        let listed = sweeps.chain(jobs.explorations.jobs.iter().map(exploration));
        let mut listed: HashMap<String, Self> =
            listed.map(|item| (item.name.clone(), item)).collect();
        let item =
            |name: String| listed.remove(&name).unwrap_or_else(|| Self { name, ..Self::default() });
        names.into_iter().map(item).collect()
    }
}

/// The items that were deleted, or that a dry run would delete.
#[derive(Debug, Clone, PartialEq)]
pub struct Deleted {
    /// The items.
    pub items: Vec<DeletedItem>,
    /// Fields of the JSON document about all of them.
    pub totals: Vec<Field>,
}

impl Document for Deleted {
    /// No table, not even a heading, where nothing was deleted.
    fn table(&self, page: Page) -> String {
        match self.items.as_slice() {
            [] => String::new(),
            items => grid(items).fitted(page.width, page.color).join("\n") + "\n",
        }
    }

    fn grids(&self) -> Vec<Grid> {
        vec![grid(&self.items)]
    }

    fn csv(&self) -> String {
        csv::headed(&fields(&DeletedItem::default()), self.items.iter().map(fields))
    }

    fn records(&self) -> Vec<Record> {
        self.items.iter().map(|item| Record::new("forgotten", fields(item))).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let all: Vec<Value> = self.items.iter().map(|item| object(fields(item))).collect();
        let mut document = vec![("forgotten", Some(all.into()))];
        document.extend(self.totals.clone());
        document
    }
}

/// The items as a table; owners only where there are some.
pub fn grid(items: &[DeletedItem]) -> Grid {
    let has_owners = items.iter().any(|item| !item.owner.is_empty());
    let columns = ["ID", "KIND", "STATE", "OWNER"].map(|heading| (heading, Align::Left));
    let shown = if has_owners { columns.len() } else { columns.len() - 1 };
    let mut grid = Grid::new(columns.into_iter().take(shown));
    for DeletedItem { name, owner, state } in items {
        let texts = [ids::short(name), Kind::of(name).noun(), state, owner];
        grid.push(texts.into_iter().take(shown).map(str::to_owned), Emphasis::None);
    }
    grid
}

fn fields(item: &DeletedItem) -> Vec<Field> {
    let text = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Value::from);
    vec![
        ("id", Some(ids::id(&item.name).into())),
        ("resource", Some(Kind::of(&item.name).noun().into())),
        ("state", text(&item.state)),
        ("owner", text(&item.owner)),
    ]
}
