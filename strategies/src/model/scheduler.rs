//! Schedulers: the probability of each worker that may move, as whole-number shares, so that sums stay
//! exact in integers and become probabilities in floats.

use num_bigint::BigUint;
use num_integer::Integer;

use crate::model::program::{WORKERS_MAX, Workers};
use crate::program::limit::LimitError;

/// Greatest denominator of a switch probability.
pub const Q_DENOMINATOR_MAX: u64 = 1_000_000_000_000;
/// Longest spelling of a probability, in letters: two numbers of thirteen digits and what lies
/// between.
pub const Q_LETTERS_MAX: usize = 32;
/// The least common multiple of the numbers from 1 to the index.
const COMMON: [u64; WORKERS_MAX + 1] = [1, 1, 2, 6, 12, 60, 60, 420, 840];

/// A probability as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Probability {
    numerator: u64,
    denominator: u64,
}

impl Probability {
    /// A fraction from 0 to 1.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self, LimitError> {
        if denominator == 0 || numerator > denominator || denominator > Q_DENOMINATOR_MAX {
            return Err(Self::refused(&format!("{numerator}/{denominator}")));
        }
        Ok(Self { numerator, denominator })
    }

    /// Reads a decimal such as `0.05`, or a fraction such as `1/3`; exact.
    pub fn parse(text: &str) -> Result<Self, LimitError> {
        let refused = || Self::refused(text);
        // Leading zeros say nothing, and the text is kept as it was written.
        if text.len() > Q_LETTERS_MAX {
            return Err(refused());
        }
        // The parser of numbers would take a sign.
        let is_plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = |digits: &str| {
            digits.parse::<u64>().ok().filter(|_| is_plain(digits)).ok_or_else(refused)
        };
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::new(number(numerator)?, number(denominator)?).map_err(|_| refused());
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let places = u32::try_from(fraction.len()).map_err(|_| refused())?;
        let denominator = 10_u64.checked_pow(places).ok_or_else(refused)?;
        let part = if fraction.is_empty() { 0 } else { number(fraction)? };
        let numerator = number(whole)?.checked_mul(denominator).ok_or_else(refused)?;
        Self::new(numerator.saturating_add(part), denominator).map_err(|_| refused())
    }

    /// As a float, rounded.
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    fn refused(value: &str) -> LimitError {
        LimitError {
            field: "q",
            value: value.into(),
            reason: "is not a probability".into(),
            way_out: "choose a decimal from 0 to 1 with at most 12 places, or a fraction like 1/3"
                .into(),
        }
    }
}

/// How the next to move is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheduler {
    /// All interleavings are equally likely.
    Interleavings,
    /// At each move, all who may make it are equally likely.
    UniformStep,
    /// After each move, with this probability another one; all others equally likely. So is the
    /// first.
    SwitchQ(Probability),
}

impl Scheduler {
    /// Whether a share may depend on who moved last.
    pub fn needs_last(self) -> bool {
        matches!(self, Self::SwitchQ(_))
    }

    /// Its shares among so many workers.
    pub fn shares(self, workers: usize) -> Shares {
        let common = COMMON[workers.min(WORKERS_MAX)];
        match self {
            Self::Interleavings => Shares { rule: Rule::EachWay, common, whole: 1 },
            Self::UniformStep => Shares { rule: Rule::Equal, common, whole: common },
            Self::SwitchQ(q) => {
                let divisor = q.numerator.gcd(&q.denominator).max(1);
                let (switch, all) = (q.numerator / divisor, q.denominator / divisor);
                let rule = Rule::Switch { stay: all - switch, switch };
                Shares { rule, common, whole: common * all }
            }
        }
    }

    /// Whether every schedule has a chance: not where a switch is certain or never comes.
    pub fn has_all_schedules(self) -> bool {
        match self {
            Self::Interleavings | Self::UniformStep => true,
            Self::SwitchQ(q) => (1..q.denominator).contains(&q.numerator),
        }
    }

    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interleavings => "interleavings",
            Self::UniformStep => "uniform-step",
            Self::SwitchQ(_) => "switch-q",
        }
    }
}

/// How a scheduler divides its choice, in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    rule: Rule,
    common: u64,
    whole: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    EachWay,
    Equal,
    Switch { stay: u64, switch: u64 },
}

impl Shares {
    /// What shares are parts of: the sum of all choices' shares, or 1 where each way counts as one.
    pub fn whole(self) -> u64 {
        self.whole
    }

    /// The share of one among the choices, all of which may move.
    #[inline]
    pub fn of(self, choices: Workers, last: Option<usize>, next: usize) -> u64 {
        let count = u64::from(choices.count_ones()).max(1);
        let Rule::Switch { stay, switch } = self.rule else {
            return if self.rule == Rule::EachWay { 1 } else { self.whole / count };
        };
        let last = last.filter(|last| choices & 1 << last != 0);
        match (last, count - 1) {
            (None, _) => self.whole / count,
            (Some(_), 0) => self.whole,
            (Some(last), _) if last == next => stay * self.common,
            (Some(_), others) => switch * (self.common / others),
        }
    }
}

/// What a search adds up along all ways at once: one cell for each possible value, or several
/// values in one cell.
pub trait Cell: Clone + Default {
    /// Whether shares are kept as whole numbers, so that all ways must have as many of them.
    const COUNTS_SHARES: bool = false;

    /// Cells for the values from 0 to `most`.
    fn row(most: usize) -> usize {
        most + 1
    }

    /// Marks value 0 as reached in one way.
    fn begin(row: &mut [Self]);

    /// Adds all ways of `from`, each value raised by `shift`, with a share of the whole.
    fn add(to: &mut [Self], from: &[Self], shift: usize, share: u64, whole: u64);

    /// Whether no value is reached.
    fn is_empty(row: &[Self]) -> bool;
}

/// Which values are reached, 64 to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits(pub u64);

impl Cell for Bits {
    fn row(most: usize) -> usize {
        most / 64 + 1
    }

    fn begin(row: &mut [Self]) {
        row[0].0 |= 1;
    }

    #[inline]
    fn add(to: &mut [Self], from: &[Self], shift: usize, _share: u64, _whole: u64) {
        let (cells, bits) = (shift / 64, shift % 64);
        let mut carried = 0;
        for (to, from) in to[cells..].iter_mut().zip(from) {
            to.0 |= from.0 << bits | carried;
            carried = if bits == 0 { 0 } else { from.0 >> (64 - bits) };
        }
        if let Some(next) = to.get_mut(cells + from.len()) {
            next.0 |= carried;
        }
    }

    fn is_empty(row: &[Self]) -> bool {
        row.iter().all(|cell| cell.0 == 0)
    }
}

impl Bits {
    /// The values in a row.
    pub fn values(row: &[Self]) -> Vec<u32> {
        let is_set = |&value: &usize| row[value / 64].0 >> (value % 64) & 1 == 1;
        (0..row.len() * 64).filter(is_set).filter_map(|value| u32::try_from(value).ok()).collect()
    }
}

impl Cell for f64 {
    fn begin(row: &mut [Self]) {
        row[0] += 1.0;
    }

    #[inline]
    fn add(to: &mut [Self], from: &[Self], shift: usize, share: u64, whole: u64) {
        let factor = share as f64 / whole as f64;
        for (to, from) in to[shift..].iter_mut().zip(from) {
            *to += from * factor;
        }
    }

    fn is_empty(row: &[Self]) -> bool {
        row.iter().all(|&cell| cell == 0.0)
    }
}

/// Ways in parts of the whole: a probability is this over the whole to the power of all moves.
impl Cell for BigUint {
    const COUNTS_SHARES: bool = true;

    fn begin(row: &mut [Self]) {
        row[0] += 1_u32;
    }

    #[inline]
    fn add(to: &mut [Self], from: &[Self], shift: usize, share: u64, _whole: u64) {
        for (to, from) in to[shift..].iter_mut().zip(from) {
            if from.bits() == 0 {
                continue;
            }
            if share == 1 { *to += from } else { *to += from * share }
        }
    }

    fn is_empty(row: &[Self]) -> bool {
        row.iter().all(|cell| cell.bits() == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is kept as it was written, so a million zeros before it would be too.
    #[test]
    fn a_probability_has_a_longest_spelling() {
        let zeros = |count: usize| Probability::parse(&format!("{}.5", "0".repeat(count)));
        assert_eq!(zeros(Q_LETTERS_MAX - 2), Probability::new(5, 10));
        assert_eq!(zeros(Q_LETTERS_MAX - 1).expect_err("too long").field, "q");
        let longest = format!("{Q_DENOMINATOR_MAX}/{Q_DENOMINATOR_MAX}");
        assert_eq!(Probability::parse(&longest).map(Probability::as_f64), Ok(1.0));
    }
}
