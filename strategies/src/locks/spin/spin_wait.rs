//! Spin-waiting: a waiter that stays awake yields its core after a while, or never. Independent of
//! any lock.

use crate::machine::{Aborted, Machine};

/// Rounds of busy waiting between two checks of the abort flag: some 25 us at 26 ns per PAUSE, so
/// that the check costs nothing and an abort is noticed at once.
const SPINS_PER_ABORT_CHECK: u32 = 1000;

/// A way of spin-waiting.
pub trait SpinWaiter: Send + Sync {
    /// The waiter of one among `workers` workers.
    fn for_workers<M: Machine>(machine: &M, workers: usize) -> Self;

    /// Waits until `is_over`, or until the attempt is aborted.
    fn wait<M: Machine>(&self, machine: &M, is_over: impl FnMut() -> bool) -> Result<(), Aborted>;
}

/// Spins for about a quarter of a wake-up if each worker can have a core, then yields in each
/// round.
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

/// Spins and never yields. If workers outnumber cores, the worker that it waits for may get no
/// core.
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
            for _ in 0..SPINS_PER_ABORT_CHECK {
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

    fn wait_for(
        waiter: &impl SpinWaiter,
        machine: &NativeMachine,
        checks: u32,
    ) -> Result<(), Aborted> {
        let mut left = checks;
        waiter.wait(machine, || {
            left = left.saturating_sub(1);
            left == 0
        })
    }

    #[test]
    fn wait_ends_when_over_or_aborted() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let yielding = [1, 1000].map(|workers| SpinThenYield::for_workers(&machine, workers));
        let spinning = SpinForever::for_workers(&machine, 1);
        assert_eq!(yielding.map(|waiter| wait_for(&waiter, &machine, 10_000)), [Ok(()); 2]);
        assert_eq!(wait_for(&spinning, &machine, 10_000), Ok(()));
        abort.raise();
        assert_eq!(yielding.map(|waiter| wait_for(&waiter, &machine, 10_000)), [Err(Aborted); 2]);
        assert_eq!(wait_for(&spinning, &machine, 10_000), Err(Aborted));
    }
}
