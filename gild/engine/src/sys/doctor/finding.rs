//! A finding of the doctor: one property of the machine and its fitness for measuring.

/// Fitness for measuring, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fitness {
    /// Fit.
    Good,
    /// Not known.
    Unknown,
    /// Figures are less accurate.
    Doubtful,
    /// Figures mean little.
    Bad,
}

/// One property of the machine that affects measurements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its name, e.g. "governor".
    pub name: &'static str,
    /// The value found; "unknown" where the system does not report it.
    pub found: String,
    /// Its fitness.
    pub fitness: Fitness,
    /// Advice; empty where nothing needs to be done.
    pub advice: String,
}

/// Activity of the lab during the examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// Idle.
    Idle,
    /// Measuring or exploring, which is a part of the machine's load.
    Working,
}
