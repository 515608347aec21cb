//! Workload of a task: how many increments of which body, and what lies around them. Limits are
//! checked on construction, so that every [`Workload`] may run. Where "one counter"
//! lives; nothing here runs.

use crate::program::limit::LimitError;
use crate::program::limit::nanoseconds_within;
use crate::program::limit::product_within;
use crate::program::limit::within;
use crate::program::limit::{PICOS_PER_NANO, picoseconds};
use std::fmt;
use std::time::Duration;

use crate::machine::Call;
use crate::program::bodies::BodyName;
use crate::program::body_spec::Increment;

/// Most tasks of an attempt.
pub const TASKS_MAX: u64 = 1_000_000;
/// Most increments of a task.
pub const INCREMENTS_MAX: u64 = 1_000_000_000;
/// Most increments of an attempt: at half a nanosecond each, more could not end in time.
pub const ATTEMPT_INCREMENTS_MAX: u64 = 10_000_000_000;
/// Most steps of a task outside its bodies.
pub const TASK_STEPS_MAX: u32 = 1_000_000;
/// Greatest cost of a step, in nanoseconds: 10 µs, beyond any bytecode.
pub const STEP_COST_MAX_NS: u64 = 10_000;
/// Longest work inside or outside the window, and longest blocking call, in nanoseconds: 1 s.
pub const STRETCH_MAX_NS: u64 = 1_000_000_000;

/// Shortest and longest time that workers increment for, in nanoseconds: some windows of 1 ms, and
/// within what an attempt may take.
pub const DURATION_NS: std::ops::RangeInclusive<u64> = 10_000_000..=8_000_000_000;
/// Most locks of an attempt: each has cache lines of its own.
pub const LOCKS_MAX: u32 = 4096;
/// Greatest share of bodies that only read, in percent: a counter that is never written cannot be wrong.
pub const READS_MAX_PERCENT: u32 = 99;
/// Most arrivals per second of all workers: beyond, the clock is all that would be measured.
pub const ARRIVALS_MAX_PER_S: u64 = 10_000_000;

/// Most requests of one requesting worker: each is timed, and an attempt has a limit.
pub const REQUESTS_MAX: u64 = 1_000_000;
/// Steps of ordinary code around each request: what a program does with an answer.
pub const REQUEST_STEPS: u32 = 20;

/// What a worker asks of the operating system; the lock is let go around each of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Request {
    /// One call that blocks for so many nanoseconds.
    Sleep {
        /// At least 1.
        duration_ns: u64,
    },
    /// A byte sent to an echo and received from it: two calls, of which the second blocks.
    Echo,
    /// A byte written twice to a device that takes everything: two calls, neither blocks.
    Write,
}

impl Request {
    /// Its name; a sleep's length is not part of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sleep { .. } => "sleep",
            Self::Echo => "echo",
            Self::Write => "write",
        }
    }

    /// Its calls, in order.
    pub fn calls(self) -> impl Iterator<Item = Call> {
        let calls = match self {
            Self::Sleep { duration_ns } => {
                [Some(Call::Sleep(Duration::from_nanos(duration_ns))), None]
            }
            Self::Echo => [Some(Call::Send), Some(Call::Receive)],
            Self::Write => [Some(Call::Write), Some(Call::Write)],
        };
        calls.into_iter().flatten()
    }

    fn checked(self) -> Result<(), LimitError> {
        match self {
            Self::Sleep { duration_ns } => {
                nanoseconds_within("io_ns", duration_ns, 1, STRETCH_MAX_NS)
            }
            Self::Echo | Self::Write => Ok(()),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sleep { duration_ns } => {
                write!(f, "sleep {}", picoseconds(duration_ns.saturating_mul(PICOS_PER_NANO)))
            }
            Self::Echo | Self::Write => f.write_str(self.name()),
        }
    }
}

/// A request every so many increments of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Io {
    /// Increments of one worker between two requests; at least 1.
    pub every: u64,
    /// What is asked.
    pub request: Request,
}

/// Workers that only make requests, beside others that only compute: the attempt lasts until the
/// last request is answered, and until then the others increment without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Workers that make requests: the last ones of the attempt.
    pub workers: usize,
    /// Requests of each; at least 1.
    pub requests: u64,
    /// What is asked.
    pub request: Request,
}

/// How the lengths of the work inside and outside are drawn; their means are what was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lengths {
    /// Always the mean.
    #[default]
    Fixed,
    /// Evenly between nothing and twice the mean.
    Uniform,
    /// Exponentially: many short ones and a few long ones.
    Exponential,
}

impl Lengths {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Fixed, Self::Uniform, Self::Exponential];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Uniform => "uniform",
            Self::Exponential => "exponential",
        }
    }
}

/// What one task does; every task of an attempt does the same, except those of a [`Service`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// Tasks of an attempt.
    pub tasks: u64,
    /// Bodies of a task.
    pub increments: u64,
    /// The steps of one increment.
    pub body: Increment,
    /// Steps of a task outside its bodies: half before them, half after.
    pub task_steps: u32,
    /// Cost of every step, in nanoseconds; 0 runs at native speed.
    pub step_cost_ns: u64,
    /// Work inside the window, in nanoseconds.
    pub inside_ns: u64,
    /// Work after each body, in nanoseconds.
    pub outside_ns: u64,
    /// Requests between bodies.
    pub io: Option<Io>,
    /// Workers that make requests; tasks and increments are then without end.
    pub service: Option<Service>,
    /// How long workers increment instead of taking tasks; `None` until the tasks are done.
    pub duration_ns: Option<u64>,
    /// How `inside_ns` and `outside_ns` are drawn.
    pub lengths: Lengths,
    /// Locks, each with a counter of its own, of which each body takes one at random; at least 1.
    pub locks: u32,
    /// Share of the bodies that only read, in percent.
    pub reads_percent: u32,
    /// Bodies that arrive per second, for all workers together, whether or not those before them
    /// are done; `None` begins each as soon as the last is done. Only beside a duration.
    pub arrivals_per_s: Option<u64>,
}

impl Workload {
    /// The smallest there is: one task of one increment, at native speed, and nothing else.
    pub const ONE: Self = Self {
        tasks: 1,
        increments: 1,
        body: Increment::Named(BodyName::Increment),
        task_steps: 0,
        step_cost_ns: 0,
        inside_ns: 0,
        outside_ns: 0,
        io: None,
        service: None,
        duration_ns: None,
        lengths: Lengths::Fixed,
        locks: 1,
        reads_percent: 0,
        arrivals_per_s: None,
    };

    /// Checks every limit; the error names the first field that breaks one.
    pub fn checked(self) -> Result<Self, LimitError> {
        within("tasks", self.tasks, 1, TASKS_MAX)?;
        within("increments", self.increments, 1, INCREMENTS_MAX)?;
        within("task_steps", self.task_steps, 0, TASK_STEPS_MAX)?;
        nanoseconds_within("step_cost_ns", self.step_cost_ns, 0, STEP_COST_MAX_NS)?;
        nanoseconds_within("inside_ns", self.inside_ns, 0, STRETCH_MAX_NS)?;
        nanoseconds_within("outside_ns", self.outside_ns, 0, STRETCH_MAX_NS)?;
        if let Some(io) = self.io {
            io.request.checked()?;
            within("io_every", io.every, 1, INCREMENTS_MAX)?;
        }
        if let Some(service) = self.service {
            service.request.checked()?;
            within("requests", service.requests, 1, REQUESTS_MAX)?;
        }
        self.checked_load()?;
        product_within(
            ("increments", self.increments),
            (self.tasks, "tasks"),
            ATTEMPT_INCREMENTS_MAX,
            "increments of an attempt",
        )?;
        Ok(self)
    }

    fn checked_load(&self) -> Result<(), LimitError> {
        if let Some(duration_ns) = self.duration_ns {
            nanoseconds_within(
                "duration_ns",
                duration_ns,
                *DURATION_NS.start(),
                *DURATION_NS.end(),
            )?;
        }
        within("locks", self.locks, 1, LOCKS_MAX)?;
        within("reads_percent", self.reads_percent, 0, READS_MAX_PERCENT)?;
        if let Some(arrivals) = self.arrivals_per_s {
            within("arrivals_per_s", arrivals, 1, ARRIVALS_MAX_PER_S)?;
        }
        Ok(())
    }

    /// Whether workers go on until a time is over or requests are answered, not until tasks are
    /// done.
    pub const fn is_endless(&self) -> bool {
        self.service.is_some() || self.duration_ns.is_some()
    }

    /// Whether bodies differ, so that each must be drawn.
    pub fn is_drawn(&self) -> bool {
        self.lengths != Lengths::Fixed || self.locks > 1 || self.reads_percent > 0
    }

    /// The counter's value after an attempt that loses nothing, as far as it can be known before;
    /// with a [`Service`] it is whatever the others have done by then.
    pub const fn expected(&self) -> u64 {
        self.tasks.saturating_mul(self.increments)
    }

    /// How many of so many workers can increment: a worker beyond one per task finds none.
    pub fn incrementing(&self, workers: usize) -> usize {
        match self.service {
            Some(service) => workers.saturating_sub(service.workers),
            None if self.duration_ns.is_some() => workers,
            None => workers.min(usize::try_from(self.tasks).unwrap_or(usize::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: Workload = Workload::ONE;

    #[track_caller]
    fn refused(workload: Workload, field: &str) {
        let error = workload.checked().expect_err("beyond a limit");
        assert_eq!(error.field, field);
        assert!(error.to_string().contains("choose a value from"), "{error}");
    }

    #[test]
    fn durations_are_exact() {
        let shown =
            [5_000_000_000, 500_000, 500, 1_500_000, 1, 10_000_000_000_000].map(picoseconds);
        assert_eq!(shown, ["5 ms", "500 ns", "0.5 ns", "1.5 us", "0.001 ns", "10 s"]);
    }

    #[test]
    fn limits_are_refused_by_name() {
        assert!(TINY.checked().is_ok());
        refused(Workload { tasks: 0, ..TINY }, "tasks");
        refused(Workload { tasks: TASKS_MAX + 1, ..TINY }, "tasks");
        refused(Workload { increments: 1_000_000_000_000_000, ..TINY }, "increments");
        refused(Workload { task_steps: TASK_STEPS_MAX + 1, ..TINY }, "task_steps");
        refused(Workload { step_cost_ns: STEP_COST_MAX_NS + 1, ..TINY }, "step_cost_ns");
        refused(Workload { inside_ns: STRETCH_MAX_NS + 1, ..TINY }, "inside_ns");
        refused(Workload { outside_ns: STRETCH_MAX_NS + 1, ..TINY }, "outside_ns");
        let io = |every, duration_ns| {
            let request = Request::Sleep { duration_ns };
            Workload { io: Some(Io { every, request }), ..TINY }
        };
        refused(io(0, 1), "io_every");
        refused(io(1, 0), "io_ns");
        let service = |requests, request| Workload {
            service: Some(Service { workers: 1, requests, request }),
            ..TINY
        };
        refused(service(0, Request::Echo), "requests");
        refused(service(REQUESTS_MAX + 1, Request::Write), "requests");
        refused(service(1, Request::Sleep { duration_ns: STRETCH_MAX_NS + 1 }), "io_ns");
        refused(Workload { tasks: 1000, increments: 1_000_000_000, ..TINY }, "increments");
    }
}
