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
