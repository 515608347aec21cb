//! The vocabulary of steps, and the one table that says per era which step ticks and which is a
//! check site.
//!
//! A step is one bytecode-like instruction: the smallest thing a task does that another task can
//! come between. Nothing here runs; [`crate::body`] turns steps into work.
//!
//! ```text
//! letter  step            2.7      3.9      3.12     what it stands for
//! L       Load            site     site     tick     LOAD_GLOBAL num: the window opens
//! S       Store           site     site     tick     STORE_GLOBAL num: the window closes
//! .       Local           site     site     tick     FOR_ITER, INPLACE_ADD, LOAD_GLOBAL of a function
//! ,       Quiet           silent   silent   silent   LOAD_CONST, STORE_FAST: never looked after
//! C       Call            site     site     site     a call: the callee's first instruction looks
//! J       JumpBackward    site     site     site     the loop's jump
//! ```
//!
//! Sources: `DISPATCH`/`FAST_DISPATCH` in `Python/ceval.c` up to 3.9; `CHECK_EVAL_BREAKER` in
//! `Python/bytecodes.c` of 3.12. A site also ticks; a tick that is no site counts down a tick budget
//! but cannot itself switch, which no `CPython` has (ticks in 3.12 are hypothetical).

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
    /// The jump back to a loop's head.
    JumpBackward,
}

impl Step {
    /// Every step, in the order of the table above.
    pub const ALL: [Self; 6] =
        [Self::Load, Self::Store, Self::Local, Self::Quiet, Self::Call, Self::JumpBackward];

    /// The letter that stands for this step in a listing.
    pub const fn letter(self) -> char {
        match self {
            Self::Load => 'L',
            Self::Store => 'S',
            Self::Local => '.',
            Self::Quiet => ',',
            Self::Call => 'C',
            Self::JumpBackward => 'J',
        }
    }
}

/// What an interpreter does about switching right after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attention {
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
    /// At function entry, calls and backward jumps only (from 3.11).
    AtCallsAndJumps,
}

impl Sites {
    /// The table of this module.
    pub const fn attention(self, step: Step) -> Attention {
        match (self, step) {
            (_, Step::Quiet) => Attention::Silent,
            (_, Step::Call | Step::JumpBackward)
            | (Self::AfterMostSteps, Step::Load | Step::Store | Step::Local) => Attention::Site,
            (Self::AtCallsAndJumps, Step::Load | Step::Store | Step::Local) => Attention::Tick,
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

/// What one increment of the shared counter looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyName {
    /// `num += 1` in a loop.
    Increment,
    /// `num += one()` in a loop: a call inside the window.
    Call,
}

impl BodyName {
    /// Every body.
    pub const ALL: [Self; 2] = [Self::Increment, Self::Call];

    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Increment => "increment",
            Self::Call => "call",
        }
    }

    /// The Python statement it stands for.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Increment => "num += 1",
            Self::Call => "num += one()",
        }
    }

    /// Its steps, one turn of `for _ in range(n): ...`, from the disassembly of 2.7 to 3.12.
    pub const fn steps(self) -> &'static [Step] {
        use Step::{Call, JumpBackward, Load, Local, Quiet, Store};
        match self {
            // FOR_ITER, STORE_FAST, LOAD_GLOBAL, LOAD_CONST, INPLACE_ADD, STORE_GLOBAL, JUMP.
            Self::Increment => &[Local, Quiet, Load, Quiet, Local, Store, JumpBackward],
            // ... LOAD_GLOBAL num, LOAD_GLOBAL one, CALL and entry, LOAD_CONST, return, ADD ...
            Self::Call => {
                &[Local, Quiet, Load, Local, Call, Quiet, Local, Local, Store, JumpBackward]
            }
        }
    }

    /// The steps between load and store, where somebody else's store would be overwritten.
    pub fn window(self) -> &'static [Step] {
        let steps = self.steps();
        let position = |wanted| steps.iter().position(|&step| step == wanted);
        // Every body loads once and then stores once; a test holds that.
        let after_load = position(Step::Load).map_or(0, |load| load + 1);
        let store = position(Step::Store).unwrap_or(steps.len());
        &steps[after_load..store]
    }

    /// The body of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|body| body.name() == name)
    }
}

impl fmt::Display for BodyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(body: BodyName, sites: Sites, wanted: Attention) -> usize {
        body.steps().iter().filter(|&&step| sites.attention(step) == wanted).count()
    }

    #[test]
    fn every_body_loads_once_and_stores_once_afterwards() {
        for body in BodyName::ALL {
            let count = |wanted| body.steps().iter().filter(|&&step| step == wanted).count();
            assert_eq!((count(Step::Load), count(Step::Store)), (1, 1), "{body}");
            assert!(!body.window().is_empty(), "{body}");
        }
    }

    /// Table g of the reference: five ticks a turn in 2.7, two of them inside the window.
    #[test]
    fn the_increment_of_2_7_ticks_five_times_a_turn() {
        assert_eq!(marked(BodyName::Increment, Sites::AfterMostSteps, Attention::Site), 5);
    }

    #[test]
    fn from_3_12_on_the_increment_is_looked_after_only_at_its_jump() {
        assert_eq!(marked(BodyName::Increment, Sites::AtCallsAndJumps, Attention::Site), 1);
        let sites = Sites::AtCallsAndJumps;
        let in_window = |body: BodyName| {
            body.window().iter().any(|&step| sites.attention(step) == Attention::Site)
        };
        assert!(!in_window(BodyName::Increment));
        assert!(in_window(BodyName::Call));
    }

    #[test]
    fn letters_are_distinct() {
        let mut letters: Vec<_> = Step::ALL.iter().map(|step| step.letter()).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), Step::ALL.len());
    }
}
