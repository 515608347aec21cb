//! Command line of a stored sweep: parsed again, it requests the same sweep.

use clap::Parser as _;
use gilctl::cli::to_request;
use gilctl::cli::{Command, Flags};
use gilctl::render::sweep::command_line::{arguments, command};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proto::v1::{Order, Pin, SweepSpec};

/// The request of a command line, as a shell splits it.
fn read_back(line: &str) -> SweepSpec {
    let words = shlex::split(line).expect("balanced quotes");
    match Flags::try_parse_from(words).expect("gilctl understands itself").command {
        Some(Command::Sweep(flags)) => to_request::spec(&flags).expect("each value is legal"),
        other => panic!("{other:?} is not a sweep command"),
    }
}

#[test]
fn gil_sweep_is_one_short_line() {
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

/// Names that may occur in a list.
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
    /// Names every field, so that a new field of the message does not compile without a flag.
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

    /// A shell splits the command line into the same words, whatever they contain.
    #[test]
    fn quotes_keep_words_together(spec in specs()) {
        prop_assert_eq!(shlex::split(&command(&spec)), Some(arguments(&spec)));
    }
}
