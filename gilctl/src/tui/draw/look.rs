//! Look of the screen: colours, characters, columns, and where the lab is.

use view::render::format::color::Color;
use view::render::format::page::{Extent, Page, Width};
use view::render::picture::text::page::Charset;
use view::render::sweep::columns::Columns;
use view::render::sweep::table::Style;

/// How the screen is set; the same from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Colour or none: without it nothing is bold or reversed either.
    pub color: Color,
    /// Which characters the terminal has.
    pub charset: Charset,
    /// Which columns the table of a sweep has.
    pub columns: Columns,
    /// How much is shown of an exploration.
    pub extent: Extent,
    /// Where the lab is, in words.
    pub location: String,
}

impl Look {
    /// How a table of so many columns of characters is set.
    pub fn style(&self, columns: usize) -> Style {
        Style { color: self.color, width: Width::Most(columns), columns: self.columns }
    }

    /// How a document of so many columns of characters is set.
    pub fn page(&self, columns: usize) -> Page {
        Page { color: self.color, width: Width::Most(columns), extent: self.extent }
    }
}
