//! What the explorer's commands print: outcomes, schedules as pictures, reasons. Pure functions
//! from the daemon's words to text; what is lost, possible or likely is never worked out here.

pub mod explanation;
pub mod header;
pub mod listed;
pub mod outcomes;
pub mod picture;
pub mod play;
pub mod record;
pub mod replay;
pub mod svg;
pub mod told;
pub mod whole;
pub mod wrap;

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
    pub ink: super::ink::Ink,
    /// How wide lines may be, if it can be achieved.
    pub width: super::table::Width,
    /// How much is shown.
    pub extent: Extent,
}
