//! Command line of a stored sweep: parsed again, it requests the same sweep.

use clap::Parser as _;
use gilctl::cli::{Command, Flags};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{FieldDescriptorProto, FileDescriptorSet};
use proto::v1::{Order, Pin, SweepSpec};
use view::render::sweep::command_line::{arguments, command};
use view::request::sweep_spec;

/// The request of a command line, as a shell splits it.
fn read_back(line: &str) -> SweepSpec {
    let words = shlex::split(line).expect("balanced quotes");
    match Flags::try_parse_from(words).expect("gilctl understands itself").command {
        Some(Command::Sweep(flags)) => sweep_spec::spec(&flags).expect("each value is legal"),
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
        labels: vec!["before the fix".into(), "-odd".into()],
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
    fn specs()(
        base in asked(),
        attempts in any::<Option<u32>>(),
        precision_permille in any::<Option<u32>>(),
        seed in any::<Option<u64>>(),
        order in 0..=2_i32,
        pin in 0..=4_i32,
        allow_starvation in any::<bool>(),
        labels in vec("[ -~]{1,12}", 0..3),
    ) -> SweepSpec {
        SweepSpec { attempts, precision_permille, seed, order, pin, allow_starvation, labels, ..base }
    }
}

/// The least request: one strategy.
fn least() -> SweepSpec {
    SweepSpec { strategies: vec!["x".into()], ..SweepSpec::default() }
}

/// The least request with a value more in that field.
fn with(field: &FieldDescriptorProto) -> SweepSpec {
    let tag = u32::try_from(field.number()).expect("positive");
    let mut bytes = least().encode_to_vec();
    match field.r#type() {
        Type::String => prost::encoding::string::encode(tag, &"x".to_owned(), &mut bytes),
        _ => prost::encoding::uint64::encode(tag, &1, &mut bytes),
    }
    SweepSpec::decode(&bytes[..]).expect("a field of the request")
}

/// A field that the wire gains has to find its flag.
#[test]
fn every_field_of_the_request_has_a_flag() {
    let wire = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let mut messages = wire.file.iter().flat_map(|file| &file.message_type);
    let request = messages.find(|message| message.name() == "SweepSpec").expect("the request");
    for field in &request.field {
        let spec = with(field);
        assert_ne!(spec, least(), "{}", field.name());
        assert_eq!(read_back(&command(&spec)), spec, "{}", field.name());
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
