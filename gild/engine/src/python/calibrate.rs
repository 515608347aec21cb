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
use crate::python::line_process::withheld_variables;
use crate::python::version::Version;
use crate::sys::interference::{Interference, UsageSnapshot};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Version of the interpreter.
    pub version: Version,
    /// A step of `for _ in range(n): num += 1`, in nanoseconds of the thread on a processor.
    pub step_cost_ns: Estimate,
    /// A task without its body, through a pool of one, in nanoseconds of both threads on a processor:
    /// submitting, handing over,
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
    /// What others did to the machine meanwhile; `None` where the system does not count it.
    pub interference: Option<Interference>,
    /// Variables that were set and that the interpreter did not see, by name.
    pub withheld: Vec<String>,
}

/// Measures `interpreter` for about [`CALIBRATION_TIME`].
pub fn calibrate(interpreter: &Interpreter, abort: &Abort) -> Result<Calibration, PythonError> {
    let mut child = Child::start(interpreter)?;
    // From 3.11 on code is specialised while it runs; what is measured is what comes after that.
    StepTiming::take(&mut child, abort)?;
    let (start, before) = (Instant::now(), UsageSnapshot::now(child.used()));
    let mut samples = Vec::new();
    while samples.len() < SAMPLES_MIN
        || (samples.len() < SAMPLES_MAX && start.elapsed() < CALIBRATION_TIME)
    {
        samples.push(StepTiming::take(&mut child, abort)?);
    }
    let interference = UsageSnapshot::now(child.used()).interference_since(&before);
    Ok(Calibration { interference, ..calibration(interpreter.version, &samples) })
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
        // Not what passed on a clock: on a busy machine that is others' time too.
        let mut used_ns = |work| -> Result<f64, PythonError> {
            let job = ExperimentJob { body: "increment", rule: Rule::Own, work, cores: Vec::new() };
            Ok(child.run(&job, abort, ATTEMPT_TIME_MAX)?.cpu.total_ns().max(1) as f64)
        };
        let turn_ns = used_ns(Work::Alone { increments: TURNS })? / TURNS as f64;
        let tasks = Work::Tasks { workers: 1, tasks: TASKS, increments: 1, io: None };
        let task_ns = used_ns(tasks)? / TASKS as f64 - turn_ns;
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
        interference: None,
        withheld: withheld_variables(),
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
    use std::time::Duration;

    use super::*;
    use crate::python::interpreter::tests::{Fake, real};
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

    /// An interpreter whose attempts take a second each by the clock, and 14 ms on a processor.
    #[test]
    fn costs_are_those_of_the_processor_and_not_of_the_clock() {
        let outcome =
            r#"{"outcome":{"total":1,"duration_ns":1000000000,"workers":[{"increments":1,"#
                .to_owned()
                + r#""span_ns":[0,1000000000]}],"switches":null,"latencies_ns":[],"#
                + r#""cpu_ns":[13000000,1000000],"context_switches":[0,0]}}"#;
        let script =
            format!("echo 'CPython 3.9.2 held'; while read -r job; do echo '{outcome}'; done");
        let fake = Fake::new(&script);
        let interpreter = Interpreter::probe(&fake.path()).expect("it greets");
        let seen = calibrate(&interpreter, &Abort::default()).expect("it answers");
        assert_eq!((seen.step_cost_ns.median, seen.task_ns.median), (10.0, 6930.0));
    }

    /// What others do meanwhile is stated wherever the system counts it.
    #[test]
    fn calibration_tells_what_others_did_meanwhile() {
        let Some(interpreter) = real() else { return };
        let before = UsageSnapshot::now(Some(Duration::ZERO));
        let seen = calibrate(&interpreter, &Abort::default()).expect("it is there");
        let counted = UsageSnapshot::now(Some(Duration::ZERO)).interference_since(&before);
        assert_eq!(seen.interference.is_some(), counted.is_some(), "{seen:?}");
    }

    #[test]
    fn aborted_calibration_is_stopped() {
        let Some(interpreter) = real() else { return };
        let abort = Abort::default();
        abort.raise();
        assert_eq!(calibrate(&interpreter, &abort), Err(PythonError::Stopped));
    }
}
