//! Cell of a sweep on the wire. The axes of the workload come from the rows of
//! [`engine::sweep_fields`]; a field that a cell or its workload gains breaks the build until it is
//! written.

use proto::v1;
use strategies::catalog::{Promise, Spec};
use strategies::program::era::{SwitchInterval, SwitchRule};
use strategies::program::workload::{Io, Lengths, Request, Service, Workload};

use engine::limits::ALSO_NAMED_MAX;
use engine::plan::cell::{Cell, MergedInterval};
use engine::plan::subject::{Python, Subject};
use engine::python::registry::Interpreters;

use crate::wire::catalog::letters;
use crate::wire::number::small;

macro_rules! write_cell {
    (
        fields { $($(#[$doc:meta])* $field:ident = $wire:ident: $type:ty,)* }
        workload { $($(#[$axis_doc:meta])* $axis:ident: $axis_type:ty,)* }
    ) => {
        /// The cell at a position of a plan, with the intervals that are its setting too;
        /// interpreters are named by their paths.
        pub fn cell(
            index: usize,
            cell: &Cell,
            merged: &[MergedInterval],
            interpreters: &Interpreters,
        ) -> v1::Cell {
            let also = merged.iter().filter(|it| it.cell == index).take(ALSO_NAMED_MAX);
            let Cell { subject, workload, workers, attempts } = *cell;
            let era = subject.model().and_then(Spec::era);
            let Workload {
                tasks, increments, body, step_cost_ns, io, service, duration_ns, $($axis,)*
            } = workload;
            let (switch_ticks, interval) = rule(subject);
            let (python_version, python) = python(subject, interpreters);
            let request = io.map(|io| io.request).or(service.map(|service| service.request));
            // Where a time or requests end an attempt, its increments are not known before.
            let known = |count: u64| if workload.is_endless() { 0 } else { count };
            v1::Cell {
                cell: small(index),
                strategy: subject.name().into(),
                era: era.map(|era| era.to_string()).unwrap_or_default(),
                hypothetical: subject.is_hypothetical(),
                switch_ticks,
                switch_interval_ps: interval.map(SwitchInterval::picoseconds),
                effective_switch_interval_ns: subject.effective_interval_us().map(|us| us * 1000),
                workers: small(workers),
                tasks: known(tasks),
                increments: known(increments),
                body: body.to_string(),
                steps: letters(body.steps()),
                step_cost_ns,
                io_every: io.map(|Io { every, .. }| every),
                io_ns: request.and_then(sleep_ns),
                attempts_requested: attempts,
                expected: known(workload.expected()),
                promise: promise(subject.promise(&workload, workers)).into(),
                io_call: request.map(Request::name).unwrap_or_default().into(),
                cpu_workers: service.map(|_| small(workload.incrementing(workers))),
                io_workers: service.map(|Service { workers, .. }| small(workers)),
                requests: service.map(|Service { requests, .. }| requests),
                python_version,
                python,
                duration_ns,
                also_switch_interval_ps: also.map(|it| it.interval.picoseconds()).collect(),
                $($axis: $axis.write(),)*
            }
        }
    };
}

engine::sweep_fields!(write_cell);

/// An axis of the workload and its type `W` on the wire.
trait Axis<W> {
    fn write(self) -> W;
}

impl<T> Axis<T> for T {
    fn write(self) -> T {
        self
    }
}

impl Axis<String> for Lengths {
    fn write(self) -> String {
        self.name().into()
    }
}

fn rule(subject: Subject) -> (Option<u32>, Option<SwitchInterval>) {
    match subject.rule() {
        None | Some(SwitchRule::Free) => (None, None),
        Some(SwitchRule::Ticks(ticks)) => (Some(ticks), None),
        Some(SwitchRule::Interval(interval)) => (None, Some(interval)),
    }
}

/// Version and path of an interpreter; empty for a strategy of the lab's own.
fn python(subject: Subject, interpreters: &Interpreters) -> (String, String) {
    match subject {
        Subject::Lab(_) => (String::new(), String::new()),
        Subject::Python(Python { place, version, .. }) => {
            let path = interpreters.paths().nth(place);
            let path = path.map(|path| path.display().to_string()).unwrap_or_default();
            (version.to_string(), path)
        }
    }
}

fn promise(promise: Promise) -> v1::Promise {
    match promise {
        Promise::Exact => v1::Promise::Exact,
        Promise::Lossy => v1::Promise::Lossy,
    }
}

fn sleep_ns(request: Request) -> Option<u64> {
    match request {
        Request::Sleep { duration_ns } => Some(duration_ns),
        Request::Echo | Request::Write => None,
    }
}
