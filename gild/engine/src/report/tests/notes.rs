//! Notes on constructed measurements.

use std::time::Duration;

use super::*;
use crate::measure::measurement::tests::{CELL, measured, under_load};
use crate::measure::validity::Disturbance;
use crate::plan::cell::MergedInterval;
use crate::plan::spec::Order;
use crate::plan::subject::Python;
use crate::plan::sweep_plan::EarlyEnd;
use crate::python::calibrate::Estimate;
use crate::python::version::{GlobalLock, SUPPORTED, Version};
use crate::report::phrases::ERAS_IN_WORDS;
use crate::stats::descriptive::TimesSummary;
use crate::sys::affinity::Pin;
use crate::sys::interference::tests::second;
use crate::sys::rusage::CpuTime;
use strategies::catalog::{Plain, Promise, Spec};
use strategies::program::era::{RuleKind, SwitchInterval};
use strategies::program::workload::{Service, Workload};

fn gil(picoseconds: u64) -> Spec {
    let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(picoseconds));
    Spec::Gil { era: Era::V3_9, rule }
}

fn plan(specs: &[Spec]) -> Plan {
    of_cells(specs.iter().map(|&spec| Cell { subject: spec.into(), ..CELL }).collect())
}

fn of_cells(cells: Vec<Cell>) -> Plan {
    Plan {
        cells,
        merged: Vec::new(),
        skipped: Vec::new(),
        seed: 1,
        order: Order::Interleaved,
        pin: Pin::Auto,
        early_end: EarlyEnd::Never,
    }
}

#[test]
fn intervals_with_equal_effect_are_noted() {
    let said = notes(&plan(&[gil(5_000_000_000), gil(500_000), gil(500)]), &[]);
    assert_eq!(said, ["500 ns and 0.5 ns are one setting: each takes effect as 1 us."]);
    let interval = SwitchInterval::from_picoseconds(500);
    let merged = vec![MergedInterval { cell: 0, interval }];
    let said = notes(&Plan { merged, ..plan(&[gil(500_000)]) }, &[]);
    let once = "500 ns and 0.5 ns are one setting: each takes effect as 1 us; it is measured once.";
    assert_eq!(said, [once]);
}

#[test]
fn overhead_of_the_lab_is_noted() {
    assert_eq!(overhead_note(&Overhead::default()), None);
    let mut own = Overhead::default();
    let cpu = |user_ns| CpuTime { user_ns, system_ns: 0 };
    own.add_turn(cpu(20_049_200_000), cpu(20_000_000_000), Duration::from_millis(12_300));
    let wanted = "The lab itself used 0.4 % of a core beside its workers (of 12.3 s).";
    assert_eq!(overhead_note(&own).as_deref(), Some(wanted));
}

#[test]
fn eras_of_one_generation_are_noted() {
    let of = |era| Spec::Gil { era, rule: SwitchRule::Ticks(100) };
    let said = notes(&plan(&[of(Era::V3_8), of(Era::V3_6), of(Era::V3_10)]), &[]);
    assert_eq!(said[0], "Eras 3.6 and 3.8 are one generation: they differ in nothing here.");
}

#[test]
fn hypothetical_cells_are_noted_once() {
    let ticks = Spec::Gil { era: Era::V3_12, rule: SwitchRule::Ticks(1) };
    assert_eq!(notes(&plan(&[ticks, ticks]), &[]), ["No CPython has: gil 3.12 at 1 tick."]);
}

/// A real 3.9 with the same rule.
fn python() -> Subject {
    let version = Version { major: 3, minor: 9, micro: 2, lock: GlobalLock::Held };
    let rule = gil(5_000_000_000).rule().expect("a gil has one");
    Subject::Python(Python { place: 0, version, rule })
}

#[test]
fn interpreter_is_compared_with_its_model() {
    let spec = gil(5_000_000_000);
    let cells = vec![Cell { subject: spec.into(), ..CELL }, Cell { subject: python(), ..CELL }];
    let said = |own: &[u64], real: &[u64]| {
        notes(&of_cells(cells.clone()), &[measured(spec, own), measured(spec, real)])
    };
    assert_eq!(
        said(&[70; 9], &[67; 9]),
        ["Interpreter and model agree within 10 points, in lost updates and in right attempts: \
          cpython 3.9.2 at 5 ms and gil 3.9 at 5 ms (lost 33.0 % [33.0-33.0] and 30.0 % \
          [30.0-30.0], right 0.0 % [0.0 %-29.9 %] and 0.0 % [0.0 %-29.9 %] of 9 and 9 attempts)."]
    );
    let apart = said(&[70; 9], &[100; 9]);
    assert!(apart[0].starts_with("SHOULD AGREE AND DO NOT: cpython 3.9.2"), "{apart:?}");
    let scattered = said(&[70; 9], &[90, 90, 90, 90, 90, 50, 50, 50, 50]);
    assert!(scattered[0].starts_with("Undecided whether"), "quartiles overlap: {scattered:?}");
    let few = said(&[70; 8], &[100; 9]);
    assert!(few[0].starts_with("Too few attempts to say"), "{few:?}");
}

/// A convoy, where requests end an attempt: by attempts, both are wrong each time and so agree.
#[test]
fn interpreter_beside_requests_is_compared_by_increments() {
    let spec = gil(5_000_000_000);
    let service = Some(Service { workers: 1, requests: 10, request: Request::Write });
    let workload = Workload { service, ..CELL.workload };
    let of = |subject| Cell { subject, workload, workers: 3, ..CELL };
    let cells = vec![of(spec.into()), of(python())];
    let said = |own, real| {
        let [own, real] = [own, real].map(|total| under_load(spec, &[(1_000, total); 9]));
        notes(&of_cells(cells.clone()), &[own, real])
    };
    assert_eq!(
        said(700, 670),
        [
            "Interpreter and model agree within 10 points, in lost increments: cpython 3.9.2 at 5 ms \
          and gil 3.9 at 5 ms (2,970 of 9,000 increments lost: 33.0 % [32.0 % to 34.0 %] and 2,700 \
          of 9,000 increments lost: 30.0 % [29.1 % to 31.0 %]; 9 and 9 attempts; latencies are not \
          compared)."
        ]
    );
    let apart = said(700, 400);
    assert!(apart[0].starts_with("SHOULD AGREE AND DO NOT: cpython 3.9.2"), "{apart:?}");
}

#[test]
fn eras_in_words_are_those_there_are() {
    let ordinary = |era: &Era| era.facts().rule == RuleKind::Interval;
    let [newest, oldest] =
        [Era::ALL.into_iter().rfind(ordinary), Era::ALL.into_iter().find(ordinary)]
            .map(|era| era.expect("there is one"));
    let others: Vec<_> = Era::ALL.iter().filter(|era| !ordinary(era)).map(Era::to_string).collect();
    let [ticks, free] = others.as_slice() else { panic!("two more: {others:?}") };
    assert_eq!(ERAS_IN_WORDS, format!("{ticks}, {oldest} to {newest} and {free}"));
    assert!(SUPPORTED.starts_with(&format!("CPython {ticks} and {oldest} to {newest} are")));
}

/// A real interpreter whose era the lab does not have: said so, compared with nothing, and never
/// broken by the promise of another era.
#[test]
fn interpreter_without_an_era_is_compared_with_nothing() {
    let spec =
        Spec::Gil { era: Era::V3_13, rule: gil(5_000_000_000).rule().expect("a gil has one") };
    let later = |minor, lock| {
        let version = Version { major: 3, minor, micro: 2, lock };
        let rule = spec.rule().expect("a gil has one");
        Subject::Python(Python { place: 0, version, rule })
    };
    for (python, named) in [
        (later(14, GlobalLock::Held), "cpython 3.14.2 at 5 ms"),
        (later(15, GlobalLock::Held), "cpython 3.15.2 at 5 ms"),
        (later(13, GlobalLock::Enabled), "cpython 3.13.2t with its GIL at 5 ms"),
    ] {
        let cells = vec![Cell { subject: spec.into(), ..CELL }, Cell { subject: python, ..CELL }];
        let plan = of_cells(cells);
        let said = notes(&plan, &[measured(spec, &[100; 9]), measured(spec, &[60; 9])]);
        let [only] = said.as_slice() else { panic!("one note: {said:?}") };
        assert!(
            only.starts_with("This lab has no era of these interpreters (2.7, 3.2 to 3.13 and")
        );
        assert!(only.ends_with(&format!("promise nothing by one: {named}.")), "{only}");
        let promise = plan.cells[1].subject.promise(&CELL.workload, CELL.workers);
        assert_eq!(promise, Promise::Lossy);
    }
}

#[test]
fn interpreter_that_is_right_more_often_than_its_model_is_noted() {
    let spec = gil(5_000_000_000);
    let cells = vec![Cell { subject: spec.into(), ..CELL }, Cell { subject: python(), ..CELL }];
    // Both lose nothing at the median and in the quartiles.
    let (real, mut own) = (vec![100; 100], vec![100; 100]);
    own[..24].fill(99);
    let said = notes(&of_cells(cells), &[measured(spec, &own), measured(spec, &real)]);
    assert!(said[0].starts_with("SHOULD AGREE AND DO NOT"), "{said:?}");
    assert!(said[0].contains("right 100.0 %"), "{said:?}");
}

#[test]
fn doubtful_interpreter_is_named_and_not_compared() {
    let spec = gil(5_000_000_000);
    let cells = vec![Cell { subject: spec.into(), ..CELL }, Cell { subject: python(), ..CELL }];
    for (validity, reason) in [
        (Validity::Noisy, "the machine was busy"),
        (Validity::Sequential, "its workers ran one after the other"),
        (Validity::Uncontended, "its workers hardly met"),
        (Validity::Degraded, "beside a lost worker"),
    ] {
        for doubtful in 0..2 {
            let mut both = [measured(spec, &[70; 9]), measured(spec, &[100; 9])];
            both[doubtful].validity = validity;
            let said = notes(&of_cells(cells.clone()), &both).join("\n");
            assert!(said.contains("Not compared with the model"), "{said}");
            assert!(said.contains(&format!("gil 3.9 at 5 ms ({reason})")), "{said}");
        }
    }
}

#[test]
fn notes_of_many_cells_are_said_once() {
    let spec = gil(5_000_000_000);
    let workers = 2..=19;
    let cells = workers.flat_map(|workers| {
        [
            Cell { subject: spec.into(), workers, ..CELL },
            Cell { subject: python(), workers, ..CELL },
        ]
    });
    let plan = of_cells(cells.collect());
    let equal = vec![measured(spec, &[70; 9]); plan.cells.len()];
    let said = notes(&plan, &equal);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("and 12 more"), "{said:?}");
}

#[test]
fn uncontended_cells_are_noted() {
    let plan = plan(&[Spec::Plain(Plain::Atomic), Spec::Plain(Plain::Unlocked)]);
    let fine = measured(Spec::Plain(Plain::Atomic), &[100]);
    let lonely = Measurement { validity: Validity::Uncontended, ..fine.clone() };
    let said = notes(&plan, &[fine, lonely]);
    assert!(said[0].starts_with("Workers hardly ever met at the lock"), "{said:?}");
    assert!(said[0].contains(": unlocked; "), "{said:?}");
}

#[test]
fn interpreter_without_matching_gil_is_noted() {
    let cells = vec![Cell { subject: python(), ..CELL }];
    assert_eq!(
        notes(&of_cells(cells), &[measured(gil(1), &[100])]),
        [
            "No gil with the interpreter's era, rule and workload is in this sweep: cpython 3.9.2 at \
          5 ms."
        ]
    );
}

#[test]
fn immediate_calls_are_noted_by_their_slowest_hundredth() {
    let spec = gil(5_000_000_000);
    let service = Some(Service { workers: 1, requests: 10, request: Request::Write });
    let workload = Workload { service, ..CELL.workload };
    let cell = |workers| Cell { subject: spec.into(), workload, workers, ..CELL };
    let took = |p99_ns| Measurement {
        latencies: TimesSummary {
            count: 20,
            p50_ns: Some(900),
            p99_ns: Some(p99_ns),
            ..TimesSummary::default()
        },
        ..measured(spec, &[100])
    };
    let said = notes(&of_cells(vec![cell(1), cell(2)]), &[took(1_330), took(5_310_000)]);
    assert!(
        said[0].contains("the slowest hundredth takes 5.31 ms or more, alone 1.33 us"),
        "{said:?}"
    );
}

#[test]
fn convoy_is_compared_with_the_worker_alone() {
    let spec = gil(5_000_000_000);
    let request = Request::Sleep { duration_ns: 1_000_000 };
    let service = Some(Service { workers: 1, requests: 10, request });
    let workload = Workload { service, ..CELL.workload };
    let cell = |workers| Cell { subject: spec.into(), workload, workers, ..CELL };
    let took = |p50_ns| Measurement {
        latencies: TimesSummary { count: 20, p50_ns: Some(p50_ns), ..TimesSummary::default() },
        ..measured(spec, &[100])
    };
    let said = notes(&of_cells(vec![cell(1), cell(2)]), &[took(1_060_000), took(6_160_000)]);
    assert_eq!(said.len(), 1, "alone there is no convoy: {said:?}");
    assert!(
        said[0].starts_with(
            "gil 3.9 at 5 ms, sleep 1 ms, beside 1 computing worker: a request takes 5.1 ms longer \
             at the median, 1.0 intervals;"
        ),
        "{}",
        said[0]
    );
}

#[test]
fn busy_machine_is_noted_with_advice() {
    let plan = plan(&[Spec::Plain(Plain::Atomic), Spec::Plain(Plain::Unlocked)]);
    let quiet = measured(Spec::Plain(Plain::Atomic), &[100]);
    let disturbance = Disturbance {
        noise: second(0.4, 0.48, 0.02),
        noisy_turns: 3,
        reruns: 2,
        degraded_turns: 0,
    };
    let noisy = Measurement { disturbance, validity: Validity::Noisy, ..quiet.clone() };
    let all = super::notes(&plan, &[noisy.clone(), noisy.clone()]);
    assert!(all[0].contains("all 2 cells (others 48 %, hypervisor 2 %, +-1)"), "{all:?}");
    let notes = notes(&plan, &[quiet, noisy]);
    assert_eq!(
        notes,
        [
            "The machine was busy with other work, so speeds, losses and overlaps may be its \
             doing: unlocked (others 48 %, hypervisor 2 %, +-1); stop what else runs, or measure \
             elsewhere, and sweep again.",
            "2 turns were run again: more than 10 % of the machine was used by others or the \
             hypervisor meanwhile.",
        ]
    );
}

#[test]
fn workers_without_a_task_are_noted() {
    let mut plan = plan(&[Spec::Plain(Plain::Unlocked)]);
    plan.cells[0].workload.tasks = 1;
    let said = notes(&plan, &[measured(Spec::Plain(Plain::Unlocked), &[100])]);
    assert_eq!(
        said,
        ["One task has one worker; the others do nothing, so being right says nothing of the \
          strategy: unlocked; ask for more --tasks."]
    );
}

#[test]
fn rows_beside_a_lost_worker_are_noted() {
    let plan = plan(&[Spec::Plain(Plain::Atomic), Spec::Plain(Plain::Unlocked)]);
    let fine = measured(Spec::Plain(Plain::Atomic), &[100]);
    let disturbance = Disturbance { degraded_turns: 1, ..Disturbance::default() };
    let degraded = Measurement { disturbance, validity: Validity::Degraded, ..fine.clone() };
    assert_eq!(
        notes(&plan, &[fine, degraded]),
        ["A worker of an earlier attempt never came back and may have run beside these, so \
             nothing but \
          lost updates is to be trusted: unlocked; restart the lab and sweep again."]
    );
}

/// A calibration says whether the machine was busy: the sweeps' bound, and unknown where nothing is
/// counted.
#[test]
fn calibration_on_a_busy_machine_is_noted() {
    let said = |interference, withheld: &[&str]| {
        let estimate = Estimate { low: 1.0, median: 1.0, high: 1.0, samples: 1 };
        calibration_notes(&Calibration {
            version: Version { major: 3, minor: 9, micro: 2, lock: GlobalLock::Held },
            step_cost_ns: estimate,
            task_ns: estimate,
            task_steps: estimate,
            step_cost_proposed_ns: 1,
            task_steps_proposed: 1,
            interference,
            withheld: withheld.iter().map(ToString::to_string).collect(),
        })
    };
    assert_eq!(said(second(0.5, 0.02, 0.01), &[]), [""; 0]);
    for (others, steal, words) in
        [(0.5, 0.0, "others 50 %, hypervisor 0 %"), (0.0, 0.3, "others 0 %, hypervisor 30 %")]
    {
        let notes = said(second(0.1, others, steal), &[]);
        let [busy] = notes.as_slice() else { panic!("one note: {notes:?}") };
        assert!(
            busy.starts_with("The machine was busy with other work (") && busy.contains(words),
            "{busy}"
        );
    }
    let both = said(None, &["PYTHONPATH", "PYTHON_GIL"]);
    assert!(both[0].contains("is unknown: the kernel does not count it here"), "{both:?}");
    assert_eq!(
        both[1],
        "Set here and kept from interpreters, which ran as without: PYTHONPATH, PYTHON_GIL."
    );
}

#[test]
fn variables_kept_from_interpreters_are_noted_beside_one_only() {
    let names: Vec<String> = (0..9).map(|i| format!("PYTHON_{i}{}", "X".repeat(100))).collect();
    let real = of_cells(vec![Cell { subject: python(), ..CELL }]);
    let said = withheld_note(&real, &names).expect("it is said");
    assert!(said.len() < 600 && said.ends_with(" and 3 more."), "{said}");
    assert_eq!(withheld_note(&plan(&[gil(500)]), &names), None);
    assert_eq!(withheld_note(&real, &[]), None);
}
