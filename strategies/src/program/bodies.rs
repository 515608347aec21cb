//! The bodies: what one increment of the shared counter looks like, as a listing of instructions
//! the way `dis` prints them. Nothing here runs or knows an era's check sites: [`crate::program::step`]
//! does.
//!
//! One turn of `for i in range(n): ...`; names of instructions are those of 3.9, with those of 3.11
//! where they differ. What is called is shown up to its return, since it runs inside the same turn.
//!
//! Simplified, where neither the window nor what may come in changes: 3.12 joins a constant and its
//! return; up to 3.7 the inner loop of `loop` and `with` have set-up and clean-up steps more (in
//! 2.7 those tick); up to 3.9 nothing is looked after right before `with`.

use std::fmt;

use crate::program::step::Step;

/// One line of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What it is to the laboratory.
    pub step: Step,
    /// Its name up to 3.10.
    pub opcode: &'static str,
    /// Its name from 3.11 on.
    pub opcode_from_3_11: &'static str,
    /// What it works on; may be empty.
    pub argument: &'static str,
}

/// What one increment of the shared counter looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyName {
    /// `num += 1`.
    Increment,
    /// The same through a variable of the worker's own.
    Split,
    /// A call of a Python function inside the window.
    Call,
    /// The same call before the load.
    CallFirst,
    /// A call of a C function inside the window.
    Builtin,
    /// A call of `len` inside the window.
    Len,
    /// A loop of one turn inside the window.
    Loop,
    /// A forward jump, taken, inside the window.
    ForwardJump,
    /// A system call inside the window.
    Io,
    /// The increment under a lock of the program's own.
    Locked,
}

const fn named(step: Step, opcode: &'static str, argument: &'static str) -> Instruction {
    Instruction { step, opcode, opcode_from_3_11: opcode, argument }
}

const fn renamed(
    step: Step,
    old: &'static str,
    new: &'static str,
    of: &'static str,
) -> Instruction {
    Instruction { step, opcode: old, opcode_from_3_11: new, argument: of }
}

const FOR_ITER: Instruction = named(Step::Local, "FOR_ITER", "");
const STORE_I: Instruction = named(Step::Quiet, "STORE_FAST", "i");
const LOAD_NUM: Instruction = named(Step::Load, "LOAD_GLOBAL", "num");
const STORE_NUM: Instruction = named(Step::Store, "STORE_GLOBAL", "num");
const STORE_T: Instruction = named(Step::Quiet, "STORE_FAST", "t");
const LOAD_T: Instruction = named(Step::Quiet, "LOAD_FAST", "t");
const ONE: Instruction = named(Step::Quiet, "LOAD_CONST", "1");
const POP: Instruction = named(Step::Quiet, "POP_TOP", "");
const ADD_TO: Instruction = renamed(Step::Local, "INPLACE_ADD", "BINARY_OP", "+=");
const ADD: Instruction = renamed(Step::Local, "BINARY_ADD", "BINARY_OP", "+");
const JUMP: Instruction = renamed(Step::JumpBackward, "JUMP_ABSOLUTE", "JUMP_BACKWARD", "");
const LOAD_ONE_FN: Instruction = named(Step::Local, "LOAD_GLOBAL", "one");
const CALL_ONE: Instruction = renamed(Step::Call, "CALL_FUNCTION", "CALL, RESUME", "one()");
const RETURN_ONE: Instruction = named(Step::CallReturn, "RETURN_VALUE", "from one");

const INCREMENT: &[Instruction] = &[FOR_ITER, STORE_I, LOAD_NUM, ONE, ADD_TO, STORE_NUM, JUMP];
const SPLIT: &[Instruction] =
    &[FOR_ITER, STORE_I, LOAD_NUM, STORE_T, LOAD_T, ONE, ADD, STORE_NUM, JUMP];
const CALL: &[Instruction] =
    &[FOR_ITER, STORE_I, LOAD_NUM, LOAD_ONE_FN, CALL_ONE, ONE, RETURN_ONE, ADD_TO, STORE_NUM, JUMP];
const CALL_FIRST: &[Instruction] =
    &[FOR_ITER, STORE_I, LOAD_ONE_FN, CALL_ONE, ONE, RETURN_ONE, LOAD_NUM, ADD, STORE_NUM, JUMP];
const BUILTIN: &[Instruction] = &[
    FOR_ITER,
    STORE_I,
    LOAD_NUM,
    named(Step::Local, "LOAD_GLOBAL", "abs"),
    ONE,
    renamed(Step::Call, "CALL_FUNCTION", "CALL", "abs(1)"),
    ADD_TO,
    STORE_NUM,
    JUMP,
];
const LEN: &[Instruction] = &[
    FOR_ITER,
    STORE_I,
    LOAD_NUM,
    named(Step::Local, "LOAD_GLOBAL", "len"),
    named(Step::Local, "LOAD_GLOBAL", "S"),
    renamed(Step::CallReturn, "CALL_FUNCTION", "CALL_LEN", "len(S)"),
    ADD_TO,
    STORE_NUM,
    JUMP,
];
const LOOP: &[Instruction] = &[
    FOR_ITER,
    STORE_I,
    LOAD_NUM,
    STORE_T,
    named(Step::Quiet, "LOAD_CONST", "(0,)"),
    named(Step::Local, "GET_ITER", ""),
    FOR_ITER,
    named(Step::Quiet, "STORE_FAST", "_"),
    JUMP,
    named(Step::Local, "FOR_ITER", "exhausted"),
    LOAD_T,
    ONE,
    ADD,
    STORE_NUM,
    JUMP,
];
const FORWARD_JUMP: &[Instruction] = &[
    FOR_ITER,
    STORE_I,
    LOAD_NUM,
    named(Step::Quiet, "LOAD_FAST", "i"),
    named(Step::Quiet, "LOAD_CONST", "0"),
    named(Step::Local, "COMPARE_OP", "<"),
    named(Step::JumpForward, "POP_JUMP_IF_FALSE", "taken"),
    ONE,
    ADD_TO,
    STORE_NUM,
    JUMP,
];
const IO: &[Instruction] = &[
    FOR_ITER,
    STORE_I,
    LOAD_NUM,
    STORE_T,
    named(Step::Local, "LOAD_GLOBAL", "os"),
    renamed(Step::Local, "LOAD_METHOD", "LOAD_ATTR", "write"),
    named(Step::Local, "LOAD_GLOBAL", "fd"),
    named(Step::Quiet, "LOAD_CONST", "b'x'"),
    named(Step::Write, "the call", "write(fd, ...)"),
    renamed(Step::Call, "CALL_METHOD", "CALL", "os.write(fd, b'x')"),
    POP,
    LOAD_T,
    ONE,
    ADD,
    STORE_NUM,
    JUMP,
];
const LOCKED: &[Instruction] = &[
    FOR_ITER,
    STORE_I,
    named(Step::Local, "LOAD_GLOBAL", "lock"),
    renamed(Step::Acquire, "SETUP_WITH", "BEFORE_WITH", "lock.acquire()"),
    POP,
    LOAD_NUM,
    ONE,
    ADD_TO,
    STORE_NUM,
    named(Step::Quiet, "LOAD_CONST", "None"),
    named(Step::Release, "the call", "lock.release()"),
    renamed(Step::Call, "CALL_FUNCTION", "CALL", "lock.__exit__()"),
    POP,
    JUMP,
];

impl BodyName {
    /// Every body.
    pub const ALL: [Self; 10] = [
        Self::Increment,
        Self::Split,
        Self::Call,
        Self::CallFirst,
        Self::Builtin,
        Self::Len,
        Self::Loop,
        Self::ForwardJump,
        Self::Io,
        Self::Locked,
    ];

    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Increment => "increment",
            Self::Split => "split",
            Self::Call => "call",
            Self::CallFirst => "call-first",
            Self::Builtin => "builtin",
            Self::Len => "len",
            Self::Loop => "loop",
            Self::ForwardJump => "forward-jump",
            Self::Io => "io",
            Self::Locked => "locked",
        }
    }

    /// The Python statement it stands for.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Increment => "num += 1",
            Self::Split => "t = num; num = t + 1",
            Self::Call => "num += one()",
            Self::CallFirst => "num = one() + num",
            Self::Builtin => "num += abs(1)",
            Self::Len => "num += len(S)",
            Self::Loop => "t = num\nfor _ in (0,): pass\nnum = t + 1",
            Self::ForwardJump => "num += (1 if i < 0 else 1)",
            Self::Io => "t = num; os.write(fd, b'x'); num = t + 1",
            Self::Locked => "with lock: num += 1",
        }
    }

    /// Its instructions, one turn of the loop.
    pub const fn listing(self) -> &'static [Instruction] {
        match self {
            Self::Increment => INCREMENT,
            Self::Split => SPLIT,
            Self::Call => CALL,
            Self::CallFirst => CALL_FIRST,
            Self::Builtin => BUILTIN,
            Self::Len => LEN,
            Self::Loop => LOOP,
            Self::ForwardJump => FORWARD_JUMP,
            Self::Io => IO,
            Self::Locked => LOCKED,
        }
    }

    /// Its steps, one turn of the loop.
    pub fn steps(self) -> impl ExactSizeIterator<Item = Step> + Clone {
        self.listing().iter().map(|instruction| instruction.step)
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
    use crate::program::body_spec::Increment;
    use crate::program::step::{Check, Sites};

    #[test]
    fn every_body_loads_once_and_stores_once_afterwards() {
        for body in BodyName::ALL {
            let count = |wanted| body.steps().filter(|&step| step == wanted).count();
            assert_eq!((count(Step::Load), count(Step::Store)), (1, 1), "{body}");
            let place = |wanted| body.steps().position(|step| step == wanted);
            assert!(place(Step::Load) < place(Step::Store), "{body}");
            assert_eq!(count(Step::Acquire), count(Step::Release), "{body}");
        }
    }

    #[test]
    fn bodies_are_written_with_these_letters() {
        let letters = |body: BodyName| body.steps().map(Step::letter).collect::<String>();
        let written = BodyName::ALL.map(letters);
        let wanted = [
            ".,L,.SJ",
            ".,L,,,.SJ",
            ".,L.C,N.SJ",
            ".,.C,NL.SJ",
            ".,L.,C.SJ",
            ".,L..N.SJ",
            ".,L,,..,J.,,.SJ",
            ".,L,,.F,.SJ",
            ".,L,...,IC,,,.SJ",
            ".,.A,L,.S,RC,J",
        ];
        assert_eq!(written, wanted);
    }

    /// Five ticks a turn in 2.7, two of them inside the window: a share of 2/5.
    #[test]
    fn the_increment_of_2_7_ticks_five_times_a_turn() {
        let is_site = |step: &Step| Sites::AfterMostSteps.check(*step) == Check::Site;
        let body = Increment::from(BodyName::Increment);
        assert_eq!(body.steps().filter(is_site).count(), 5);
        assert_eq!(body.window().filter(is_site).count(), 2);
    }

    #[test]
    fn names_are_found_again() {
        for body in BodyName::ALL {
            assert_eq!(BodyName::parse(body.name()), Some(body));
        }
        assert_eq!(BodyName::parse("Increment"), None);
    }
}
