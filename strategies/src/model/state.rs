//! States as numbers: packed for a table, and made alike where they differ in nothing that matters.

use crate::model::bounds::SearchError;
use crate::model::moves::{Act, Ownership};
use crate::model::program::{Program, State, Tasks, WORKERS_MAX};

/// What is taken for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Nothing: every machine state is its own (registers that will not be used again count as 0).
    None,
    /// States that differ in the names of workers, or by an amount in all values: all there is to
    /// come is the same. Ways are kept.
    Merged,
    /// The same, and moves on a worker's own data are joined to the one before. Only what can be
    /// reached is kept.
    Fused,
}

/// A number that holds a state, or its parts one after the other.
pub(crate) trait StateKey: Copy + Eq {
    /// Nothing yet.
    const EMPTY: Self;
    /// Adds a part of so many bits, fewer than its own.
    fn push(self, bits: u32, part: u64) -> Self;
    /// Takes the part that was added last.
    fn pop(&mut self, bits: u32) -> u64;
    /// Where to look for it: the upper half of a product depends on all bits of the lower ones
    /// (Fibonacci hashing, Knuth 6.4).
    fn hash(self) -> usize;
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl StateKey for u64 {
    const EMPTY: Self = 0;

    #[inline]
    fn push(self, bits: u32, part: u64) -> Self {
        self << bits | part
    }

    #[inline]
    fn pop(&mut self, bits: u32) -> u64 {
        let part = *self & ((1 << bits) - 1);
        *self >>= bits;
        part
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    fn hash(self) -> usize {
        let product = self.wrapping_mul(GOLDEN);
        (product ^ product >> 32) as usize
    }
}

impl StateKey for u128 {
    const EMPTY: Self = 0;

    #[inline]
    fn push(self, bits: u32, part: u64) -> Self {
        self << bits | Self::from(part)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "parts are shorter than 64 bits")]
    fn pop(&mut self, bits: u32) -> u64 {
        let part = *self & ((1 << bits) - 1);
        *self >>= bits;
        part as u64
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "halves are meant")]
    fn hash(self) -> usize {
        StateKey::hash((self as u64) ^ ((self >> 64) as u64).wrapping_mul(GOLDEN))
    }
}

/// Where each part of a state lies in a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packing {
    workers: usize,
    at: u32,
    value: u32,
    place: u32,
    last: u32,
    begun: u32,
    left: u32,
    ticker: u32,
    ticker_least: i32,
    pub(crate) reduction: Reduction,
}

impl Packing {
    /// The narrowest packing for a program.
    pub(crate) fn new(
        program: &Program,
        keeps_last: bool,
        reduction: Reduction,
    ) -> Result<Self, SearchError> {
        let bits = |most: usize| usize::BITS - most.leading_zeros();
        let workers = program.workers();
        let (ticker, ticker_least) = match program.access() {
            Ownership::HolderByTicks { budget, .. } => {
                let budget = i32::try_from(budget).unwrap_or(i32::MAX / 4);
                // One bit more says whether the last move was a check.
                (bits((budget + 1).unsigned_abs() as usize) + 1, -1)
            }
            Ownership::Anyone | Ownership::Holder => (0, 0),
        };
        let has_line = program.task().iter().any(|step| step.act == Act::Arrive);
        let packing = Self {
            workers,
            at: bits(program.task().len()),
            value: bits(program.expected() as usize),
            place: if has_line { bits(workers) } else { 0 },
            last: u32::from(keeps_last),
            begun: u32::from(ticker > 0),
            left: match program.tasks() {
                Tasks::OneEach => 0,
                Tasks::Queue(tasks) => bits(usize::from(tasks)),
            },
            ticker,
            ticker_least,
            reduction,
        };
        let needed = u64::from(packing.bits());
        crate::model::bounds::within("bits of a state", needed, u64::from(u128::BITS - 1))?;
        Ok(packing)
    }

    fn worker_bits(&self) -> u32 {
        self.at + self.value + self.place + self.last + self.begun
    }

    /// Whether states fit the shorter number, which is faster.
    pub(crate) fn is_short(&self) -> bool {
        self.bits() < u64::BITS
    }

    fn bits(&self) -> u32 {
        let workers = u32::try_from(self.workers).unwrap_or(u32::MAX);
        self.worker_bits() * workers + self.value + self.left + self.ticker
    }

    /// The state as a number, and by how much its values were lowered.
    #[inline]
    pub(crate) fn pack<K: StateKey>(&self, program: &Program, state: &State) -> (K, usize) {
        let mut base = 0;
        if self.reduction != Reduction::None {
            base = state.counter;
            for worker in 0..self.workers {
                if program.is_pending(state.at[worker]) {
                    base = base.min(state.seen[worker]);
                }
            }
        }
        let mut blocks = [0_u64; WORKERS_MAX];
        for (worker, block) in blocks.iter_mut().enumerate().take(self.workers) {
            let seen =
                if program.is_pending(state.at[worker]) { state.seen[worker] - base } else { 0 };
            *block = u64::from(state.at[worker]) << self.value | u64::from(seen);
            *block = *block << self.place | u64::from(state.place[worker]);
            if self.last > 0 {
                *block = *block << 1 | u64::from(state.last() == Some(worker));
            }
            if self.begun > 0 {
                *block = *block << 1 | u64::from(state.begun >> worker & 1);
            }
        }
        if self.reduction != Reduction::None {
            sort(&mut blocks[..self.workers]);
        }
        let bits = self.worker_bits();
        let mut key = K::EMPTY;
        for &block in &blocks[..self.workers] {
            key = key.push(bits, block);
        }
        key = key.push(self.value, u64::from(state.counter - base));
        if self.left > 0 {
            key = key.push(self.left, u64::from(state.left));
        }
        if self.ticker > 0 {
            let ticker = (state.ticker - self.ticker_least).unsigned_abs();
            key = key.push(self.ticker, u64::from(ticker << 1 | u32::from(state.checked)));
        }
        (key, base as usize)
    }

    /// The state that a number stands for.
    #[inline]
    pub(crate) fn unpack<K: StateKey>(&self, program: &Program, mut key: K) -> State {
        let mut take = |bits: u32| u32::try_from(key.pop(bits)).unwrap_or(u32::MAX);
        let mut state = program.start();
        if self.ticker > 0 {
            let ticker = take(self.ticker);
            state.checked = ticker & 1 == 1;
            state.ticker = i32::try_from(ticker >> 1).unwrap_or(i32::MAX) + self.ticker_least;
        }
        state.left = narrow(take(self.left));
        state.counter = take(self.value);
        for worker in (0..self.workers).rev() {
            if self.begun > 0 {
                state.begun |= u8::from(take(1) == 1) << worker;
            }
            if self.last > 0 && take(1) == 1 {
                state.set_last(Some(worker));
            }
            state.place[worker] = u8::try_from(take(self.place)).unwrap_or(u8::MAX);
            state.seen[worker] = take(self.value);
            state.at[worker] = narrow(take(self.at));
        }
        state
    }
}

fn narrow(part: u32) -> u16 {
    u16::try_from(part).unwrap_or(u16::MAX)
}

/// Few and mostly in order: insertion is faster than any general sort.
#[inline]
fn sort(blocks: &mut [u64]) {
    for end in 1..blocks.len() {
        let mut at = end;
        while at > 0 && blocks[at - 1] > blocks[at] {
            blocks.swap(at - 1, at);
            at -= 1;
        }
    }
}
