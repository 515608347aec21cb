//! Stored jobs as a lab lists them, and which of them are the caller's own.

use std::cmp::Reverse;

use proto::v1::{Exploration, Sweep, SweepState};

use crate::ids::Candidate;

/// Stored jobs of one kind, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The jobs.
    pub jobs: Vec<T>,
    /// The owners whose jobs are the caller's own; empty where all are, and from a lab that does not
    /// say.
    pub own_owners: Vec<String>,
    /// Whether the caller may change the jobs of all owners.
    pub changes_all: bool,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { jobs: Vec::new(), own_owners: Vec::new(), changes_all: false }
    }
}

impl<T> Listed<T> {
    fn candidate(&self, name: &str, owner: &str) -> Candidate {
        Candidate { name: name.to_owned(), is_own: self.is_own(owner) }
    }

    fn is_own(&self, owner: &str) -> bool {
        self.own_owners.is_empty() || self.own_owners.iter().any(|own_owner| own_owner == owner)
    }

    /// Whether the caller may change the jobs of an owner.
    pub fn may_change(&self, owner: &str) -> bool {
        self.changes_all || self.is_own(owner)
    }
}

impl Listed<Sweep> {
    /// What a typed id may name among them.
    pub fn sweeps(&self) -> Vec<Candidate> {
        self.jobs.iter().map(|sweep| self.candidate(&sweep.name, &sweep.owner)).collect()
    }
}

impl Listed<Exploration> {
    /// What a typed id may name among them.
    pub fn explorations(&self) -> Vec<Candidate> {
        self.jobs.iter().map(|one| self.candidate(&one.name, &one.owner)).collect()
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

/// Whether a state is final.
pub fn has_ended(state: SweepState) -> bool {
    use SweepState::{Cancelled, Failed, Interrupted, Succeeded};
    matches!(state, Succeeded | Failed | Cancelled | Interrupted)
}

/// The labels of a sweep; none where the daemon does not say.
pub fn labels(sweep: &Sweep) -> &[String] {
    sweep.spec.as_ref().map(|spec| spec.labels.as_slice()).unwrap_or_default()
}

impl Jobs {
    /// The owner and the state of a job, and whether the caller may change it.
    pub fn facts(&self, name: &str) -> Option<(&str, SweepState, bool)> {
        let Self { sweeps, explorations } = self;
        let sweep = sweeps.jobs.iter().find(|it| it.name == name);
        let sweep = sweep.map(|it| (it.owner.as_str(), it.state(), sweeps.may_change(&it.owner)));
        sweep.or_else(|| {
            let one = explorations.jobs.iter().find(|it| it.name == name)?;
            Some((one.owner.as_str(), one.state(), explorations.may_change(&one.owner)))
        })
    }

    /// What a typed id may name among them, newest first.
    pub fn candidates(&self) -> Vec<Candidate> {
        let Self { sweeps, explorations } = self;
        let listed = sweeps.jobs.iter().zip(sweeps.sweeps());
        let listed = listed.map(|(sweep, candidate)| (sweep.create_time_ns, candidate));
        let explored = explorations.jobs.iter().zip(explorations.explorations());
        let explored = explored.map(|(one, candidate)| (one.create_time_ns, candidate));
        let mut all: Vec<(u64, Candidate)> = listed.chain(explored).collect();
        all.sort_by_key(|(created, _)| Reverse(*created));
        all.into_iter().map(|(_, candidate)| candidate).collect()
    }
}
