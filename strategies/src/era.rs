//! Eras of `CPython` as data: where each looks whether it must switch, and by which rule.
//!
//! An era is not code: [`crate::gil`] is one protocol that reads these facts. A further era is one
//! more variant and one more row in [`Era::facts`].

use std::fmt;

use crate::step::Sites;
use crate::workload::{LimitError, duration_within, within};

/// The least patience of a waiter that takes effect: `take_gil` floors the interval at 1 µs.
pub const INTERVAL_FLOOR_US: u64 = 1;
/// The greatest asked switch interval: longer than any attempt may take.
pub const INTERVAL_MAX_PS: u64 = 10 * PICOS_PER_SECOND;
/// The greatest asked tick budget.
pub const TICKS_MAX: u32 = 1_000_000;

const PICOS_PER_MICRO: u64 = 1_000_000;
const PICOS_PER_SECOND: u64 = 1_000_000_000_000;

/// A generation of `CPython`'s switching behaviour, named by a version that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Era {
    /// One tick counter for all threads; release and immediate retake (all of 1.5 to 3.1).
    V2_7,
    /// A waiter's patience; a check site after most steps (3.2 to 3.9).
    V3_9,
    /// A waiter's patience; check sites at calls, function entry and backward jumps only.
    V3_12,
}

/// What distinguishes an era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraFacts {
    /// The name by which a user asks for it.
    pub name: &'static str,
    /// Where the interpreter looks whether it must switch.
    pub sites: Sites,
    /// The rule that this era really has; any other makes a cell hypothetical.
    pub rule: RuleKind,
}

/// How it is decided that the holder must let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// After so many ticking steps of whoever runs.
    Ticks,
    /// When a waiter has lost its patience.
    Interval,
}

impl Era {
    /// Every era, oldest first.
    pub const ALL: [Self; 3] = [Self::V2_7, Self::V3_9, Self::V3_12];

    /// The facts of this era.
    pub const fn facts(self) -> EraFacts {
        use RuleKind::{Interval, Ticks};
        use Sites::{AfterMostSteps, AtCallsAndJumps};
        match self {
            Self::V2_7 => EraFacts { name: "2.7", sites: AfterMostSteps, rule: Ticks },
            Self::V3_9 => EraFacts { name: "3.9", sites: AfterMostSteps, rule: Interval },
            Self::V3_12 => EraFacts { name: "3.12", sites: AtCallsAndJumps, rule: Interval },
        }
    }

    /// The era of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|era| era.facts().name == name)
    }

    /// The era that a rule belongs to when none is named.
    pub const fn default_for(rule: RuleKind) -> Self {
        match rule {
            RuleKind::Ticks => Self::V2_7,
            RuleKind::Interval => Self::V3_9,
        }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().name)
    }
}

/// When the holder of a GIL must let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SwitchRule {
    /// The value of `sys.setcheckinterval`: the period is one more, in ticking steps.
    Ticks(u32),
    /// A waiter's patience.
    Interval(SwitchInterval),
}

impl SwitchRule {
    /// Checks the rule's limits.
    pub fn checked(self) -> Result<Self, LimitError> {
        match self {
            Self::Ticks(budget) => within("switch_ticks", budget, 1, TICKS_MAX).map(drop)?,
            Self::Interval(asked) => {
                duration_within("switch_interval_ps", asked.picoseconds(), 1, INTERVAL_MAX_PS)?;
            }
        }
        Ok(self)
    }

    /// Which of the two rules this is.
    pub const fn kind(self) -> RuleKind {
        match self {
            Self::Ticks(_) => RuleKind::Ticks,
            Self::Interval(_) => RuleKind::Interval,
        }
    }
}

/// An asked switch interval, exact to the picosecond: 0.5 ns is a legal wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SwitchInterval {
    picoseconds: u64,
}

impl SwitchInterval {
    /// An interval of so many picoseconds, as it was asked for.
    pub const fn from_picoseconds(picoseconds: u64) -> Self {
        Self { picoseconds }
    }

    /// What was asked, in picoseconds.
    pub const fn picoseconds(self) -> u64 {
        self.picoseconds
    }

    /// What takes effect, in microseconds: `sys.setswitchinterval` stores whole ones, rounding
    /// down, and `take_gil` waits for at least one.
    ///
    /// ```
    /// use strategies::era::SwitchInterval;
    /// let [asked_500ns, asked_half_ns] =
    ///     [500_000, 500].map(SwitchInterval::from_picoseconds);
    /// assert_eq!(asked_500ns.effective_us(), 1);
    /// assert_eq!(asked_half_ns.effective_us(), 1);
    /// ```
    pub const fn effective_us(self) -> u64 {
        let whole = self.picoseconds / PICOS_PER_MICRO;
        if whole < INTERVAL_FLOOR_US { INTERVAL_FLOOR_US } else { whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for era in Era::ALL {
            assert_eq!(Era::parse(era.facts().name), Some(era));
        }
        assert_eq!(Era::parse("3.7b"), None);
    }

    #[test]
    fn intervals_take_effect_in_whole_microseconds() {
        let us = |ps| SwitchInterval::from_picoseconds(ps).effective_us();
        assert_eq!([us(1), us(1_999_999), us(2_000_000), us(5_000_000_000)], [1, 1, 2, 5000]);
    }

    #[test]
    fn every_rule_has_an_era_of_its_own_by_default() {
        for rule in [RuleKind::Ticks, RuleKind::Interval] {
            assert_eq!(Era::default_for(rule).facts().rule, rule);
        }
    }
}
