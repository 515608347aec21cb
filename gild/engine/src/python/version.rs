//! The version of a CPython, and whether it has a global lock.

use std::fmt;

/// Whether there is a global interpreter lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GlobalLock {
    /// Threads hold it in turn.
    Held,
    /// A free-threaded build that runs without it.
    Absent,
}

/// A version of `CPython`; displayed as `3.11.7`, without a lock as `3.13.0t`.
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

impl Version {
    /// Whether the lock changes hands after so many bytecodes, not after a time.
    pub const fn switches_by_ticks(self) -> bool {
        self.major == 2
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
        };
        write!(f, "{major}.{minor}.{micro}{suffix}")
    }
}
