//! The version of a CPython, and whether it has a global lock.

use std::fmt;

use strategies::program::era::RuleKind;

/// Whether there is a global interpreter lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GlobalLock {
    /// Threads hold it in turn.
    Held,
    /// A free-threaded build that runs without it.
    Absent,
    /// A free-threaded build that runs with it all the same.
    Enabled,
}

/// A version of `CPython`; displayed as `3.11.7`, without a lock as `3.13.0t`, and a free-threaded
/// build with its lock as `3.13.0t with its GIL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// 2 or 3.
    pub major: u8,
    /// What changes the interpreter.
    pub minor: u8,
    /// What repairs it.
    pub micro: u8,
    /// Whether there is a global interpreter lock.
    pub lock: GlobalLock,
}

/// Versions that the lab runs and models, in words.
pub(crate) const SUPPORTED: &str = "CPython 2.7 and 3.2 to 3.13 are supported, and later ones are \
                                    measured without being compared with a model";

impl Version {
    /// How its lock changes hands, which every version tells.
    pub const fn rule_kind(self) -> RuleKind {
        match self {
            Self { lock: GlobalLock::Absent, .. } => RuleKind::Free,
            Self { major: 2, .. } => RuleKind::Ticks,
            Self { .. } => RuleKind::Interval,
        }
    }

    pub(crate) const fn is_supported(self) -> bool {
        matches!((self.major, self.minor), (2, 7..) | (3, 2..) | (4.., _))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, micro, lock } = self;
        let suffix = match lock {
            GlobalLock::Held => "",
            GlobalLock::Absent => "t",
            GlobalLock::Enabled => "t with its GIL",
        };
        write!(f, "{major}.{minor}.{micro}{suffix}")
    }
}
