//! A stored sweep as a command line: typed again, it asks for exactly the same.

use clap::Parser as _;
use gilctl::cli::to_request;
use gilctl::cli::{Command, Flags};
use gilctl::render::sweep::command_line::{arguments, command};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proto::v1::{Order, Pin, Sweep, SweepSpec};

use crate::daemon::{Actor, Mood, run};
use crate::fixture::chapter;

/// What the command asks for, once a shell has taken it apart.
fn read_back(line: &str) -> SweepSpec {
    let words = shlex::split(line).expect("balanced quotes");
    match Flags::try_parse_from(words).expect("gilctl understands itself").command {
        Some(Command::Sweep(flags)) => to_request::spec(&flags).expect("each value is legal"),
        other => panic!("{other:?} is no sweep"),
    }
}

#[test]
fn the_chapters_sweep_is_one_short_line() {
    let spec = SweepSpec {
        strategies: vec!["gil".into(), "fair-mutex".into()],
        switch_interval_ps: vec![5_000_000_000, 500],
        steps: vec!["L,.S".into()],
        pythons: vec!["/opt/my python/it's".into(), "-odd".into()],
        io_ns: vec![0, 1_000_000],
        io_calls: vec!["echo".into()],
        precision_permille: Some(5),
        seed: Some(42),
        order: Order::Interleaved.into(),
        pin: Pin::Auto.into(),
        allow_starvation: true,
        ..SweepSpec::default()
    };
    insta::assert_snapshot!(command(&spec));
    assert_eq!(read_back(&command(&spec)), spec);
}

/// Names as they may stand in a list.
fn names() -> impl Strategy<Value = Vec<String>> {
    vec("[a-z0-9.][a-z0-9.-]{0,8}", 0..3)
}

fn numbers<T: Arbitrary>() -> impl Strategy<Value = Vec<T>> {
    vec(any::<T>(), 0..4)
}

/// Lengths whose picoseconds fit, as those of every daemon's limits do.
fn lengths() -> impl Strategy<Value = Vec<u64>> {
    vec(0..u64::MAX / 1000, 0..4)
}

prop_compose! {
    fn subjects()(
        mut strategies in names(),
        first in "[a-z][a-z-]{0,8}",
        eras in names(),
        switch_interval_ps in numbers(),
        switch_ticks in numbers(),
        pythons in vec("[ -~]{1,12}|/opt/[^\0]{0,6}", 0..3),
    ) -> SweepSpec {
        strategies.push(first);
        SweepSpec { strategies, eras, switch_interval_ps, switch_ticks, pythons, ..SweepSpec::default() }
    }
}

prop_compose! {
    fn work()(
        base in subjects(),
        workers in numbers(),
        tasks in numbers(),
        increments in numbers(),
        bodies in names(),
        steps in vec("[LSCNFJIAR.,]{1,8}", 0..3),
        task_steps in numbers(),
        step_cost_ns in of(0..u64::MAX / 1000),
        inside_ns in lengths(),
        outside_ns in lengths(),
    ) -> SweepSpec {
        SweepSpec {
            workers, tasks, increments, bodies, steps, task_steps, step_cost_ns, inside_ns, outside_ns,
            ..base
        }
    }
}

prop_compose! {
    fn asked()(
        base in work(),
        io_ns in lengths(),
        io_calls in vec("[a-z]{1,6}", 0..3),
        io_every in numbers(),
        cpu_workers in numbers(),
        io_workers in numbers(),
        requests in any::<Option<u64>>(),
        duration_ns in of(0..u64::MAX / 1000),
        lengths in names(),
        locks in numbers(),
        reads_percent in numbers(),
        arrivals_per_s in numbers(),
    ) -> SweepSpec {
        SweepSpec {
            io_ns, io_calls, io_every, cpu_workers, io_workers, requests, duration_ns, lengths, locks,
            reads_percent, arrivals_per_s, ..base
        }
    }
}

prop_compose! {
    /// Every field is named once more, so that one which the wire gains has to find its flag.
    fn specs()(
        base in asked(),
        attempts in any::<Option<u32>>(),
        precision_permille in any::<Option<u32>>(),
        seed in any::<Option<u64>>(),
        order in 0..=2_i32,
        pin in 0..=4_i32,
        allow_starvation in any::<bool>(),
    ) -> SweepSpec {
        SweepSpec {
            strategies: base.strategies,
            eras: base.eras,
            switch_interval_ps: base.switch_interval_ps,
            switch_ticks: base.switch_ticks,
            workers: base.workers,
            tasks: base.tasks,
            increments: base.increments,
            bodies: base.bodies,
            task_steps: base.task_steps,
            step_cost_ns: base.step_cost_ns,
            inside_ns: base.inside_ns,
            outside_ns: base.outside_ns,
            io_ns: base.io_ns,
            io_every: base.io_every,
            io_calls: base.io_calls,
            cpu_workers: base.cpu_workers,
            io_workers: base.io_workers,
            requests: base.requests,
            pythons: base.pythons,
            steps: base.steps,
            duration_ns: base.duration_ns,
            lengths: base.lengths,
            locks: base.locks,
            reads_percent: base.reads_percent,
            arrivals_per_s: base.arrivals_per_s,
            attempts,
            precision_permille,
            seed,
            order,
            pin,
            allow_starvation,
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_asks_for_the_same(spec in specs()) {
        prop_assert_eq!(read_back(&command(&spec)), spec);
    }

    /// A shell sees the very words, whatever stands in them.
    #[test]
    fn quotes_keep_words_together(spec in specs()) {
        prop_assert_eq!(shlex::split(&command(&spec)), Some(arguments(&spec)));
    }
}

#[test]
fn a_stored_sweep_is_printed_as_its_command() {
    let spec = SweepSpec { strategies: vec!["gil".into()], ..SweepSpec::default() };
    let actor = || {
        let sweep = Sweep { spec: Some(spec.clone()), ..chapter() };
        Actor { sweep, ..Actor::new(Mood::Kind) }
    };
    let show = ["show", "latest", "--as-command"];
    let (code, out, err) = run(actor(), &show);
    assert_eq!((code, out.as_str()), (Some(0), "gilctl sweep --strategy gil\n"), "{err}");
    let (_, out, _) = run(actor(), &[&show[..], &["--output", "ndjson"]].concat());
    assert_eq!(out, "{\"kind\":\"command\",\"command\":\"gilctl sweep --strategy gil\"}\n");
    let (_, out, _) = run(actor(), &[&show[..], &["--output", "json"]].concat());
    assert_eq!(out, "{\"command\":\"gilctl sweep --strategy gil\"}\n");
}
