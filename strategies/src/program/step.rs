//! The vocabulary of steps, and the one table that says per era which step ticks and which is a
//! check site.
//!
//! A step is one bytecode-like instruction: the smallest thing a task does that another task can
//! come between. Nothing here runs; [`crate::program::bodies`] writes bodies with it and [`crate::harness::body::compile`]
//! turns them into work.
//!
//! ```text
//! letter  step           2.7-3.9  3.10    3.11-3.13  what it stands for
//! L       Load           site     tick    tick       LOAD_GLOBAL num: the window opens
//! S       Store          site     tick    tick       STORE_GLOBAL num: the window closes
//! .       Local          site     tick    tick       FOR_ITER, INPLACE_ADD, LOAD_GLOBAL of another name
//! ,       Quiet          silent   silent  silent     LOAD_CONST, STORE_FAST: never looked after
//! C       Call           site     site    site       a call: the callee's entry, or the return from C
//! N       CallReturn     site     site    tick       the return from a Python function, or from len
//! F       JumpForward    silent   site    silent     a forward jump on a condition, taken
//! J       JumpBackward   site     site    site       the loop's jump
//! I       Write          silent   silent  silent     a system call: the lock is let go around it
//! A       Acquire        site     tick    tick       `with lock:` takes a lock of the program's own
//! R       Release        silent   silent  silent     and lets it go; the call that does so follows
//! ```
//! Free-threaded 3.13 has no lock and looks nowhere. The table is that of warm code: from 3.11 on a
//! code object's first calls of `len` are sites, until they are specialised.
//!
//! Sources: `DISPATCH`/`FAST_DISPATCH` in `Python/ceval.c` up to 3.9 (jumps on exact booleans are
//! fast); `CHECK_EVAL_BREAKER` in `Python/ceval.c` of 3.10 and 3.11, `Python/bytecodes.c` from
//! 3.12. A site also ticks; a tick that is no site counts down a tick budget but cannot itself
//! switch, which no `CPython` has (ticks from 3.10 on are hypothetical).

use std::fmt;

/// One bytecode-like instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Reads the shared counter.
    Load,
    /// Writes the shared counter: one more than the value that was read.
    Store,
    /// An ordinary instruction on local data.
    Local,
    /// An instruction so cheap that no era looks after it.
    Quiet,
    /// A call of a function.
    Call,
    /// The return from a Python function into its caller, or from `len`: later interpreters no
    /// longer look there.
    CallReturn,
    /// A forward jump on a condition, taken.
    JumpForward,
    /// The jump back to a loop's head.
    JumpBackward,
    /// A system call that returns at once.
    Write,
    /// Takes a lock of the program's own, shared by all workers.
    Acquire,
    /// Lets that lock go.
    Release,
}

/// What a step does in addition to its work and the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SideEffect {
    /// Nothing.
    None,
    /// A system call that returns at once.
    Write,
    /// Takes the program's lock.
    Acquire,
    /// Lets the program's lock go.
    Release,
}

impl Step {
    /// Every step, in the order of the table above.
    pub const ALL: [Self; 11] = [
        Self::Load,
        Self::Store,
        Self::Local,
        Self::Quiet,
        Self::Call,
        Self::CallReturn,
        Self::JumpForward,
        Self::JumpBackward,
        Self::Write,
        Self::Acquire,
        Self::Release,
    ];

    /// The letter that stands for this step in a listing.
    pub const fn letter(self) -> char {
        match self {
            Self::Load => 'L',
            Self::Store => 'S',
            Self::Local => '.',
            Self::Quiet => ',',
            Self::Call => 'C',
            Self::CallReturn => 'N',
            Self::JumpForward => 'F',
            Self::JumpBackward => 'J',
            Self::Write => 'I',
            Self::Acquire => 'A',
            Self::Release => 'R',
        }
    }

    /// The step that a letter stands for.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.letter() == letter)
    }

    /// What it does in addition to its work and the counter.
    pub const fn side_effect(self) -> SideEffect {
        match self {
            Self::Write => SideEffect::Write,
            Self::Acquire => SideEffect::Acquire,
            Self::Release => SideEffect::Release,
            Self::Load
            | Self::Store
            | Self::Local
            | Self::Quiet
            | Self::Call
            | Self::CallReturn
            | Self::JumpForward
            | Self::JumpBackward => SideEffect::None,
        }
    }
}

/// What an interpreter does about switching right after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Nothing.
    Silent,
    /// It counts the step.
    Tick,
    /// It counts the step and looks whether it must switch.
    Site,
}

/// Where an interpreter looks whether it must switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sites {
    /// After every instruction but the fast ones (up to 3.9).
    AfterMostSteps,
    /// At function entry, calls and jumps that are taken, forward or backward (3.10).
    AtCallsAndJumps,
    /// At function entry, calls and backward jumps only (from 3.11).
    AtCallsAndBackwardJumps,
    /// It never looks: there is no lock to give up (free-threaded).
    Nowhere,
}

impl Sites {
    /// The table of this module.
    pub const fn check(self, step: Step) -> Check {
        use Step::{
            Acquire, Call, CallReturn, JumpBackward, JumpForward, Load, Local, Quiet, Release,
            Store, Write,
        };
        match (self, step) {
            (Self::Nowhere, _)
            | (_, Quiet | Write | Release)
            | (Self::AfterMostSteps | Self::AtCallsAndBackwardJumps, JumpForward) => Check::Silent,
            (_, Call | JumpBackward)
            | (Self::AtCallsAndJumps, JumpForward)
            | (Self::AfterMostSteps | Self::AtCallsAndJumps, CallReturn)
            | (Self::AfterMostSteps, Load | Store | Local | Acquire) => Check::Site,
            (Self::AtCallsAndJumps, Load | Store | Local | Acquire)
            | (Self::AtCallsAndBackwardJumps, Load | Store | Local | Acquire | CallReturn) => {
                Check::Tick
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

/// The steps of `task_steps`: ordinary bytecode as a thread pool's queue handling has it. Seven of
/// ten tick, as in the loop bodies of `CPython`'s own library code; one is a call, one a jump.
pub const ORDINARY: [Step; 10] = [
    Step::Local,
    Step::Quiet,
    Step::Local,
    Step::Quiet,
    Step::Local,
    Step::Call,
    Step::Local,
    Step::Quiet,
    Step::Local,
    Step::JumpBackward,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_distinct() {
        let mut letters: Vec<_> = Step::ALL.iter().map(|step| step.letter()).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), Step::ALL.len());
    }

    /// A later interpreter never looks where an earlier one did not, but for 3.10's forward jumps.
    #[test]
    fn sites_only_ever_went_away() {
        use Sites::{AfterMostSteps, AtCallsAndBackwardJumps, AtCallsAndJumps, Nowhere};
        let is_site = |sites: Sites, step| sites.check(step) == Check::Site;
        let lost = |from, to| {
            let (mut gone, mut new) = (String::new(), String::new());
            for step in Step::ALL {
                match (is_site(from, step), is_site(to, step)) {
                    (true, false) => gone.push(step.letter()),
                    (false, true) => new.push(step.letter()),
                    _ => {}
                }
            }
            (gone, new)
        };
        assert_eq!(lost(AfterMostSteps, AtCallsAndJumps), ("LS.A".into(), "F".into()));
        assert_eq!(lost(AtCallsAndJumps, AtCallsAndBackwardJumps), ("NF".into(), String::new()));
        assert_eq!(lost(AtCallsAndBackwardJumps, Nowhere), ("CJ".into(), String::new()));
    }
}
