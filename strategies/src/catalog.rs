//! The catalogue: names, parameters and promises, and the only match from a name to a type.
//!
//! A further strategy is one file and one variant here; the compiler then asks for its row in each
//! match below.

use std::fmt;

use crate::atomic::Atomic;
use crate::era::{Era, SwitchRule, TICKS_MAX};
use crate::fair_mutex::FairMutex;
use crate::gil::Gil;
use crate::gil::interval::Interval;
use crate::gil::ticks::{START_TICKS, Ticks};
use crate::machine::Machine;
use crate::step::{Attention, Sites, Step};
use crate::strategy::Strategy;
use crate::unlocked::Unlocked;
use crate::workload::{LimitError, Workload};

/// A strategy without its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name {
    /// No lock.
    Unlocked,
    /// One indivisible add.
    Atomic,
    /// A first come, first served mutex.
    FairMutex,
    /// A global interpreter lock.
    Gil,
}

/// What a parameter of a strategy is called, means and accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The flag without its dashes.
    pub name: &'static str,
    /// The unit of its value; empty for a plain name.
    pub unit: &'static str,
    /// What applies when it is not given.
    pub default: &'static str,
    /// The accepted values.
    pub range: &'static str,
    /// One sentence.
    pub description: &'static str,
}

/// What a strategy says about losing updates, given all its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Promise {
    /// It never loses one.
    Exact,
    /// It may.
    Lossy,
}

const GIL_PARAMETERS: [Parameter; 3] = [
    Parameter {
        name: "era",
        unit: "",
        default: "3.9 for intervals, 2.7 for ticks",
        range: "2.7, 3.9, 3.12",
        description: "Which CPython's check sites apply.",
    },
    Parameter {
        name: "switch-interval",
        unit: "duration",
        default: "5ms, 500ns, 0.5ns",
        range: "above 0 up to 10s; takes effect in whole microseconds, at least one",
        description: "How long a waiter waits before it asks the holder to leave.",
    },
    Parameter {
        name: "switch-ticks",
        unit: "ticking steps",
        default: "100, 10, 1",
        range: "1 to 1000000",
        description: "The value of sys.setcheckinterval: the period is one more.",
    },
];

impl Name {
    /// Every strategy, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Gil, Self::FairMutex, Self::Atomic, Self::Unlocked];

    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlocked => "unlocked",
            Self::Atomic => "atomic",
            Self::FairMutex => "fair-mutex",
            Self::Gil => "gil",
        }
    }

    /// What it is, in one line.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Unlocked => "no lock at all: load, add, store",
            Self::Atomic => "one indivisible add",
            Self::FairMutex => "a first come, first served mutex held from load to store",
            Self::Gil => "a global interpreter lock that switches by interval or by ticks",
        }
    }

    /// What it promises, in words.
    pub const fn promise(self) -> &'static str {
        match self {
            Self::Unlocked => "lossy with two workers; exact with one worker or one task",
            Self::Atomic => "exact; refuses inside work and calls in the window",
            Self::FairMutex => "exact; nobody is bypassed",
            Self::Gil => "exact where the era has no check site between load and store, else lossy",
        }
    }

    /// Its own parameters; those of the workload apply to all.
    pub const fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Unlocked | Self::Atomic | Self::FairMutex => &[],
            Self::Gil => &GIL_PARAMETERS,
        }
    }

    /// The strategy of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A strategy with its parameters: a plain value that could travel to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spec {
    /// No lock.
    Unlocked,
    /// One indivisible add.
    Atomic,
    /// A first come, first served mutex.
    FairMutex,
    /// A global interpreter lock.
    Gil {
        /// Whose check sites apply.
        era: Era,
        /// When the holder must let go.
        rule: SwitchRule,
    },
}

/// What is done with a strategy once its type is known.
pub trait Visitor<M: Machine> {
    /// What comes of it.
    type Output;
    /// Receives the strategy.
    fn visit<S: Strategy<M> + 'static>(self, strategy: S) -> Self::Output;
}

impl Spec {
    /// The name without the parameters.
    pub const fn name(self) -> Name {
        match self {
            Self::Unlocked => Name::Unlocked,
            Self::Atomic => Name::Atomic,
            Self::FairMutex => Name::FairMutex,
            Self::Gil { .. } => Name::Gil,
        }
    }

    /// Builds the strategy and hands it to `visitor`: below this match every type is known.
    pub fn build<M: Machine + 'static, V: Visitor<M>>(
        self,
        machine: &M,
        workers: usize,
        visitor: V,
    ) -> V::Output {
        match self {
            Self::Unlocked => visitor.visit(Unlocked),
            Self::Atomic => visitor.visit(Atomic),
            Self::FairMutex => visitor.visit(FairMutex::new(machine, workers)),
            Self::Gil { rule: SwitchRule::Ticks(budget), .. } => {
                visitor.visit(Gil::new(Ticks::new(machine, budget), START_TICKS))
            }
            Self::Gil { rule: SwitchRule::Interval(interval), .. } => {
                visitor.visit(Gil::new(Interval::new(machine, interval), 1))
            }
        }
    }

    /// Where an interpreter would look; strategies that are none never ask.
    pub const fn sites(self) -> Sites {
        match self {
            Self::Unlocked | Self::Atomic | Self::FairMutex => Sites::AfterMostSteps,
            Self::Gil { era, .. } => era.facts().sites,
        }
    }

    /// Whether no `CPython` has this combination of era and rule.
    pub fn is_hypothetical(self) -> bool {
        match self {
            Self::Unlocked | Self::Atomic | Self::FairMutex => false,
            Self::Gil { era, rule } => era.facts().rule != rule.kind(),
        }
    }

    /// What this strategy promises for a workload on so many workers.
    pub fn promise(self, workload: &Workload, workers: usize) -> Promise {
        let alone = workers == 1 || workload.tasks == 1;
        let exact = alone
            || match self {
                Self::Atomic | Self::FairMutex => true,
                Self::Unlocked => false,
                Self::Gil { .. } => !self.may_switch_in_window(workload),
            };
        if exact { Promise::Exact } else { Promise::Lossy }
    }

    /// Refuses what this strategy cannot do, with the reason.
    pub fn check(self, workload: &Workload) -> Result<(), LimitError> {
        match self {
            Self::Unlocked | Self::FairMutex => Ok(()),
            Self::Atomic => check_atomic(workload),
            Self::Gil { rule, .. } => check_rule(rule),
        }
    }

    fn may_switch_in_window(self, workload: &Workload) -> bool {
        let is_site = |step| self.sites().attention(step) == Attention::Site;
        is_site(Step::Load) || workload.body.window().iter().any(|&step| is_site(step))
    }
}

fn check_atomic(workload: &Workload) -> Result<(), LimitError> {
    let refuse = |field, value: String| LimitError {
        field,
        value,
        reason: "cannot be done by `atomic`: an atomic increment has no inside".into(),
        way_out: "leave atomic out, or choose body increment and no inside work".into(),
    };
    if workload.body.window().contains(&Step::Call) {
        return Err(refuse("bodies", workload.body.to_string()));
    }
    if workload.inside_ns > 0 {
        return Err(refuse("inside_ns", workload.inside_ns.to_string()));
    }
    Ok(())
}

fn check_rule(rule: SwitchRule) -> Result<(), LimitError> {
    use crate::era::{INTERVAL_MAX_PS, SwitchInterval};
    use crate::workload::within;
    match rule {
        SwitchRule::Ticks(budget) => within("switch_ticks", budget, 1, TICKS_MAX).map(drop),
        SwitchRule::Interval(asked) => {
            within("switch_interval_ps", asked.picoseconds(), 1, INTERVAL_MAX_PS)
                .map(SwitchInterval::from_picoseconds)
                .map(drop)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::era::SwitchInterval;
    use crate::step::BodyName;
    use crate::workload::tests::TINY;

    const TWO: Workload = Workload { tasks: 2, ..TINY };

    fn gil(era: Era) -> Spec {
        let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(5_000_000_000));
        Spec::Gil { era, rule }
    }

    #[test]
    fn names_are_found_again() {
        for name in Name::ALL {
            assert_eq!(Name::parse(name.name()), Some(name));
        }
    }

    /// The table "which programs lose" of the reference, as far as these eras and bodies go.
    #[test]
    fn only_eras_that_look_inside_the_window_may_lose() {
        let promise = |era, body| gil(era).promise(&Workload { body, ..TWO }, 2);
        assert_eq!(promise(Era::V2_7, BodyName::Increment), Promise::Lossy);
        assert_eq!(promise(Era::V3_9, BodyName::Increment), Promise::Lossy);
        assert_eq!(promise(Era::V3_12, BodyName::Increment), Promise::Exact);
        assert_eq!(promise(Era::V3_12, BodyName::Call), Promise::Lossy);
    }

    #[test]
    fn whoever_is_alone_loses_nothing() {
        assert_eq!(Spec::Unlocked.promise(&TWO, 1), Promise::Exact);
        assert_eq!(Spec::Unlocked.promise(&TINY, 8), Promise::Exact);
        assert_eq!(Spec::Unlocked.promise(&TWO, 2), Promise::Lossy);
    }

    #[test]
    fn an_atomic_increment_has_no_inside() {
        let refused = |workload| Spec::Atomic.check(&workload).expect_err("refused").to_string();
        let call = refused(Workload { body: BodyName::Call, ..TINY });
        assert!(call.starts_with("bodies: call cannot be done by `atomic`"), "{call}");
        let inside = refused(Workload { inside_ns: 5, ..TINY });
        assert!(inside.starts_with("inside_ns: 5 cannot be done"), "{inside}");
    }

    #[test]
    fn a_rule_of_another_era_is_hypothetical() {
        let ticks = |era| Spec::Gil { era, rule: SwitchRule::Ticks(100) };
        assert!(!ticks(Era::V2_7).is_hypothetical());
        assert!(ticks(Era::V3_12).is_hypothetical());
        assert!(!gil(Era::V3_12).is_hypothetical());
    }

    #[test]
    fn rules_have_limits() {
        let with = |rule| Spec::Gil { era: Era::V3_9, rule }.check(&TINY);
        assert!(with(SwitchRule::Ticks(0)).is_err());
        assert!(with(SwitchRule::Ticks(TICKS_MAX + 1)).is_err());
        let interval = |ps| with(SwitchRule::Interval(SwitchInterval::from_picoseconds(ps)));
        assert!(interval(0).is_err());
        assert!(interval(500).is_ok());
        assert!(interval(3_600_000_000_000_000).is_err());
    }
}
