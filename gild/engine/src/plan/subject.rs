//! Subject of a cell: a strategy of the lab's own, or a real interpreter. Runs nothing.
//!
//! An interpreter is judged by the GIL of its era: what that promises, it should keep.

use strategies::catalog::{Promise, Spec};
use strategies::harness::entry::{Entry, Guarantee, ModelBasis, Parameter, SwitchCounting};
use strategies::program::body_spec::Increment;
use strategies::program::era::{Era, INTERVAL_FLOOR_US, RuleKind, SwitchRule};
use strategies::program::limit::{LimitError, nanoseconds, picoseconds};
use strategies::program::workload::{Io, Request, Workload};

use crate::python::version::{GlobalLock, Version};

/// Catalogue entry of the `cpython` strategy.
pub const CPYTHON: Entry = Entry::exact(
    "cpython",
    "a real CPython in a child process, running the same experiment",
)
.with_promise(
    "that of the `gil` of its era; of a version without an era here nothing; not part of `all`",
)
.with_guarantee(Guarantee::DependsOnSites)
.with_switches(SwitchCounting::None)
.with_model(strategies::gil::to_moves, ModelBasis::SwitchRule)
.with_parameters(&[
    Parameter {
        name: "python",
        unit: "path",
        default: "those that the lab was started with; embedded, the first on PATH",
        range: "2.7, or 3.2 and later",
        description: "Which interpreters run the experiment.",
    },
    Parameter {
        name: "switch-interval",
        unit: "duration",
        default: "5ms, 500ns, 0.5ns",
        range: "above 0 up to 10s; from 3.2 on",
        description: "The value of sys.setswitchinterval.",
    },
    Parameter {
        name: "switch-ticks",
        unit: "ticking steps",
        default: "100, 10, 1",
        range: "1 to 1000000; 2.7 only",
        description: "The value of sys.setcheckinterval.",
    },
]);

/// Subject of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A strategy of the lab's own.
    Lab(Spec),
    /// A real interpreter.
    Python(Python),
}

/// A real interpreter with its switch rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Python {
    /// Its place in the lab's list.
    pub place: usize,
    /// Its version.
    pub version: Version,
    /// Rule by which a thread must release the lock.
    pub rule: SwitchRule,
}

impl From<Spec> for Subject {
    fn from(spec: Spec) -> Self {
        Self::Lab(spec)
    }
}

/// The era whose rules an interpreter follows. `None` where the lab has no model of it: of a version
/// after the last known one, and of a free-threaded build with its lock, which looks for requests to
/// switch at other steps than the ordinary build.
pub fn era_of(version: Version) -> Option<Era> {
    let Version { major, minor, lock, .. } = version;
    match lock {
        GlobalLock::Held => Era::parse(&format!("{major}.{minor}")),
        GlobalLock::Absent => Era::parse(&format!("{major}.{minor}t")),
        GlobalLock::Enabled => None,
    }
}

impl Subject {
    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// Its catalogue entry.
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::Lab(spec) => spec.name().entry(),
            Self::Python(_) => &CPYTHON,
        }
    }

    /// The strategy itself, or the GIL that an interpreter should behave as; `None` where the lab has
    /// no era of it.
    pub fn model(self) -> Option<Spec> {
        match self {
            Self::Lab(spec) => Some(spec),
            Self::Python(Python { version, rule, .. }) => {
                era_of(version).map(|era| Spec::Gil { era, rule })
            }
        }
    }

    /// The switch rule, where there is one.
    pub const fn rule(self) -> Option<SwitchRule> {
        match self {
            Self::Lab(spec) => spec.rule(),
            Self::Python(Python { rule, .. }) => Some(rule),
        }
    }

    /// The same with another switch rule; itself where it has none.
    pub(crate) fn with_rule(self, rule: SwitchRule) -> Self {
        match self {
            Self::Lab(Spec::Gil { era, rule: _ }) => Self::Lab(Spec::Gil { era, rule }),
            Self::Lab(Spec::Plain(_)) => self,
            Self::Python(python) => Self::Python(Python { rule, ..python }),
        }
    }

    /// What of the asked interval takes effect, in microseconds.
    pub fn effective_interval_us(self) -> Option<u64> {
        match (self, self.rule()?) {
            (Self::Lab(spec), _) => spec.effective_interval_us(),
            // Every version that has intervals has the same floor.
            (Self::Python(_), SwitchRule::Interval(asked)) => {
                Some(asked.effective_us(INTERVAL_FLOOR_US))
            }
            (Self::Python(_), SwitchRule::Ticks(_) | SwitchRule::Free) => None,
        }
    }

    /// Whether no `CPython` has this combination of era and rule.
    pub fn is_hypothetical(self) -> bool {
        self.model().is_some_and(Spec::is_hypothetical)
    }

    /// Whether it is a real interpreter.
    pub const fn is_python(self) -> bool {
        matches!(self, Self::Python(_))
    }

    /// Whether switches are counted: where there is a lock, and not from outside an interpreter.
    pub const fn counts_switches(self) -> bool {
        match self {
            Self::Lab(spec) => {
                matches!(spec.name().entry().switches, SwitchCounting::Counted)
                    && !matches!(spec.rule(), Some(SwitchRule::Free))
            }
            Self::Python(_) => false,
        }
    }

    /// Its promise for a workload on so many workers. Without an era an interpreter promises what each
    /// Python does: that a thread by itself and sections under a lock lose nothing.
    pub fn promise(self, workload: &Workload, workers: usize) -> Promise {
        let is_exact = workload.incrementing(workers) <= 1 || workload.body.has_lock();
        match self.model() {
            Some(model) => model.promise(workload, workers),
            None if is_exact => Promise::Exact,
            None => Promise::Lossy,
        }
    }

    /// Refuses what it cannot do, with the reason.
    pub fn check(self, workload: &Workload) -> Result<(), LimitError> {
        let python = match self {
            Self::Lab(spec) => return spec.check(workload),
            Self::Python(python) => python,
        };
        python.check_rule()?;
        // What it cannot be asked depends on the rule only.
        Spec::Gil { era: Era::default_for(python.rule.kind()), rule: python.rule }
            .check(workload)?;
        let refuse = |field, value: String, reason: &str| LimitError {
            field,
            value,
            reason: format!("cannot be done by `cpython`: {reason}"),
            way_out: "leave cpython out, or leave that at its default".into(),
        };
        let paced = "an interpreter's instructions cost what they cost";
        match *workload {
            Workload { body: body @ Increment::Custom(_), .. } => {
                Err(refuse("steps", body.to_string(), "it runs programs, which have names"))
            }
            Workload { duration_ns: Some(duration_ns), .. } => {
                Err(refuse("duration_ns", nanoseconds(duration_ns), "it runs tasks to their end"))
            }
            Workload { inside_ns, .. } if inside_ns > 0 => {
                Err(refuse("inside_ns", nanoseconds(inside_ns), paced))
            }
            Workload { outside_ns, .. } if outside_ns > 0 => {
                Err(refuse("outside_ns", nanoseconds(outside_ns), paced))
            }
            Workload {
                io: Some(Io { request: request @ (Request::Echo | Request::Write), .. }),
                ..
            } => Err(refuse("io_calls", request.to_string(), "between bodies it only sleeps")),
            _ => Ok(()),
        }
    }
}

impl Python {
    /// Refuses a rule that this version does not have.
    fn check_rule(self) -> Result<(), LimitError> {
        let Self { version, rule, .. } = self;
        let (field, value) = match rule {
            SwitchRule::Interval(asked) => ("switch_interval_ps", picoseconds(asked.picoseconds())),
            SwitchRule::Ticks(ticks) => ("switch_ticks", ticks.to_string()),
            SwitchRule::Free => return Ok(()),
        };
        let own = match version.rule_kind() {
            kind if kind == rule.kind() => return Ok(()),
            RuleKind::Interval => "by interval: name a switch interval",
            RuleKind::Ticks => "by ticks: name a number of ticks",
            RuleKind::Free => "nothing: leave it out",
        };
        Err(LimitError {
            field,
            value,
            reason: format!("cannot be done by cpython {version}"),
            way_out: format!("it switches {own}").into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use strategies::program::bodies::BodyName;
    use strategies::program::body_spec::CustomBody;
    use strategies::program::era::SwitchInterval;

    use super::*;

    const fn version(major: u8, minor: u8, lock: GlobalLock) -> Version {
        Version { major, minor, micro: 1, lock }
    }

    #[test]
    fn version_maps_to_its_era() {
        let of = |major, minor| era_of(version(major, minor, GlobalLock::Held));
        let known = [Era::V2_7, Era::V3_6, Era::V3_13].map(Some);
        assert_eq!([of(2, 7), of(3, 6), of(3, 13)], known);
        assert_eq!(era_of(version(3, 13, GlobalLock::Absent)), Some(Era::V3_13T));
    }

    /// Every state of the lock in versions that the lab knows and in later ones: what has no era
    /// promises nothing by one.
    #[test]
    fn version_without_an_era_promises_nothing_by_another_era() {
        use GlobalLock::{Absent, Enabled, Held};
        let ps = SwitchInterval::from_picoseconds(500);
        let two = Workload { tasks: 2, ..Workload::ONE };
        let locked = Workload { body: BodyName::Locked.into(), ..two };
        for (minor, lock) in [
            (13, Enabled),
            (14, Held),
            (14, Absent),
            (14, Enabled),
            (15, Held),
            (15, Absent),
            (15, Enabled),
            (99, Held),
        ] {
            let version = version(3, minor, lock);
            let rule = match version.rule_kind() {
                RuleKind::Free => SwitchRule::Free,
                RuleKind::Interval | RuleKind::Ticks => SwitchRule::Interval(ps),
            };
            let python = Subject::Python(Python { place: 0, version, rule });
            assert_eq!((era_of(version), python.model()), (None, None), "{version}");
            assert_eq!(python.promise(&two, 2), Promise::Lossy, "{version}");
            assert_eq!(python.promise(&two, 1), Promise::Exact, "{version}");
            assert_eq!(python.promise(&locked, 2), Promise::Exact, "{version}");
            assert_eq!(python.check(&two), Ok(()), "{version}");
            assert!(!python.is_hypothetical());
            let effective = (lock != Absent).then_some(1);
            assert_eq!(python.effective_interval_us(), effective, "{version}");
        }
    }

    #[test]
    fn interpreter_promises_the_same_as_its_era() {
        let rule = SwitchRule::Ticks(100);
        let python = |minor| {
            let version = version(3, minor, GlobalLock::Held);
            Subject::Python(Python { place: 0, version, rule })
        };
        let other_rule = python(9).check(&Workload::ONE).expect_err("3.9 has no ticks");
        assert_eq!(
            other_rule.to_string(),
            "switch_ticks: 100 cannot be done by cpython 3.9.1; \
             it switches by interval: name a switch interval"
        );
        let two = Workload { tasks: 2, ..Workload::ONE };
        assert_eq!(python(9).promise(&two, 2), Promise::Lossy);
        assert_eq!(python(11).promise(&two, 2), Promise::Exact);
    }

    #[test]
    fn switches_without_a_lock_are_not_counted() {
        let gil = |era, rule| Subject::Lab(Spec::Gil { era, rule });
        assert!(gil(Era::V2_7, SwitchRule::Ticks(1)).counts_switches());
        assert!(!gil(Era::V3_13T, SwitchRule::Free).counts_switches());
    }

    #[test]
    fn interpreter_with_paced_work_is_refused() {
        let version = version(2, 7, GlobalLock::Held);
        let python = Subject::Python(Python { place: 0, version, rule: SwitchRule::Ticks(1) });
        let field = |workload| python.check(&workload).expect_err("refused").field;
        assert_eq!(field(Workload { inside_ns: 1, ..Workload::ONE }), "inside_ns");
        assert_eq!(field(Workload { outside_ns: 1, ..Workload::ONE }), "outside_ns");
        let io = Some(Io { every: 1, request: Request::Echo });
        assert_eq!(field(Workload { io, ..Workload::ONE }), "io_calls");
        let body = CustomBody::parse("L.S").expect("a body").into();
        let by_hand = python.check(&Workload { body, ..Workload::ONE }).expect_err("refused");
        assert_eq!(
            by_hand.to_string(),
            "steps: L.S cannot be done by `cpython`: it runs programs, which have names; \
             leave cpython out, or leave that at its default"
        );
        assert!(python.check(&Workload { step_cost_ns: 15, ..Workload::ONE }).is_ok());
    }
}
