//! A strategy that is defined here, measured by the engine beside two of the lab's own: a lock that
//! spins on an atomic swap, `spin` of the catalogue, and no lock at all.
//!
//! ```sh
//! cargo run --release -p gild --example own_strategy
//! ```
//!
//! A strategy of any other form implements [`Strategy`]; a lock that one worker holds at a time
//! implements [`Exclusive`], and [`Locked`] holds it from load to store of each increment.

use std::process::ExitCode;
use std::sync::atomic::Ordering::{Acquire, Release};

use engine::exec::attempt::Observation;
use engine::exec::trial::{Trial, TrialError};
use engine::stats::format::scaled;
use strategies::harness::probe::Acquired;
use strategies::harness::strategy::Strategy;
use strategies::lock_free::unlocked::Unlocked;
use strategies::locks::exclusive::{Acquisition, Exclusive, Locked};
use strategies::locks::spin::test_and_set::Spin;
use strategies::machine::native::NativeMachine;
use strategies::machine::{Aborted, Machine, Word};
use strategies::program::workload::Workload;

/// Workers of an attempt.
const WORKERS: u32 = 2;
/// Attempts of each strategy.
const ATTEMPTS: u32 = 20;
/// Two tasks of 50,000 increments, without any work beside them.
const WORKLOAD: Workload = Workload { tasks: 2, increments: 50_000, ..Workload::ONE };

/// A spin lock: `held` is 1 while a worker has it. The swap that finds 0 acquires what the last
/// holder published with its store of 0.
struct SwapLock<M: Machine> {
    held: M::Word,
}

impl<M: Machine> SwapLock<M> {
    fn new(machine: &M) -> Self {
        Self { held: machine.word(0) }
    }

    fn try_take(&self) -> bool {
        self.held.swap(1, Acquire) == 0
    }

    /// Offers the core to another thread between two tries: the holder may need it.
    fn wait(&self, machine: &M) -> Result<(), Aborted> {
        while !self.try_take() {
            if machine.aborted() {
                return Err(Aborted);
            }
            machine.yield_now();
        }
        Ok(())
    }
}

impl<M: Machine> Exclusive<M> for SwapLock<M> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    #[inline]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        if !self.try_take() {
            acquisition.wait(|machine| self.wait(machine))?;
        }
        section(acquisition.acquired())?;
        self.held.store(0, Release);
        Ok(())
    }
}

fn main() -> ExitCode {
    println!("{ATTEMPTS} attempts of {} increments on {WORKERS} workers", WORKLOAD.expected());
    println!("{:<10} {:>8}  INC/S median [least-greatest]", "STRATEGY", "RIGHT");
    match measure_all() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("swap-lock promises never to lose an update, and has lost one");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a row for each strategy; whether the one of this file was right in every attempt.
fn measure_all() -> Result<bool, TrialError> {
    let own = measure("swap-lock", |machine| Locked(SwapLock::new(machine)))?;
    measure("spin", |machine| Spin::new(machine, WORKERS as usize))?;
    measure("unlocked", |machine| Unlocked::new(machine, WORKERS as usize))?;
    Ok(own)
}

fn measure<S: Strategy<NativeMachine> + 'static>(
    name: &str,
    make: impl Fn(&NativeMachine) -> S,
) -> Result<bool, TrialError> {
    let trial = Trial { attempts: ATTEMPTS, ..Trial::new(WORKLOAD, WORKERS) };
    let seen = trial.run(make)?;
    let right = seen.iter().filter(|attempt| attempt.total == WORKLOAD.expected()).count();
    let mut rates: Vec<_> = seen.iter().map(increments_per_second).collect();
    rates.sort_unstable_by(f64::total_cmp);
    let [least, median, greatest] =
        [0, rates.len() / 2, rates.len() - 1].map(|at| scaled(rates[at]));
    let right_of = format!("{right} of {}", seen.len());
    println!("{name:<10} {right_of:>8}  {median} [{least}-{greatest}]");
    Ok(right == seen.len())
}

fn increments_per_second(attempt: &Observation) -> f64 {
    attempt.tally.increments as f64 / attempt.duration_ns as f64 * 1e9
}
