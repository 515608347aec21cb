//! The other side: real interpreters, each in a child process, and the GIL of each one's era.

use std::path::PathBuf;
use std::time::Duration;

use engine::plan::subject::era_of;
use engine::python::child::Child;
use engine::python::error::PythonError;
use engine::python::interpreter::Interpreter;
use engine::python::job::{ExperimentJob, ExperimentOutcome, Rule, Work};
use engine::sys::affinity::{Pin, worker_cores};
use strategies::machine::native::abort::Abort;
use strategies::program::bodies::BodyName;
use strategies::program::era::{Era, RuleKind};

/// How long an attempt may take.
const LIMIT: Duration = Duration::from_secs(30);

/// One interpreter.
#[derive(Debug)]
pub(crate) struct Real {
    pub(crate) interpreter: Interpreter,
    era: Era,
    child: Child,
}

/// All that were found.
#[derive(Debug)]
pub(crate) struct Reals(pub(crate) Vec<Real>);

impl Reals {
    /// Those at these paths, or the one on `PATH`. One that cannot be used is named and left out.
    pub(crate) fn find(paths: &[PathBuf]) -> Self {
        let paths = match paths {
            [] => Interpreter::on_path().into_iter().collect(),
            paths => paths.to_vec(),
        };
        let started = paths.iter().filter_map(|path| match Real::start(path) {
            Ok(Some(real)) => Some(real),
            Ok(None) => {
                eprintln!("fidelity: {}: this lab has no era of it", path.display());
                None
            }
            Err(error) => {
                eprintln!("fidelity: {error}");
                None
            }
        });
        Self(started.collect())
    }

    /// For the head of the report.
    pub(crate) fn versions(&self) -> String {
        let versions: Vec<_> =
            self.0.iter().map(|real| real.interpreter.version.to_string()).collect();
        if versions.is_empty() { "none".into() } else { versions.join(", ") }
    }

    /// Those that switch by interval.
    pub(crate) fn by_interval(&mut self) -> impl Iterator<Item = &mut Real> {
        self.0.iter_mut().filter(|real| real.era().facts().rule == RuleKind::Interval)
    }
}

impl Real {
    /// `None` for one whose era the lab does not have.
    fn start(path: &std::path::Path) -> Result<Option<Self>, PythonError> {
        let interpreter = Interpreter::probe(path)?;
        let Some(era) = era_of(interpreter.version) else { return Ok(None) };
        let child = Child::start(&interpreter)?;
        Ok(Some(Self { interpreter, era, child }))
    }

    pub(crate) const fn era(&self) -> Era {
        self.era
    }

    /// `CPython 3.11.7`.
    pub(crate) fn name(&self) -> String {
        format!("CPython {}", self.interpreter.version)
    }

    /// An interval in its own rule; its own ticks where there are only those.
    pub(crate) fn rule_us(&self, microseconds: u64, ticks: u32) -> Rule {
        match self.era().facts().rule {
            RuleKind::Interval => Rule::Interval { picoseconds: microseconds * 1_000_000 },
            RuleKind::Ticks => Rule::Ticks(ticks),
            RuleKind::Free => Rule::Own,
        }
    }

    /// One attempt.
    pub(crate) fn run(&mut self, body: BodyName, rule: Rule, work: Work) -> ExperimentOutcome {
        let threads = match work {
            Work::Alone { .. } => 1,
            Work::Tasks { workers, .. } => workers,
            Work::Requests { cpu, io, .. } => cpu + io,
            Work::Switches { threads, .. } => threads,
        };
        let job = ExperimentJob {
            body: body.name(),
            rule,
            work,
            cores: worker_cores(Pin::Auto, threads),
        };
        let outcome = self.child.run(&job, &Abort::default(), LIMIT);
        outcome.expect("a job of this benchmark ends in time")
    }

    /// A long run of a body; the share of increments that is missing.
    pub(crate) fn lost(&mut self, body: BodyName, rule: Rule, workers: usize, total: u64) -> f64 {
        let tasks = workers as u64;
        let work = Work::Tasks { workers, tasks, increments: total / tasks, io: None };
        let outcome = self.run(body, rule, work);
        let done: u64 = outcome.workers.iter().map(|worker| worker.increments).sum();
        (done as f64 - outcome.total as f64) / done as f64
    }

    /// Switches per second among threads that only compute, and the processor time that it took.
    pub(crate) fn switch_rate(
        &mut self,
        threads: usize,
        rule: Rule,
        duration: Duration,
    ) -> (f64, Duration) {
        let work = Work::Switches { threads, duration };
        let outcome = self.run(BodyName::Increment, rule, work);
        let rate = outcome.switches.unwrap_or(0) as f64 * 1e9 / outcome.duration_ns as f64;
        (rate, Duration::from_nanos(outcome.cpu.user_ns + outcome.cpu.system_ns))
    }
}
