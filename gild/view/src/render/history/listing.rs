//! Listing of stored sweeps and explorations: two tables, because they share few columns.

use proto::v1::{Exploration, Sweep};

use crate::ids::Kind;
use crate::render::explore::list as explorations;
use crate::render::format::csv;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::Grid;
use crate::render::format::json::{Field, object};
use crate::render::format::value::Value;
use crate::render::history::sweeps;

/// The stored sweeps and explorations at the time `now_ns`, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The sweeps, newest first.
    pub sweeps: Vec<Sweep>,
    /// The explorations, newest first.
    pub explorations: Vec<Exploration>,
    /// The time from which ages are counted.
    pub now_ns: u64,
}

impl Listing {
    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.sweeps.is_empty() && self.explorations.is_empty()
    }
}

impl Document for Listing {
    /// A kind without items has no table; where nothing is stored, that of the sweeps stands alone.
    fn grids(&self) -> Vec<Grid> {
        let has_sweeps = !self.sweeps.is_empty() || self.explorations.is_empty();
        let sweeps = has_sweeps.then(|| sweeps::grid(&self.sweeps, self.now_ns));
        let explorations = (!self.explorations.is_empty())
            .then(|| explorations::grid(&self.explorations, self.now_ns));
        sweeps.into_iter().chain(explorations).collect()
    }

    /// The columns of both kinds, each name once, and the kind.
    fn csv(&self) -> String {
        let mut names = sweeps::fields(&Sweep::default());
        names.extend(explorations::fields(&Exploration::default()));
        let sweeps = self.sweeps.iter().map(|it| with_kind(Kind::Sweep, sweeps::fields(it)));
        let of_exploration = |it| with_kind(Kind::Exploration, explorations::fields(it));
        let all = sweeps.chain(self.explorations.iter().map(of_exploration));
        csv::headed(&with_kind(Kind::Sweep, distinct(names)), all)
    }

    fn records(&self) -> Vec<Record> {
        let sweeps = self.sweeps.iter().map(|it| Record::new("listed", sweeps::fields(it)));
        let of_exploration = |it| Record::new("listed_exploration", explorations::fields(it));
        sweeps.chain(self.explorations.iter().map(of_exploration)).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let sweeps: Vec<Value> = self.sweeps.iter().map(|it| object(sweeps::fields(it))).collect();
        let explorations: Vec<Value> =
            self.explorations.iter().map(|it| object(explorations::fields(it))).collect();
        vec![("sweeps", Some(sweeps.into())), ("explorations", Some(explorations.into()))]
    }
}

fn with_kind(kind: Kind, mut fields: Vec<Field>) -> Vec<Field> {
    fields.push(("kind", Some(kind.noun().into())));
    fields
}

/// The fields without those whose name came before.
fn distinct(fields: Vec<Field>) -> Vec<Field> {
    let mut kept: Vec<Field> = Vec::with_capacity(fields.len());
    for field in fields {
        if kept.iter().all(|(name, _)| *name != field.0) {
            kept.push(field);
        }
    }
    kept
}
