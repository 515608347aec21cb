//! A finding of the doctor: one property of the machine, and how fit it is to measure.

/// How fit something is for measuring; the later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fitness {
    /// It is fit.
    Good,
    /// Nothing is known of it.
    Unknown,
    /// Figures suffer.
    Doubtful,
    /// Figures mean little.
    Bad,
}

/// One thing that matters to measuring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its name, e.g. "governor".
    pub name: &'static str,
    /// What was found; "unknown" where the system does not say.
    pub found: String,
    /// How fit it is.
    pub fitness: Fitness,
    /// What to do about it; empty where nothing needs to be done.
    pub advice: String,
}

/// What the lab itself did during the examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// Nothing.
    Idle,
    /// It measured or searched, which is a part of the machine's load.
    Working,
}
