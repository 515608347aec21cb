//! Oversubscription: refuses cells whose workers outnumber the cores under a lock whose waiters
//! never yield. The caller passes the number of cores; no thread is involved.

use strategies::harness::entry::Waiting;
use strategies::program::limit::LimitError;

use crate::plan::cell::Cell;

/// Whether a sweep may contain cells whose workers starve each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Oversubscription {
    /// They are left out, with the reason.
    #[default]
    Refused,
    /// They run; an attempt that takes too long still fails its sweep.
    Allowed,
}

impl Oversubscription {
    /// Refuses a cell in which a waiter may keep the core that the next in line needs.
    pub fn check(self, cell: &Cell, cores: usize) -> Result<(), LimitError> {
        let workers = cell.workload.incrementing(cell.workers);
        let field = if cell.workload.service.is_some() { "cpu_workers" } else { "workers" };
        match (self, cell.subject.entry().waiting) {
            (Self::Refused, Waiting::KeepsCore { instead }) if workers > cores => {
                Err(starves(field, workers, cores, (cell.subject.name(), instead)))
            }
            _ => Ok(()),
        }
    }
}

fn starves(
    field: &'static str,
    workers: usize,
    cores: usize,
    (name, instead): (&str, &str),
) -> LimitError {
    LimitError {
        field,
        value: workers.to_string(),
        reason: format!(
            "is more than the {cores} cores that its workers may use, and waiters of `{name}` \
             never \
             let others have theirs"
        ),
        way_out: format!(
            "ask for at most {cores}, or for `{instead}`, whose waiters yield, or allow it with \
             allow_starvation"
        )
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use strategies::catalog::{Name, Plain, Spec};
    use strategies::program::workload::{Request, Service, Workload};

    use super::*;
    use crate::plan::subject::Subject;

    const CORES: usize = 4;

    fn cell(plain: Plain, workers: usize) -> Cell {
        let workload = Workload { tasks: 100, ..Workload::ONE };
        Cell { subject: Subject::Lab(Spec::Plain(plain)), workload, workers, attempts: 1 }
    }

    #[test]
    fn spinning_workers_beyond_the_cores_are_refused() {
        for (plain, instead) in
            [(Plain::TicketSpin, "ticket"), (Plain::McsSpin, "mcs"), (Plain::ClhSpin, "clh")]
        {
            assert_eq!(Oversubscription::Refused.check(&cell(plain, CORES), CORES), Ok(()));
            let beyond = cell(plain, CORES + 1);
            let error = Oversubscription::Refused.check(&beyond, CORES).expect_err("refused");
            assert_eq!(
                error.to_string(),
                format!(
                    "workers: 5 is more than the 4 cores that its workers may use, and waiters of \
                     `{instead}-spin` never let others have theirs; ask for at most 4, or for \
                     `{instead}`, whose waiters yield, or allow it with allow_starvation"
                )
            );
            assert_eq!(Oversubscription::Allowed.check(&beyond, CORES), Ok(()));
        }
    }

    #[test]
    fn yielding_strategies_are_never_refused() {
        for name in Name::all() {
            let Name::Plain(plain) = name else { continue };
            let is_refused = Oversubscription::Refused.check(&cell(plain, 64), 1).is_err();
            assert_eq!(is_refused, name.entry().name.ends_with("-spin"), "{name}");
        }
    }

    /// Workers without a task never wait, and those that make requests never take the lock.
    #[test]
    fn workers_that_never_wait_are_not_counted() {
        let check = |workload, workers| {
            let cell = Cell { workload, ..cell(Plain::McsSpin, workers) };
            Oversubscription::Refused.check(&cell, CORES).map_err(|error| error.field)
        };
        assert_eq!(check(Workload { tasks: 4, ..Workload::ONE }, 64), Ok(()));
        let service = Some(Service { workers: 2, requests: 1, request: Request::Echo });
        assert_eq!(check(Workload { service, ..Workload::ONE }, 6), Ok(()));
        assert_eq!(check(Workload { service, ..Workload::ONE }, 7), Err("cpu_workers"));
    }
}
