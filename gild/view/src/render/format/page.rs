//! The page that text is laid out for: its width, its colours, and how much is shown.

use crate::render::format::color::Color;

/// How wide lines may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// So many columns of a terminal.
    Most(usize),
    /// As wide as it wants.
    Any,
}

impl Width {
    /// The most characters of a line.
    pub fn most(self) -> usize {
        match self {
            Self::Most(most) => most,
            Self::Any => usize::MAX,
        }
    }
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
    /// How wide lines may be.
    pub width: Width,
    /// How much is shown.
    pub extent: Extent,
}
