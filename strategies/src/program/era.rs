//! Eras of `CPython` as data: where each looks whether it must switch, and by which rule.
//!
//! An era is not code: [`crate::gil`] is one protocol that reads these facts. A further version is
//! one more variant, with its name and its generation.

use std::fmt;

use crate::program::body_spec::Increment;
use crate::program::limit::{LimitError, duration_within, within};
use crate::program::step::{Check, SideEffect, Sites, Step};

/// The least patience of a waiter that takes effect: `take_gil` floors the interval at 1 µs.
pub const INTERVAL_FLOOR_US: u64 = 1;
/// The greatest asked switch interval: longer than any attempt may take.
pub const INTERVAL_MAX_PS: u64 = 10 * PICOS_PER_SECOND;
/// The greatest asked tick budget.
pub const TICKS_MAX: u32 = 1_000_000;

const PICOS_PER_MICRO: u64 = 1_000_000;
const PICOS_PER_SECOND: u64 = 1_000_000_000_000;

/// A version of `CPython`. Versions of one generation differ in nothing that is modelled here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Era {
    /// The tick generation (all of 1.5 to 3.1).
    V2_7,
    /// The first with a waiter's patience.
    V3_2,
    /// As 3.2.
    V3_3,
    /// As 3.2.
    V3_4,
    /// As 3.2.
    V3_5,
    /// As 3.2.
    V3_6,
    /// As 3.2.
    V3_7,
    /// As 3.2.
    V3_8,
    /// As 3.2.
    V3_9,
    /// The first that looks only at certain steps, forward jumps among them.
    V3_10,
    /// Forward jumps and specialised calls are no longer looked after.
    V3_11,
    /// As 3.11.
    V3_12,
    /// As 3.11.
    V3_13,
    /// Free-threaded: no lock (PEP 703).
    V3_13T,
}

/// What distinguishes a generation of `CPython`'s switching behaviour: all that the one protocol in
/// [`crate::gil`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Where the interpreter looks whether it must switch.
    pub sites: Sites,
    /// The rule that it really has; any other makes a cell hypothetical.
    pub rule: RuleKind,
    /// Whether letting go waits until another has the lock.
    pub hand_over: HandOver,
    /// The least patience of a waiter that takes effect, in microseconds; 0 where none is patient.
    pub interval_floor_us: u64,
}

/// How it is decided that the holder must let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// After so many ticking steps of the running worker.
    Ticks,
    /// When a waiter has lost its patience.
    Interval,
    /// Never: there is no lock.
    Free,
}

/// Whether letting go waits until another has the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandOver {
    /// Never: a worker that releases the lock may take it again at once.
    Never,
    /// If a waiter has asked for the lock (`FORCE_SWITCHING`, always defined).
    OnRequest,
}

const TICKS: Generation = Generation {
    sites: Sites::AfterMostSteps,
    rule: RuleKind::Ticks,
    hand_over: HandOver::Never,
    interval_floor_us: INTERVAL_FLOOR_US,
};
const INTERVAL: Generation = Generation {
    sites: Sites::AfterMostSteps,
    rule: RuleKind::Interval,
    hand_over: HandOver::OnRequest,
    interval_floor_us: INTERVAL_FLOOR_US,
};
const FEWER_SITES: Generation = Generation { sites: Sites::AtCallsAndJumps, ..INTERVAL };
const FEWEST_SITES: Generation = Generation { sites: Sites::AtCallsAndBackwardJumps, ..INTERVAL };
const FREE: Generation = Generation {
    sites: Sites::Nowhere,
    rule: RuleKind::Free,
    hand_over: HandOver::Never,
    interval_floor_us: 0,
};

impl Era {
    /// Every era, oldest first.
    pub const ALL: [Self; 14] = [
        Self::V2_7,
        Self::V3_2,
        Self::V3_3,
        Self::V3_4,
        Self::V3_5,
        Self::V3_6,
        Self::V3_7,
        Self::V3_8,
        Self::V3_9,
        Self::V3_10,
        Self::V3_11,
        Self::V3_12,
        Self::V3_13,
        Self::V3_13T,
    ];

    /// One era of each generation, oldest first: what `all` stands for.
    pub const GENERATIONS: [Self; 5] =
        [Self::V2_7, Self::V3_9, Self::V3_10, Self::V3_12, Self::V3_13T];

    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2_7 => "2.7",
            Self::V3_2 => "3.2",
            Self::V3_3 => "3.3",
            Self::V3_4 => "3.4",
            Self::V3_5 => "3.5",
            Self::V3_6 => "3.6",
            Self::V3_7 => "3.7",
            Self::V3_8 => "3.8",
            Self::V3_9 => "3.9",
            Self::V3_10 => "3.10",
            Self::V3_11 => "3.11",
            Self::V3_12 => "3.12",
            Self::V3_13 => "3.13",
            Self::V3_13T => "3.13t",
        }
    }

    /// What this era does.
    pub const fn facts(self) -> &'static Generation {
        match self {
            Self::V2_7 => &TICKS,
            Self::V3_2
            | Self::V3_3
            | Self::V3_4
            | Self::V3_5
            | Self::V3_6
            | Self::V3_7
            | Self::V3_8
            | Self::V3_9 => &INTERVAL,
            Self::V3_10 => &FEWER_SITES,
            Self::V3_11 | Self::V3_12 | Self::V3_13 => &FEWEST_SITES,
            Self::V3_13T => &FREE,
        }
    }

    /// The era of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|era| era.name() == name)
    }

    /// The era that a rule belongs to when none is named.
    pub const fn default_for(rule: RuleKind) -> Self {
        match rule {
            RuleKind::Ticks => Self::V2_7,
            RuleKind::Interval => Self::V3_9,
            RuleKind::Free => Self::V3_13T,
        }
    }

    /// The newest era with a rule.
    pub fn newest_of(rule: RuleKind) -> Self {
        let newest = Self::ALL.into_iter().rfind(|era| era.facts().rule == rule);
        newest.unwrap_or(Self::default_for(rule))
    }

    /// Whether two workers can lose updates with that body in warm code: nothing holds the others off,
    /// or something between load and store lets them in. From 3.11 on a code object's first calls
    /// also check after `len`, which no era here describes.
    pub fn can_lose(self, body: impl Into<Increment>) -> bool {
        let body = body.into();
        !body.has_lock() && body.window().any(|step| self.lets_in(step))
    }

    /// Whether others may come in during that step or right after it.
    pub fn lets_in(self, step: Step) -> bool {
        let Generation { sites, rule, .. } = *self.facts();
        let is_site = sites.check(step) == Check::Site;
        rule == RuleKind::Free || step.side_effect() == SideEffect::Write || is_site
    }

    /// Whether instructions have the names of 3.11 and later.
    pub fn renames_instructions(self) -> bool {
        self >= Self::V3_11
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// When the holder of a GIL must let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SwitchRule {
    /// The value of `sys.setcheckinterval`: the period is one more, in ticking steps.
    Ticks(u32),
    /// A waiter's patience.
    Interval(SwitchInterval),
    /// Never: there is no lock to let go.
    Free,
}

impl SwitchRule {
    /// Checks the rule's limits.
    pub fn checked(self) -> Result<Self, LimitError> {
        match self {
            Self::Ticks(budget) => within("switch_ticks", budget, 1, TICKS_MAX).map(drop)?,
            Self::Interval(asked) => {
                duration_within("switch_interval_ps", asked.picoseconds(), 1, INTERVAL_MAX_PS)?;
            }
            Self::Free => {}
        }
        Ok(self)
    }

    /// Which of the two rules this is.
    pub const fn kind(self) -> RuleKind {
        match self {
            Self::Ticks(_) => RuleKind::Ticks,
            Self::Interval(_) => RuleKind::Interval,
            Self::Free => RuleKind::Free,
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
    /// down, and a waiter waits for at least the era's floor.
    ///
    /// ```
    /// use strategies::program::era::{INTERVAL_FLOOR_US, SwitchInterval};
    /// let [asked_500ns, asked_half_ns] =
    ///     [500_000, 500].map(SwitchInterval::from_picoseconds);
    /// assert_eq!(asked_500ns.effective_us(INTERVAL_FLOOR_US), 1);
    /// assert_eq!(asked_half_ns.effective_us(INTERVAL_FLOOR_US), 1);
    /// ```
    pub const fn effective_us(self, floor_us: u64) -> u64 {
        let whole = self.picoseconds / PICOS_PER_MICRO;
        if whole < floor_us { floor_us } else { whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::body_spec::CustomBody;

    #[test]
    fn names_are_found_again() {
        for era in Era::ALL {
            assert_eq!(Era::parse(era.name()), Some(era));
        }
        assert_eq!(Era::parse("3.7b"), None);
    }

    #[test]
    fn what_a_body_by_hand_loses_is_up_to_its_steps() {
        let can_lose = |letters| {
            let body = CustomBody::parse(letters).expect("a body");
            Era::GENERATIONS.map(|era| era.can_lose(body))
        };
        assert_eq!(can_lose("LS"), [true, true, false, false, true]);
        assert_eq!(can_lose("LFSJ"), [true, true, true, false, true]);
        assert_eq!(can_lose("L,ISJ"), [true; 5]);
        assert_eq!(can_lose("ALJSR"), [false; 5]);
    }

    #[test]
    fn all_stands_for_each_generation_once() {
        let kinds: Vec<_> = Era::GENERATIONS.map(Era::facts).into();
        let distinct = |i: usize| !kinds[..i].contains(&kinds[i]);
        assert!((0..kinds.len()).all(distinct));
        assert!(Era::ALL.iter().all(|era| kinds.contains(&era.facts())));
        assert!(Era::ALL.is_sorted());
    }

    #[test]
    fn intervals_take_effect_in_whole_microseconds() {
        let us = |ps| SwitchInterval::from_picoseconds(ps).effective_us(INTERVAL_FLOOR_US);
        assert_eq!([us(1), us(1_999_999), us(2_000_000), us(5_000_000_000)], [1, 1, 2, 5000]);
    }

    #[test]
    fn every_rule_has_an_era_of_its_own_by_default() {
        for rule in [RuleKind::Ticks, RuleKind::Interval, RuleKind::Free] {
            assert_eq!(Era::default_for(rule).facts().rule, rule);
            assert_eq!(Era::newest_of(rule).facts().rule, rule);
        }
    }
}
