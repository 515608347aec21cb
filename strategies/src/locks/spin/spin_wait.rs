//! How a waiter that stays awake spends its time: giving its core to others after a while, or
//! never. Knows no lock, and no waiter that sleeps.

use crate::machine::{Aborted, Machine};

/// Rounds of busy waiting between two looks at the abort flag: some 25 us at the 26 ns of a PAUSE,
/// so that looking costs nothing and an abort is seen at once.
const SPINS_UNWATCHED: u32 = 1000;

/// A way of waiting.
pub trait SpinWaiter: Send + Sync {
    /// The way for one of so many workers.
    fn for_workers<M: Machine>(machine: &M, workers: usize) -> Self;

    /// Waits until `is_over`, or until the attempt is aborted.
    fn wait<M: Machine>(&self, machine: &M, is_over: impl FnMut() -> bool) -> Result<(), Aborted>;
}

/// Spins while that is worth it, then offers the core in each round.
#[derive(Debug, Clone, Copy)]
pub struct SpinThenYield {
    spins: u32,
}

impl SpinWaiter for SpinThenYield {
    fn for_workers<M: Machine>(machine: &M, workers: usize) -> Self {
        Self { spins: machine.patience(workers).spins }
    }

    fn wait<M: Machine>(
        &self,
        machine: &M,
        mut is_over: impl FnMut() -> bool,
    ) -> Result<(), Aborted> {
        for _ in 0..self.spins {
            if is_over() {
                return Ok(());
            }
            machine.spin();
        }
        while !is_over() {
            if machine.aborted() {
                return Err(Aborted);
            }
            machine.yield_now();
        }
        Ok(())
    }
}

/// Spins to the end. Where workers outnumber cores, whoever it waits for may have none.
#[derive(Debug, Clone, Copy)]
pub struct SpinForever;

impl SpinWaiter for SpinForever {
    fn for_workers<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Self
    }

    fn wait<M: Machine>(
        &self,
        machine: &M,
        mut is_over: impl FnMut() -> bool,
    ) -> Result<(), Aborted> {
        loop {
            for _ in 0..SPINS_UNWATCHED {
                if is_over() {
                    return Ok(());
                }
                machine.spin();
            }
            if machine.aborted() {
                return Err(Aborted);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::native::NativeMachine;
    use crate::machine::native::abort::Abort;

    fn waits(waiter: &impl SpinWaiter, machine: &NativeMachine, looks: u32) -> Result<(), Aborted> {
        let mut left = looks;
        waiter.wait(machine, || {
            left = left.saturating_sub(1);
            left == 0
        })
    }

    #[test]
    fn a_wait_ends_when_it_is_over_or_aborted() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let gives_way = [1, 1000].map(|workers| SpinThenYield::for_workers(&machine, workers));
        let keeps_core = SpinForever::for_workers(&machine, 1);
        assert_eq!(gives_way.map(|waiter| waits(&waiter, &machine, 10_000)), [Ok(()); 2]);
        assert_eq!(waits(&keeps_core, &machine, 10_000), Ok(()));
        abort.raise();
        assert_eq!(gives_way.map(|waiter| waits(&waiter, &machine, 10_000)), [Err(Aborted); 2]);
        assert_eq!(waits(&keeps_core, &machine, 10_000), Err(Aborted));
    }
}
