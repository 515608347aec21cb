//! The loop: input after input through its door, what came of each counted by signature. Findings
//! are kept and reported; nothing is judged here that a door or the guard has not judged.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::chance::Chance;
use super::corpus::{Input, KEPT_BYTES_MAX};
use super::door::Door;
use super::guard::{Guarded, guarded};
use super::outcome::Breach;
use super::target::Target;
use super::watchdog::Watchdog;

/// Most findings before it ends: more say nothing new.
pub(crate) const FINDINGS_MAX: usize = 20;

/// An input that broke something, and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The seed and number that make it again; none for one of the corpus.
    pub(crate) origin: Option<(u64, u64)>,
    /// The input.
    pub(crate) input: Input,
    /// What it broke.
    pub(crate) breach: Breach,
}

/// What came of one kind of input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    /// How many there were.
    pub(crate) inputs: u64,
    /// Most bytes that one held at once.
    pub(crate) bytes: u64,
    /// The longest that one took.
    pub(crate) time: Duration,
}

/// Where a signature was met.
#[derive(Debug)]
enum Met {
    /// In the corpus, which does not change with every run that finds a smaller input.
    InCorpus,
    /// In these inputs; the smallest of them.
    Since(Vec<u8>),
}

/// Everything that came of all inputs so far.
#[derive(Debug)]
pub(crate) struct Session {
    watchdog: Watchdog,
    seeds: Vec<Input>,
    signatures: HashMap<(Door, String), Met>,
    /// By target; those of the corpus stand under `corpus`.
    pub(crate) counts: BTreeMap<&'static str, Count>,
    /// By door: how many of its inputs were decoded, refused and accepted.
    pub(crate) doors: BTreeMap<Door, [u64; 3]>,
    /// What must never be, and was.
    pub(crate) findings: Vec<Finding>,
}

impl Session {
    /// A session over these inputs of a corpus.
    pub(crate) fn new(watchdog: Watchdog, seeds: Vec<Input>) -> Self {
        Self {
            watchdog,
            seeds,
            signatures: HashMap::new(),
            counts: BTreeMap::new(),
            doors: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Every input of the corpus.
    pub(crate) fn replay(&mut self) {
        for input in self.seeds.clone() {
            self.take("corpus", None, input);
        }
    }

    /// The inputs of these numbers, or of one target alone; ends early after too many findings.
    pub(crate) fn run(&mut self, seed: u64, numbers: std::ops::Range<u64>, only: Option<Target>) {
        for number in numbers {
            let mut chance = Chance::of(&[seed, number]);
            let target = only.unwrap_or_else(|| Target::drawn(&mut chance));
            let input = target.input(&mut chance, &self.seeds);
            self.take(target.name(), Some((seed, number)), input);
            if self.findings.len() >= FINDINGS_MAX {
                return;
            }
        }
    }

    /// How many signatures were met.
    pub(crate) fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// The smallest input of each signature that no input of the corpus has, if it is small.
    pub(crate) fn unseen(&self) -> Vec<Input> {
        let new = self.signatures.iter().filter_map(|((door, _), met)| match met {
            Met::Since(bytes) if bytes.len() <= KEPT_BYTES_MAX => {
                Some(Input { door: *door, bytes: bytes.clone() })
            }
            Met::Since(_) | Met::InCorpus => None,
        });
        new.collect()
    }

    /// Keeps what is found first of its kind: the same door, and the same first words.
    fn note(&mut self, finding: Finding) {
        const ALIKE_LETTERS: usize = 24;
        let words = |text: &str| {
            text.chars().filter(|it| !it.is_ascii_digit()).take(ALIKE_LETTERS).collect()
        };
        let kind = |it: &Finding| (it.input.door, words(&it.breach.0));
        let own: (Door, String) = kind(&finding);
        if !self.findings.iter().any(|known| kind(known) == own) {
            self.findings.push(finding);
        }
    }

    fn take(&mut self, from: &'static str, origin: Option<(u64, u64)>, input: Input) {
        let Input { door, bytes } = &input;
        let Guarded { outcome, bytes: held, time } =
            guarded(&self.watchdog, *door, bytes, |bytes| door.take(bytes));
        let count = self.counts.entry(from).or_default();
        count.inputs += 1;
        count.bytes = count.bytes.max(held);
        count.time = count.time.max(time);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(breach) => return self.note(Finding { origin, input, breach }),
        };
        self.doors.entry(*door).or_default()[outcome.place()] += 1;
        let signature = (*door, outcome.to_string());
        match (self.signatures.get_mut(&signature), origin) {
            (_, None) => drop(self.signatures.insert(signature, Met::InCorpus)),
            (None, Some(_)) => drop(self.signatures.insert(signature, Met::Since(input.bytes))),
            (Some(Met::Since(smallest)), _) if bytes.len() < smallest.len() => {
                *smallest = input.bytes;
            }
            (Some(Met::Since(_) | Met::InCorpus), _) => {}
        }
    }
}
