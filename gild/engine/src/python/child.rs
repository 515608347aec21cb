//! An interpreter that runs one attempt after the other: starts it, hands it jobs, ends it at the
//! first error. Judges no outcome.

use std::time::Duration;

use strategies::machine::native::abort::Abort;

use crate::limits::PROBE_TIME_MAX;
use crate::python::error::PythonError;
use crate::python::interpreter::{IDENTIFY, Interpreter, garbage, greeting, start};
use crate::python::job::{Answer, ExperimentJob, ExperimentOutcome, decode, encode};
use crate::python::line_process::Process;
use crate::python::version::GlobalLock;

/// What the interpreter runs, after [`IDENTIFY`].
const EXPERIMENT: &str = include_str!("experiment.py");
/// Time after its limit at which an interpreter that was not ended ends itself.
const ALARM_AFTER: Duration = Duration::from_secs(2);

/// A running interpreter. Dropping it kills it.
#[derive(Debug)]
pub struct Child {
    interpreter: Interpreter,
    /// `None` after an error.
    process: Option<Process>,
    /// Whether it has said who it is.
    greeted: bool,
}

impl Child {
    /// Starts the interpreter and does not wait for it; the first attempt does.
    pub fn start(interpreter: &Interpreter) -> Result<Self, PythonError> {
        let program = format!("{IDENTIFY}\n{EXPERIMENT}");
        // Neither what users nor what sites added, and nothing is left behind.
        let process = start(&interpreter.path, &["-s", "-S", "-B", "-c", &program])?;
        Ok(Self { interpreter: interpreter.clone(), process: Some(process), greeted: false })
    }

    /// Time on a processor that it has used so far, to a hundredth of a second; `None` if the
    /// system does not tell.
    pub fn used(&self) -> Option<Duration> {
        self.process.as_ref().map_or(Some(Duration::ZERO), Process::used)
    }

    /// Runs one attempt. Raising `abort` ends it with [`PythonError::Stopped`], taking longer than
    /// `limit` with [`PythonError::TooLong`]. After any error the interpreter is gone.
    pub fn run(
        &mut self,
        job: &ExperimentJob,
        abort: &Abort,
        limit: Duration,
    ) -> Result<ExperimentOutcome, PythonError> {
        let mut process = self.process.take().ok_or(PythonError::Used)?;
        let outcome = self.attempt(&mut process, job, abort, limit)?;
        self.process = Some(process);
        Ok(outcome)
    }

    fn attempt(
        &mut self,
        process: &mut Process,
        job: &ExperimentJob,
        abort: &Abort,
        limit: Duration,
    ) -> Result<ExperimentOutcome, PythonError> {
        let Interpreter { path, version } = &self.interpreter;
        job.rule.check(*version)?;
        if !self.greeted {
            let found = greeting(path, process, abort, PROBE_TIME_MAX)?.version;
            if found != *version {
                let (path, expected) = (path.clone(), *version);
                return Err(PythonError::Changed { path, expected, found });
            }
            self.greeted = true;
        }
        let line = encode(job, limit.saturating_add(ALARM_AFTER));
        let line = process.send(&line).and_then(|()| process.line(abort, limit));
        let line = line.map_err(|silence| PythonError::from_silence(silence, path, limit))?;
        match decode(&line) {
            Some(Answer::Outcome(mut outcome)) => {
                if version.lock == GlobalLock::Absent {
                    // What was counted is how a word went between cores.
                    outcome.switches = None;
                }
                Ok(outcome)
            }
            Some(Answer::Error(message)) => Err(PythonError::Failed { version: *version, message }),
            None => Err(garbage(path, &line, "an outcome")),
        }
    }
}

#[cfg(test)]
#[path = "child_tests.rs"]
mod tests;
