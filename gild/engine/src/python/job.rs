//! Jobs for an interpreter and their outcomes, each encoded as one line of JSON.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strategies::program::era::RuleKind;

use crate::python::error::PythonError;
use crate::python::version::Version;
use crate::sys::rusage::{ContextSwitches, CpuTime};

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExperimentJob {
    /// What an increment is: the name of a [`strategies::program::bodies::BodyName`].
    pub body: &'static str,
    /// When a thread has to let go of the lock.
    pub rule: Rule,
    /// What the threads do.
    pub work: Work,
    /// The core of each thread, from 3.3 on; empty leaves it to the system.
    pub cores: Vec<usize>,
}

/// When a thread has to let go of the interpreter's lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Rule {
    /// When another has waited so long: 3.2 and later.
    Interval {
        /// In picoseconds, at least 1; the interpreter cuts them to whole microseconds, and waits
        /// for one microsecond at least.
        picoseconds: u64,
    },
    /// After so many bytecodes that count: 2.7.
    Ticks(u32),
    /// As the interpreter does by itself.
    Own,
}

/// What the threads of an attempt do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Work {
    /// Increments of one thread by itself, which is not started for them.
    Alone {
        /// How many.
        increments: u64,
    },
    /// Tasks through a pool, which starts a thread where none is idle.
    Tasks {
        /// Most threads of the pool; at least 1.
        workers: usize,
        /// Tasks of the attempt.
        tasks: u64,
        /// Increments of a task.
        increments: u64,
        /// Sleep between them.
        io: Option<Pause>,
    },
    /// Some threads increment until each of some others has made its requests.
    Requests {
        /// Threads that increment.
        cpu: usize,
        /// Threads that make requests; at least 1.
        io: usize,
        /// Requests of each of them.
        requests: u64,
        /// What a request is.
        call: Request,
    },
    /// Threads that only watch whose turn it is.
    Switches {
        /// How many; at least 1.
        threads: usize,
        /// How long.
        #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
        duration: Duration,
    },
}

/// A sleep every so many increments of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Increments of one thread between two sleeps; at least 1.
    pub every: u64,
    /// Length of a sleep in nanoseconds.
    pub duration_ns: u64,
}

/// A call that lets go of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Request {
    /// `time.sleep`: lets go once.
    Sleep {
        /// Length in nanoseconds.
        ns: u64,
    },
    /// A byte to another process and back, over a socket: lets go twice.
    Echo,
    /// A byte into a pipe and out again: lets go twice, and never blocks.
    Write,
}

/// The outcome of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentOutcome {
    /// The counter's value at the end; 0 for [`Work::Switches`].
    pub total: u64,
    /// From the first thread's start to the end of the last, in nanoseconds; at least 1. For
    /// [`Work::Switches`] from when all were there. On 2.7 and 3.2, which have no monotonic clock,
    /// by the system's time.
    pub duration_ns: u64,
    /// Threads. Of [`Work::Tasks`] in the order of their first steps, those that had no task last;
    /// of [`Work::Requests`] first those that increment, then those that make requests.
    pub workers: Vec<WorkerOutcome>,
    /// How often the lock came to a thread from another, for [`Work::Switches`] where there is a
    /// lock.
    pub switches: Option<u64>,
    /// How long each request took, in nanoseconds, thread by thread.
    pub latencies_ns: Vec<u64>,
    /// The interpreter's time on a processor during the attempt, all threads.
    #[serde(rename = "cpu_ns", deserialize_with = "cpu_time")]
    pub cpu: CpuTime,
    /// How often its threads left their cores meanwhile.
    #[serde(deserialize_with = "context_switches")]
    pub context_switches: ContextSwitches,
}

/// The outcome of one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerOutcome {
    /// Increments, whether lost or not.
    pub increments: u64,
    /// First and last step, in nanoseconds since the attempt's start; `None` if it had nothing to
    /// do.
    pub span_ns: Option<(u64, u64)>,
}

impl Rule {
    /// Whether an interpreter of that version can follow it.
    pub(super) fn check(self, version: Version) -> Result<(), PythonError> {
        let (ticks, interval) = ("a number of ticks", "an interval");
        match (self, version.rule_kind() == RuleKind::Ticks) {
            (Self::Interval { .. }, true) => {
                Err(PythonError::OtherRule { rule: interval, version, other: ticks })
            }
            (Self::Ticks(_), false) => {
                Err(PythonError::OtherRule { rule: ticks, version, other: interval })
            }
            (Self::Interval { .. } | Self::Own, false) | (Self::Ticks(_) | Self::Own, true) => {
                Ok(())
            }
        }
    }
}

/// A job with the seconds after which the interpreter ends itself if gild is gone.
#[derive(Debug, Serialize)]
struct Line<'a> {
    alarm_s: u64,
    #[serde(flatten)]
    job: &'a ExperimentJob,
}

/// What an interpreter says after a job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Outcome(ExperimentOutcome),
    /// The exception.
    Error(String),
}

/// A job as a line; `alarm` is when the interpreter ends by itself.
pub(super) fn encode(job: &ExperimentJob, alarm: Duration) -> String {
    // Seconds that the C library takes; whole ones, and never the 0 that means none.
    let alarm_s = alarm.as_secs().clamp(1, i32::MAX.unsigned_abs().into());
    serde_json::to_string(&Line { alarm_s, job }).expect("names and numbers are always JSON")
}

/// A line as an answer.
pub(super) fn decode(line: &str) -> Option<Answer> {
    serde_json::from_str(line).ok()
}

fn nanoseconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

fn cpu_time<'de, D: Deserializer<'de>>(from: D) -> Result<CpuTime, D::Error> {
    let (user_ns, system_ns) = Deserialize::deserialize(from)?;
    Ok(CpuTime { user_ns, system_ns })
}

fn context_switches<'de, D: Deserializer<'de>>(from: D) -> Result<ContextSwitches, D::Error> {
    let (voluntary, forced) = Deserialize::deserialize(from)?;
    Ok(ContextSwitches { voluntary, forced })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::version::GlobalLock;

    const SECOND: Duration = Duration::from_secs(1);

    fn written(rule: Rule, work: Work) -> String {
        encode(&ExperimentJob { body: "split", rule, work, cores: vec![1] }, SECOND)
    }

    #[test]
    fn job_is_encoded_as_the_experiment_expects() {
        let io = Some(Pause { every: 10, duration_ns: 50 });
        let work = Work::Tasks { workers: 2, tasks: 3, increments: 4, io };
        assert_eq!(
            written(Rule::Interval { picoseconds: 500 }, work),
            r#"{"alarm_s":1,"body":"split","rule":{"kind":"interval","value":{"picoseconds":500}},"#
                .to_owned()
                + r#""work":{"kind":"tasks","value":{"workers":2,"tasks":3,"increments":4,"#
                + r#""io":{"every":10,"duration_ns":50}}},"cores":[1]}"#
        );
        let work = Work::Requests { cpu: 1, io: 2, requests: 3, call: Request::Sleep { ns: 4 } };
        assert_eq!(
            written(Rule::Ticks(100), work),
            r#"{"alarm_s":1,"body":"split","rule":{"kind":"ticks","value":100},"#.to_owned()
                + r#""work":{"kind":"requests","value":{"cpu":1,"io":2,"requests":3,"#
                + r#""call":{"kind":"sleep","value":{"ns":4}}}},"cores":[1]}"#
        );
        let alone = written(Rule::Own, Work::Alone { increments: 7 });
        assert!(alone.contains(r#""work":{"kind":"alone","value":{"increments":7}}"#), "{alone}");
        let work = Work::Switches { threads: 2, duration: SECOND };
        assert_eq!(
            written(Rule::Own, work),
            r#"{"alarm_s":1,"body":"split","rule":{"kind":"own"},"#.to_owned()
                + r#""work":{"kind":"switches","value":{"threads":2,"duration_ns":1000000000}},"cores":[1]}"#
        );
    }

    #[test]
    fn alarm_is_at_least_one_second() {
        let work = Work::Switches { threads: 1, duration: SECOND };
        let job = ExperimentJob { body: "split", rule: Rule::Own, work, cores: vec![] };
        assert!(encode(&job, Duration::ZERO).contains(r#""alarm_s":1,"#));
        assert!(encode(&job, Duration::MAX).contains(r#""alarm_s":2147483647,"#));
    }

    #[test]
    fn answer_is_decoded_and_garbage_is_rejected() {
        let line = r#"{"outcome":{"total":7,"duration_ns":9,"workers":[
            {"increments":7,"span_ns":[1,8]},{"increments":0,"span_ns":null}],
            "switches":null,"latencies_ns":[3],"cpu_ns":[5,6],"context_switches":[7,8]}}"#;
        let workers = vec![
            WorkerOutcome { increments: 7, span_ns: Some((1, 8)) },
            WorkerOutcome { increments: 0, span_ns: None },
        ];
        let cpu = CpuTime { user_ns: 5, system_ns: 6 };
        let outcome = ExperimentOutcome {
            total: 7,
            duration_ns: 9,
            workers,
            switches: None,
            latencies_ns: vec![3],
            cpu,
            context_switches: ContextSwitches { voluntary: 7, forced: 8 },
        };
        assert_eq!(decode(line), Some(Answer::Outcome(outcome)));
        assert_eq!(decode(r#"{"error":"no"}"#), Some(Answer::Error("no".into())));
        let negative = line.replace("\"total\":7", "\"total\":-7");
        for garbage in ["", "{}", "7", "{\"outcome\":{}}", negative.as_str()] {
            assert_eq!(decode(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn unsupported_rule_is_refused() {
        let [old, new] = [(2, 7), (3, 2)].map(|(major, minor)| Version {
            major,
            minor,
            micro: 0,
            lock: GlobalLock::Held,
        });
        let interval = Rule::Interval { picoseconds: 1 };
        assert_eq!((interval.check(new), Rule::Ticks(1).check(old)), (Ok(()), Ok(())));
        assert_eq!((Rule::Own.check(new), Rule::Own.check(old)), (Ok(()), Ok(())));
        let refused = |rule: Rule, version| rule.check(version).expect_err("refused").to_string();
        assert!(refused(interval, old).contains("CPython 2.7.0 switches by a number of ticks"));
        assert!(refused(Rule::Ticks(1), new).contains("CPython 3.2.0 switches by an interval"));
    }
}
