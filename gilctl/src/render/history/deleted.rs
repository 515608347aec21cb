//! What is forgotten: resource names, as rows.

use crate::ids;
use crate::ids::Kind;
use crate::render::format::color::Emphasis;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;

/// The names as a table.
pub fn grid(names: &[String]) -> Grid {
    let mut grid = Grid::new([("ID", Align::Left), ("KIND", Align::Left)]);
    for name in names {
        grid.push([ids::short(name), Kind::of(name).noun()].map(str::to_owned), Emphasis::None);
    }
    grid
}

/// One of them as named fields.
pub fn fields(name: &str) -> Vec<Field> {
    vec![("id", Some(ids::id(name).into())), ("resource", Some(Kind::of(name).noun().into()))]
}
