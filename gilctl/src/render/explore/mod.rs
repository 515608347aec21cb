//! What the explorer's commands print: outcomes, schedules as pictures, reasons. Pure functions
//! from the daemon's words to text; what is lost, possible or likely is never worked out here.

pub mod diagram;
pub mod explanation;
pub mod exploration;
pub mod header;
pub mod list;
pub mod narrative;
pub mod outcomes;
pub mod record;
pub mod replay;
pub mod segments;
pub mod svg;

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
    pub ink: crate::render::format::color::Color,
    /// How wide lines may be, if it can be achieved.
    pub width: crate::render::sweep::table::Width,
    /// How much is shown.
    pub extent: Extent,
}
