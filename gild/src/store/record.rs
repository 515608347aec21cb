//! A work as the history keeps it: rows of `works` and `cells`. Knows neither the wire nor how
//! anything runs; the work itself is an encoded message here.

use rusqlite::Row;

use engine::jobs::owner::Owner;
use engine::jobs::state::State;

/// What a work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A sweep.
    Sweep,
    /// An exploration.
    Exploration,
}

/// A work that shall be kept, in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Time-sortable id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Who asked for it.
    pub owner: Owner,
    /// Id of the request; empty for none.
    pub request_id: String,
    /// Nanoseconds since the Unix epoch.
    pub create_time_ns: u64,
    /// Attempts of all cells together.
    pub attempts_requested: u64,
    /// Of a sweep.
    pub seed: u64,
    /// The encoded work for lists.
    pub brief: Vec<u8>,
    /// The same with all its cells.
    pub created: Vec<u8>,
    /// Its cells.
    pub cells: Vec<NewCell>,
}

/// A cell as a table shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCell {
    /// Name of the strategy.
    pub strategy: String,
    /// Era; empty without one.
    pub era: String,
    /// Workers of an attempt.
    pub workers: u64,
    /// Tasks of an attempt.
    pub tasks: u64,
    /// Increments of a task.
    pub increments: u64,
    /// The body.
    pub body: String,
    /// How long workers increment.
    pub duration_ns: Option<u64>,
    /// What an attempt should come to; 0 where attempts differ.
    pub expected: u64,
    /// Attempts.
    pub attempts: u64,
}

/// Which works, beginning from the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since<'a> {
    /// All.
    Newest,
    /// Those that were created before the one of this id.
    Before(&'a str),
}

/// A work that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number: what is newer has a greater one.
    pub number: i64,
    /// Time-sortable id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is in its life.
    pub state: State,
    /// Who asked for it.
    pub owner: Owner,
    /// Nanoseconds since the Unix epoch.
    pub create_time_ns: u64,
    /// When it ended; 0 while it has not.
    pub end_time_ns: u64,
    /// Why it failed; empty otherwise.
    pub error: String,
    /// How often it was started.
    pub runs: u32,
    /// Attempts that are stored.
    pub attempts: u64,
    /// Attempts of all cells together.
    pub attempts_requested: u64,
    /// Number of the newest event.
    pub last_sequence: u64,
    /// Where it was measured, if elsewhere.
    pub imported_from: String,
    /// Of the gild that planned it.
    pub version: String,
    /// The encoded work, brief or as created.
    pub resource: Vec<u8>,
}

/// The newest events of a sweep's cells, encoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CellEvents {
    /// For each cell that was measured, its position and its newest event.
    pub newest: Vec<(usize, Vec<u8>)>,
    /// The event that ended the job, if it has ended.
    pub ended: Option<Vec<u8>>,
}

/// A job that breaks a bound of retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// About how many bytes it takes in the history.
    pub bytes: u64,
}

impl Kind {
    /// The schema lets no other words in.
    pub(crate) fn read(word: &str) -> Self {
        if word == Self::Sweep.word() { Self::Sweep } else { Self::Exploration }
    }

    /// As the schema spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Exploration => "exploration",
        }
    }
}

/// States as the schema spells them.
const STATES: [(&str, State); 7] = [
    ("queued", State::Queued),
    ("running", State::Running),
    ("cancelling", State::Cancelling),
    ("succeeded", State::Succeeded),
    ("failed", State::Failed),
    ("cancelled", State::Cancelled),
    ("interrupted", State::Interrupted),
];

pub(crate) fn state_word(state: State) -> &'static str {
    STATES.into_iter().find(|(_, known)| *known == state).map_or("queued", |(word, _)| word)
}

impl Record {
    /// The columns that [`Self::read`] expects, before the resource's.
    pub(crate) const COLUMNS: &str = "number, id, kind, state, owner, create_time_ns, \
                                      end_time_ns, error, runs, \
         attempts, attempts_requested, last_sequence, imported_from, version";

    /// Its resource name, e.g. `sweeps/0abc`.
    pub fn name(&self) -> String {
        format!("{}s/{}", self.kind.word(), self.id)
    }

    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind: String = row.get("kind")?;
        let state: String = row.get("state")?;
        let owner: String = row.get("owner")?;
        Ok(Self {
            number: row.get("number")?,
            id: row.get("id")?,
            kind: Kind::read(&kind),
            // The schema lets no other words in.
            state: STATES
                .into_iter()
                .find(|(word, _)| *word == state)
                .map_or(State::Failed, |it| it.1),
            owner: owner.parse().unwrap_or(Owner::Anyone),
            create_time_ns: unsigned(row.get("create_time_ns")?),
            end_time_ns: unsigned(row.get("end_time_ns")?),
            error: row.get("error")?,
            runs: row.get("runs")?,
            attempts: unsigned(row.get("attempts")?),
            attempts_requested: unsigned(row.get("attempts_requested")?),
            last_sequence: unsigned(row.get("last_sequence")?),
            imported_from: row.get("imported_from")?,
            version: row.get("version")?,
            resource: row.get("resource")?,
        })
    }
}

/// A count, or a time in nanoseconds, as SQLite has it: its integers have 63 bits and a sign, and
/// none here is negative. Nothing that is counted comes near the greatest, and the year 2262 ends
/// there; seeds, which have 64 bits, are text.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count as SQLite has it; none here comes near the greatest.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// See [`signed`]. What other programs made negative counts as nothing.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
