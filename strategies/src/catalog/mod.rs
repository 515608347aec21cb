//! The catalogue: the only match from a name to a type, and what follows from a strategy's
//! parameters.
//!
//! A further strategy is one file, which holds the type and its [`Entry`], and one line below.

use std::fmt;
use std::time::Duration;

use crate::gil::Gil;
use crate::gil::interval::Interval;
use crate::gil::ticks::{START_TICKS, Ticks};
use crate::harness::entry::{Entry, Guarantee, ModelBasis, WindowSupport};
use crate::harness::strategy::Strategy;
use crate::lock_free::unlocked::Unlocked;
use crate::machine::Machine;
use crate::program::body_spec::Increment;
use crate::program::era::{Era, RuleKind, SwitchRule};
use crate::program::limit::{LimitError, nanoseconds};
use crate::program::step::{SideEffect, Sites, Step};
use crate::program::workload::{Lengths, Workload};

/// A variant, an entry and a constructor for each strategy that has no parameters of its own.
macro_rules! plain_strategies {
    ($($strategy:ident in $($room:ident)::+,)+) => {
        /// A strategy without parameters of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Plain {
            $(
                #[doc = concat!("See [`crate::", stringify!($($room)::+), "`].")]
                $strategy,
            )+
        }

        impl Plain {
            /// Every one, in the order of tables.
            pub const ALL: &[Self] = &[$(Self::$strategy),+];

            pub(crate) const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$strategy => &crate::$($room)::+::ENTRY,)+
                }
            }

            fn build<M, V>(self, machine: &M, workers: usize, visitor: V) -> V::Output
            where
                M: Machine + 'static,
                V: Visitor<M>,
            {
                match self {
                    $(Self::$strategy => {
                        visitor.visit(|| crate::$($room)::+::$strategy::new(machine, workers))
                    })+
                }
            }
        }
    };
}

plain_strategies! {
    FairMutex in locks::queue::fair_mutex,
    Ticket in locks::queue::ticket,
    Mcs in locks::queue::mcs,
    Clh in locks::queue::clh,
    TicketSpin in locks::queue::ticket_spin,
    McsSpin in locks::queue::mcs_spin,
    ClhSpin in locks::queue::clh_spin,
    Combining in locks::queue::combining,
    Spin in locks::spin::test_and_set,
    RwLock in locks::shared::rwlock,
    SeqLock in locks::shared::seqlock,
    StdMutex in locks::foreign::std_mutex,
    ParkingLot in locks::foreign::parking_lot_mutex,
    ParkingLotFair in locks::foreign::parking_lot_fair,
    Pthread in locks::foreign::pthread,
    CasLoop in lock_free::cas_loop,
    Atomic in lock_free::atomic,
    Sharded in lock_free::sharded,
    Unlocked in lock_free::unlocked,
    Broken in locks::broken,
}

/// A strategy, whatever its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name {
    /// A global interpreter lock.
    Gil,
    /// One that has no parameters.
    Plain(Plain),
}

impl Name {
    /// Every strategy, in the order of tables.
    pub fn all() -> Vec<Self> {
        let plain = Plain::ALL.iter().map(|&plain| Self::Plain(plain));
        std::iter::once(Self::Gil).chain(plain).collect()
    }

    /// What it says of itself.
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::Gil => &crate::gil::ENTRY,
            Self::Plain(plain) => plain.entry(),
        }
    }

    /// The strategy of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|known| known.entry().name == name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().name)
    }
}

/// What a strategy says about losing updates, given all its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Promise {
    /// It never loses one.
    Exact,
    /// It may.
    Lossy,
}

/// A strategy with its parameters: a plain value that could travel to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spec {
    /// A global interpreter lock.
    Gil {
        /// Whose check sites apply.
        era: Era,
        /// When the holder must let go.
        rule: SwitchRule,
    },
    /// One that has no parameters.
    Plain(Plain),
}

/// What is done with a strategy once its type is known.
pub trait Visitor<M: Machine> {
    /// What comes of it.
    type Output;
    /// Receives the strategy, as often as it likes.
    fn visit<S: Strategy<M> + 'static>(self, make: impl Fn() -> S) -> Self::Output;
}

impl Spec {
    /// The name without the parameters.
    pub const fn name(self) -> Name {
        match self {
            Self::Gil { .. } => Name::Gil,
            Self::Plain(plain) => Name::Plain(plain),
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
            Self::Plain(plain) => plain.build(machine, workers, visitor),
            Self::Gil { rule: SwitchRule::Ticks(budget), .. } => {
                visitor.visit(|| Gil::new(Ticks::new(machine, budget), START_TICKS))
            }
            Self::Gil { era, rule: SwitchRule::Interval(interval) } => {
                let facts = era.facts();
                let patience_us = interval.effective_us(facts.interval_floor_us);
                let patience = Duration::from_micros(patience_us);
                let switching = || Interval::new(machine, patience, facts.hand_over);
                visitor.visit(|| Gil::new(switching(), 1))
            }
            Self::Gil { rule: SwitchRule::Free, .. } => {
                visitor.visit(|| Unlocked::new(machine, workers))
            }
        }
    }

    /// What its moves stand for.
    pub const fn basis(self) -> ModelBasis {
        match self {
            Self::Plain(plain) => plain.entry().basis,
            // Free-threaded, it runs as `unlocked` does.
            Self::Gil { rule: SwitchRule::Free, .. } => Plain::Unlocked.entry().basis,
            Self::Gil { .. } => crate::gil::ENTRY.basis,
        }
    }

    /// The era, where there is one.
    pub const fn era(self) -> Option<Era> {
        match self {
            Self::Gil { era, .. } => Some(era),
            Self::Plain(_) => None,
        }
    }

    /// The switch rule, where there is one.
    pub const fn rule(self) -> Option<SwitchRule> {
        match self {
            Self::Gil { rule, .. } => Some(rule),
            Self::Plain(_) => None,
        }
    }

    /// What of the asked interval takes effect, in microseconds.
    pub fn effective_interval_us(self) -> Option<u64> {
        match self {
            Self::Gil { era, rule: SwitchRule::Interval(interval) } => {
                Some(interval.effective_us(era.facts().interval_floor_us))
            }
            Self::Gil { .. } | Self::Plain(_) => None,
        }
    }

    /// Where an interpreter would look; strategies that are none never ask.
    pub const fn sites(self) -> Sites {
        match self {
            Self::Plain(_) => Sites::AfterMostSteps,
            Self::Gil { era, .. } => era.facts().sites,
        }
    }

    /// Whether no `CPython` has this combination of era and rule.
    pub fn is_hypothetical(self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Gil { era, rule } => era.facts().rule != rule.kind(),
        }
    }

    /// What this strategy promises for a workload on so many workers.
    pub fn promise(self, workload: &Workload, workers: usize) -> Promise {
        let is_alone = workload.incrementing(workers) <= 1;
        let keeps = match self.name().entry().guarantee {
            Guarantee::Exact => true,
            Guarantee::Lossy => false,
            Guarantee::DependsOnSites => !self.era().is_some_and(|era| era.can_lose(workload.body)),
        };
        if is_alone || keeps || workload.body.has_lock() { Promise::Exact } else { Promise::Lossy }
    }

    /// Refuses mixed bodies where they cannot be mixed.
    fn check_mix(self, workload: &Workload) -> Result<(), LimitError> {
        let Workload { lengths, locks, reads_percent, body, .. } = *workload;
        let refuse = |field, value: String, reason: &str, way_out: &str| {
            Err(LimitError { field, value, reason: reason.into(), way_out: way_out.into() })
        };
        let is_gil = self.name() == Name::Gil;
        if is_gil && locks > 1 {
            let way_out = "ask for one lock, or leave gil and cpython out";
            return refuse("locks", locks.to_string(), "cannot be: there is one gil", way_out);
        }
        if is_gil && reads_percent > 0 {
            let reason =
                "cannot be done by `gil`: its bodies are those of a program that increments";
            let way_out = "leave reads or gil out";
            return refuse("reads_percent", reads_percent.to_string(), reason, way_out);
        }
        if is_gil && workload.arrivals_per_s.is_some() {
            let reason = "cannot be waited for under `gil`: an idle worker would keep it";
            let arrivals = workload.arrivals_per_s.unwrap_or(0).to_string();
            return refuse("arrivals_per_s", arrivals, reason, "leave arrivals or gil out");
        }
        let has_side_effect = body.steps().any(|step| step.side_effect() != SideEffect::None);
        // Who combines does others' bodies with its own lengths: long ones would be drawn more
        // often.
        let is_combining = self.name() == Name::Plain(Plain::Combining);
        if lengths != Lengths::Fixed && (is_gil || is_combining || has_side_effect) {
            let name = self.name();
            let reason = format!("lengths cannot be drawn for body {body} of `{name}`");
            let way_out = "ask for fixed lengths, or for body increment, no gil and no combining";
            return refuse("lengths", lengths.name().into(), &reason, way_out);
        }
        Ok(())
    }

    /// Refuses what this strategy cannot do, with the reason.
    pub fn check(self, workload: &Workload) -> Result<(), LimitError> {
        if let Self::Gil { era, rule } = self {
            check_rule(era, rule)?;
            check_body(era, workload)?;
        }
        self.check_mix(workload)?;
        let entry = self.name().entry();
        let refuse = |field, value: String| LimitError {
            field,
            value,
            reason: format!("cannot be done by `{}`: its increment has no inside", entry.name),
            way_out: format!(
                "leave {} out, or choose body increment and no inside work",
                entry.name
            )
            .into(),
        };
        match entry.window {
            WindowSupport::None if !is_indivisible(workload.body) => {
                Err(refuse(workload.body.field(), workload.body.to_string()))
            }
            WindowSupport::None if workload.inside_ns > 0 => {
                Err(refuse("inside_ns", nanoseconds(workload.inside_ns)))
            }
            WindowSupport::None | WindowSupport::Any => Ok(()),
        }
    }
}

fn check_rule(era: Era, rule: SwitchRule) -> Result<(), LimitError> {
    rule.checked()?;
    if (era.facts().rule == RuleKind::Free) == (rule == SwitchRule::Free) {
        return Ok(());
    }
    Err(LimitError {
        field: "eras",
        value: era.to_string(),
        reason: "cannot be combined with that switch rule".into(),
        way_out: "only 3.13t, which has no lock, has no switch rule".into(),
    })
}

/// Workers that increment without end must let those in that make requests; every listing's loop
/// does.
fn check_body(era: Era, workload: &Workload) -> Result<(), LimitError> {
    let body = workload.body;
    if !workload.is_endless() || body.steps().any(|step| era.lets_in(step)) {
        return Ok(());
    }
    Err(LimitError {
        field: body.field(),
        value: body.to_string(),
        reason: format!(
            "never lets another worker in under gil {era}, and io_workers would wait forever"
        ),
        way_out: "end it with J, the jump of its loop".into(),
    })
}

/// Whether a body is no more than its load and its store with local steps between.
fn is_indivisible(body: Increment) -> bool {
    let is_local = |step| matches!(step, Step::Load | Step::Local | Step::Quiet);
    body.window().all(is_local) && !body.has_lock()
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
