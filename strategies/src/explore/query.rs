//! Query to the model: a strategy, a body, workers and increments; and the schedule string, which
//! names all of them and is refused for any other query.

use std::fmt::Write as _;

use crate::catalog::{Name, Plain, Spec};
use crate::harness::entry::Entry;
use crate::model::long_program::LongProgram;
use crate::model::moves::{Move, Ownership};
use crate::model::program::Program;
use crate::model::schedule::Schedule;
use crate::program::body_spec::{CustomBody, Increment};
use crate::program::era::{Era, SwitchInterval, SwitchRule};
use crate::program::limit::LimitError;
use crate::program::step::Step;
use crate::program::workload::Workload;

/// Begins every script; another number means moves that cannot be compared.
pub const SCRIPT_VERSION: &str = "gild1";
/// The patience of a waiter in a question that names none; the model has no time, so it decides
/// nothing.
const ANY_INTERVAL: SwitchInterval = SwitchInterval::from_picoseconds(5_000_000_000);

/// A strategy and what its workers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// The strategy.
    pub spec: Spec,
    /// One increment.
    pub body: Increment,
    /// How many workers.
    pub workers: usize,
    /// Increments of each.
    pub increments: u32,
}

/// A schedule together with the question that it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleString {
    /// The question.
    pub question: Query,
    /// The schedule.
    pub schedule: Schedule,
}

impl Spec {
    /// A body as this strategy's moves, and who may make them when.
    pub fn moves(self, body: Increment) -> (Vec<Move>, Ownership) {
        let steps: Vec<Step> = body.steps().collect();
        let moves_of = |entry: &Entry| (entry.to_moves)(&steps, self.sites());
        match self {
            Self::Plain(plain) => (moves_of(plain.entry()), Ownership::Anyone),
            // Free-threaded, it runs as `unlocked` does.
            Self::Gil { rule: SwitchRule::Free, .. } => {
                (moves_of(Plain::Unlocked.entry()), Ownership::Anyone)
            }
            Self::Gil { rule: SwitchRule::Interval(_), .. } => {
                (moves_of(&crate::gil::ENTRY), Ownership::Holder)
            }
            Self::Gil { rule: SwitchRule::Ticks(budget), .. } => {
                (moves_of(&crate::gil::ENTRY), Ownership::HolderByTicks { budget, start: 0 })
            }
        }
    }

    /// The same without a waiter's patience, of which the model knows nothing.
    #[must_use]
    pub fn without_patience(self) -> Self {
        match self {
            Self::Gil { era, rule: SwitchRule::Interval(_) } => gil(era, None),
            other => other,
        }
    }

    /// What can be explored of it: workers that each increment so many times.
    pub fn program(
        self,
        body: Increment,
        workers: usize,
        increments: u32,
    ) -> Result<Program, LimitError> {
        let (moves, access) = self.moves(body);
        Program::new(workers, increments, &moves, access)
    }
}

impl Query {
    /// What can be explored of it.
    pub fn program(&self) -> Result<Program, LimitError> {
        self.spec.check(&Workload { body: self.body, ..Workload::ONE })?;
        self.spec.program(self.body, self.workers, self.increments)
    }

    /// The same at any length, to be played.
    pub fn long_program(&self) -> Result<LongProgram, LimitError> {
        self.spec.check(&Workload { body: self.body, ..Workload::ONE })?;
        let (moves, access) = self.spec.moves(self.body);
        LongProgram::new(self.workers, self.increments, &moves, access)
    }

    /// The steps as letters.
    pub fn letters(&self) -> String {
        self.body.steps().map(Step::letter).collect()
    }

    /// The strategy with what the model knows of its parameters: `unlocked`, `gil@3.12`,
    /// `gil@2.7/100` with a tick budget.
    pub fn strategy(&self) -> String {
        let mut label = self.spec.name().to_string();
        if let Some(era) = self.spec.era() {
            let _ = write!(label, "@{era}");
        }
        if let Some(SwitchRule::Ticks(budget)) = self.spec.rule() {
            let _ = write!(label, "/{budget}");
        }
        label
    }

    /// A number that changes with all that decides how a schedule is played (64-bit FNV-1a over the
    /// moves, Fowler, Noll and Vo 1991): over each worker's moves, or over one body of a program that
    /// is too long to be searched.
    pub fn hash(&self, program: &LongProgram) -> u64 {
        let body = program.body().iter().fold(String::new(), |mut body, made| {
            let _ = write!(body, "{made:?}");
            body
        });
        let (bodies, long) = match program.searched() {
            Ok(_) => (program.increments() as usize, String::new()),
            Err(_) => (1, format!(" {}", program.increments())),
        };
        let end = format!("{:?} {}{long}", program.access(), program.workers());
        let all = std::iter::repeat_n(body.as_bytes(), bodies).chain([end.as_bytes()]);
        all.flatten().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

impl ScheduleString {
    /// The script as text: version, strategy, size, steps, hash, runs.
    pub fn write(&self, program: &LongProgram) -> String {
        let Self { question, schedule } = self;
        let (workers, increments) = (question.workers, question.increments);
        format!(
            "{SCRIPT_VERSION} {} {workers}x{increments} {} {:016x} {schedule}",
            question.strategy(),
            question.letters(),
            question.hash(program),
        )
    }

    /// Reads a script and checks that it is of this version and of what its own question is today.
    pub fn read(text: &str) -> Result<(Self, LongProgram), LimitError> {
        let mut words = text.split_whitespace();
        let mut word = |what: &str| {
            words.next().ok_or_else(|| refused("script", text, format!("has no {what}")))
        };
        let version = word("version")?;
        if version != SCRIPT_VERSION {
            let reason = format!("is not of this version, {SCRIPT_VERSION}");
            return Err(refused("script", version, reason));
        }
        let spec = strategy(word("strategy")?)?;
        let (workers, increments) = size(word("size")?)?;
        let body = CustomBody::parse(word("body")?)?.into();
        let hash = word("hash")?;
        let schedule = Schedule::parse(&words.collect::<Vec<_>>().join(" "))?;
        let question = Query { spec, body, workers, increments };
        let program = question.long_program()?;
        let own = format!("{:016x}", question.hash(&program));
        if hash != own {
            let reason = format!("is the hash of another experiment; this one's is {own}");
            return Err(refused("hash", hash, reason));
        }
        Ok((Self { question, schedule }, program))
    }
}

fn refused(field: &'static str, value: &str, reason: String) -> LimitError {
    let way_out = format!(
        "use a line that `explore` or `witness` printed: {SCRIPT_VERSION} STRATEGY \
         WORKERSxINCREMENTS \
         STEPS HASH T0x1 T1x18 ..."
    );
    LimitError { field, value: value.into(), reason, way_out: way_out.into() }
}

fn strategy(label: &str) -> Result<Spec, LimitError> {
    let unknown = || refused("strategy", label, "is not a strategy".into());
    let (name, rest) =
        label.split_once('@').map_or((label, None), |(name, rest)| (name, Some(rest)));
    match (Name::parse(name).ok_or_else(unknown)?, rest) {
        (Name::Plain(plain), None) => Ok(Spec::Plain(plain)),
        (Name::Gil, Some(rest)) => {
            let (era, ticks) =
                rest.split_once('/').map_or((rest, None), |(era, ticks)| (era, Some(ticks)));
            let era = Era::parse(era).ok_or_else(unknown)?;
            let ticks = ticks.map(str::parse).transpose().map_err(|_| unknown())?;
            let spec = gil(era, ticks);
            spec.rule().map(SwitchRule::checked).transpose()?;
            Ok(spec)
        }
        _ => Err(unknown()),
    }
}

/// The GIL of an era as the model knows it: with a tick budget that one; without one the holder may
/// be replaced at any check site.
pub fn gil(era: Era, ticks: Option<u32>) -> Spec {
    let rule = match (ticks, era.facts().rule) {
        (Some(budget), _) => SwitchRule::Ticks(budget),
        (None, crate::program::era::RuleKind::Free) => SwitchRule::Free,
        (None, _) => SwitchRule::Interval(ANY_INTERVAL),
    };
    Spec::Gil { era, rule }
}

fn size(word: &str) -> Result<(usize, u32), LimitError> {
    let parts = word
        .split_once('x')
        .and_then(|(workers, increments)| Some((workers.parse().ok()?, increments.parse().ok()?)));
    parts.ok_or_else(|| refused("size", word, "is not a size".into()))
}
