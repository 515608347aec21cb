//! Stored jobs as a lab lists them, and which of them are the caller's own.

use std::cmp::Reverse;

use proto::v1::{Exploration, Sweep};

use crate::ids::Candidate;

/// Stored jobs of one kind, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The jobs.
    pub jobs: Vec<T>,
    /// The owners whose jobs are the caller's own; empty where all are, and from a lab that does not
    /// say.
    pub own_owners: Vec<String>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { jobs: Vec::new(), own_owners: Vec::new() }
    }
}

impl<T> Listed<T> {
    fn candidate(&self, name: &str, owner: &str) -> Candidate {
        let is_own = self.own_owners.is_empty()
            || self.own_owners.iter().any(|own_owner| own_owner == owner);
        Candidate { name: name.to_owned(), is_own }
    }
}

impl Listed<Sweep> {
    /// What a typed id may name among them.
    pub fn sweeps(&self) -> Vec<Candidate> {
        self.jobs.iter().map(|sweep| self.candidate(&sweep.name, &sweep.owner)).collect()
    }
}

/// Stored jobs of both kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct Jobs {
    /// The sweeps.
    pub sweeps: Listed<Sweep>,
    /// The explorations.
    pub explorations: Listed<Exploration>,
}

impl Jobs {
    /// What a typed id may name among them, newest first.
    pub fn candidates(&self) -> Vec<Candidate> {
        let Self { sweeps, explorations } = self;
        let listed = sweeps.jobs.iter().zip(sweeps.sweeps());
        let listed = listed.map(|(sweep, candidate)| (sweep.create_time_ns, candidate));
        let explored = explorations.jobs.iter();
        let explored =
            explored.map(|one| (one.create_time_ns, explorations.candidate(&one.name, &one.owner)));
        let mut all: Vec<(u64, Candidate)> = listed.chain(explored).collect();
        all.sort_by_key(|(created, _)| Reverse(*created));
        all.into_iter().map(|(_, candidate)| candidate).collect()
    }
}
