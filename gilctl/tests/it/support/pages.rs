//! Pages and styles for rendered text.

use view::render::format::color::Color;
use view::render::format::page::{Extent, Page, Width};
use view::render::sweep::columns::Columns;
use view::render::sweep::table::Style;

/// A terminal of 80 columns.
pub(crate) const NARROW_PAGE: Page =
    Page { color: Color::Plain, width: Width::Most(80), extent: Extent::Screenful };
/// A pipe.
pub(crate) const WIDE_PAGE: Page =
    Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };
/// A pipe with colours.
pub(crate) const COLORED_PAGE: Page = Page { color: Color::Ansi, ..WIDE_PAGE };
/// A table of the usual columns in 120 columns.
pub(crate) const NARROW: Style =
    Style { color: Color::Plain, width: Width::Most(120), columns: Columns::Usual };
/// A table of every column.
pub(crate) const WIDE: Style =
    Style { color: Color::Plain, width: Width::Any, columns: Columns::Every };
