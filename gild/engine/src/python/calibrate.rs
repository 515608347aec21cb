//! Calibration: the cost of a step and of a task in a real interpreter, as proposals for the cost
//! of the lab's own steps.

use std::time::Instant;

use strategies::machine::native::abort::Abort;
use strategies::program::workload::{STEP_COST_MAX_NS, TASK_STEPS_MAX};

use crate::limits::{ATTEMPT_TIME_MAX, CALIBRATION_TIME};
use crate::python::child::Child;
use crate::python::error::PythonError;
use crate::python::interpreter::Interpreter;
use crate::python::job::{ExperimentJob, Rule, Work};
use crate::python::version::Version;

/// Steps of one turn of `for _ in range(n): num += 1`: `FOR_ITER`, `STORE_FAST`, `LOAD_GLOBAL`,
/// `LOAD_CONST`, the addition, `STORE_GLOBAL`, the jump back.
const STEPS_PER_TURN: f64 = 7.0;
/// Turns of a sample of the step's cost: some 10 ms.
const TURNS: u64 = 200_000;
/// Tasks of a sample of the task's cost: some 20 to 100 ms.
const TASKS: u64 = 2000;
/// Fewest samples, however long they take: quartiles need some.
const SAMPLES_MIN: usize = 5;
/// Most samples, however short.
const SAMPLES_MAX: usize = 50;

/// A median with its quartiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Lower quartile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Upper quartile.
    pub high: f64,
    /// Of how many samples.
    pub samples: u32,
}

/// The costs in an interpreter, under its own rule for switching.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Version of the interpreter.
    pub version: Version,
    /// A step of `for _ in range(n): num += 1`, in nanoseconds.
    pub step_cost_ns: Estimate,
    /// A task without its body, through a pool of one, in nanoseconds: submitting, handing over,
    /// running, and the experiment's own notes. The pool of 2.7, which comes without one, is the
    /// experiment's, and keeps no future.
    pub task_ns: Estimate,
    /// The same in steps of that cost.
    pub task_steps: Estimate,
    /// Within the limits of a workload, in nanoseconds.
    pub step_cost_proposed_ns: u64,
    /// So many that a task takes as long as it did, at the proposed cost; within the limits of a
    /// workload.
    pub task_steps_proposed: u32,
}

/// Measures `interpreter` for about [`CALIBRATION_TIME`].
pub fn calibrate(interpreter: &Interpreter, abort: &Abort) -> Result<Calibration, PythonError> {
    let mut child = Child::start(interpreter)?;
    // From 3.11 on code is specialised while it runs; what is measured is what comes after that.
    StepTiming::take(&mut child, abort)?;
    let start = Instant::now();
    let mut samples = Vec::new();
    while samples.len() < SAMPLES_MIN
        || (samples.len() < SAMPLES_MAX && start.elapsed() < CALIBRATION_TIME)
    {
        samples.push(StepTiming::take(&mut child, abort)?);
    }
    Ok(calibration(interpreter.version, &samples))
}

/// A step's and a task's cost in nanoseconds, measured one right after the other, so that a
/// processor that changes its pace changes both.
#[derive(Debug, Clone, Copy)]
struct StepTiming {
    step_ns: f64,
    task_ns: f64,
}

impl StepTiming {
    fn take(child: &mut Child, abort: &Abort) -> Result<Self, PythonError> {
        let mut duration_ns = |tasks, increments| -> Result<f64, PythonError> {
            let work = Work::Tasks { workers: 1, tasks, increments, io: None };
            let job = ExperimentJob { body: "increment", rule: Rule::Own, work, cores: Vec::new() };
            let seen = child.run(&job, abort, ATTEMPT_TIME_MAX)?;
            // The one task's own time is free of the pool's.
            Ok(match (tasks, seen.workers[0].span_ns) {
                (1, Some((first, last))) => (last - first).max(1) as f64,
                _ => seen.duration_ns as f64,
            })
        };
        let turn_ns = duration_ns(1, TURNS)? / TURNS as f64;
        let task_ns = duration_ns(TASKS, 1)? / TASKS as f64 - turn_ns;
        Ok(Self { step_ns: turn_ns / STEPS_PER_TURN, task_ns: task_ns.max(0.0) })
    }
}

fn calibration(version: Version, samples: &[StepTiming]) -> Calibration {
    let estimate = |of: fn(&StepTiming) -> f64| Estimate::of(samples.iter().map(of).collect());
    let step_cost_ns = estimate(|sample| sample.step_ns);
    let task_steps = estimate(|sample| sample.task_ns / sample.step_ns);
    let step_cost_proposed_ns = whole(step_cost_ns.median, STEP_COST_MAX_NS);
    let task_ns = estimate(|sample| sample.task_ns);
    // At the proposed cost a task takes as long as it did.
    let task_steps_proposed =
        whole(task_ns.median / step_cost_proposed_ns as f64, TASK_STEPS_MAX.into());
    Calibration {
        version,
        step_cost_ns,
        task_ns,
        task_steps,
        step_cost_proposed_ns,
        task_steps_proposed: u32::try_from(task_steps_proposed).unwrap_or(TASK_STEPS_MAX),
    }
}

/// The nearest whole number from 1 to `most`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn whole(value: f64, most: u64) -> u64 {
    (value.round() as u64).clamp(1, most)
}

impl Estimate {
    /// Of at least one value.
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len() - 1;
        Self {
            low: values[last / 4],
            median: values[last / 2],
            high: values[last - last / 4],
            samples: u32::try_from(values.len()).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::interpreter::tests::real;
    use crate::python::version::GlobalLock;

    const VERSION: Version = Version { major: 3, minor: 9, micro: 2, lock: GlobalLock::Held };

    #[test]
    fn estimate_is_a_median_with_quartiles() {
        let estimate = Estimate::of(vec![9.0, 1.0, 5.0, 7.0, 3.0]);
        assert_eq!(estimate, Estimate { low: 3.0, median: 5.0, high: 7.0, samples: 5 });
        let single = Estimate::of(vec![2.0]);
        assert_eq!(single, Estimate { low: 2.0, median: 2.0, high: 2.0, samples: 1 });
    }

    #[test]
    fn proposed_costs_lie_within_the_limits() {
        let proposed = |step_ns, task_ns| {
            let seen = calibration(VERSION, &[StepTiming { step_ns, task_ns }]);
            (seen.step_cost_proposed_ns, seen.task_steps_proposed)
        };
        assert_eq!(proposed(5.4, 10_800.0), (5, 2160));
        assert_eq!(proposed(0.1, 0.0), (1, 1));
        assert_eq!(proposed(1e9, 1e18), (STEP_COST_MAX_NS, TASK_STEPS_MAX));
    }

    #[test]
    fn real_interpreter_is_calibrated() {
        let Some(interpreter) = real() else { return };
        let seen = calibrate(&interpreter, &Abort::default()).expect("it is there");
        assert_eq!(seen.version, interpreter.version);
        assert!(seen.step_cost_ns.median > 0.0 && seen.step_cost_ns.samples >= 5, "{seen:?}");
    }

    #[test]
    fn aborted_calibration_is_stopped() {
        let Some(interpreter) = real() else { return };
        let abort = Abort::default();
        abort.raise();
        assert_eq!(calibrate(&interpreter, &abort), Err(PythonError::Stopped));
    }
}
