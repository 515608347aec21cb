//! The page that text is laid out for: its width, its colours, and how much is shown.

use crate::render::format::color::Color;

/// How wide a table may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// So many characters, if leaving out dispensable columns achieves it.
    Most(usize),
    /// As wide as it wants.
    Any,
}

/// How much of something long is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// As much as a person reads at once.
    Screenful,
    /// All of it.
    Everything,
}

/// How a page is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Colour or none.
    pub color: Color,
    /// How wide lines may be, if it can be achieved.
    pub width: Width,
    /// How much is shown.
    pub extent: Extent,
}
