//! Help on the screen: the keys.

use crate::tui::draw::look::Look;
use crate::tui::keys::HELP;
use view::render::format::color::{Color, Emphasis};
use view::render::format::grid::{Align, Grid};

/// The keys with their meanings, in lines of so many columns.
pub(super) fn lines(look: &Look, columns: usize) -> Vec<String> {
    let mut grid = Grid::new([("KEYS", Align::Left), ("WHAT THEY DO", Align::Left)]).headless();
    for (keys, meaning) in HELP {
        grid.push([keys.to_owned(), meaning.to_owned()], Emphasis::None);
    }
    grid.fitted(look.page(columns).width, Color::Plain)
}
