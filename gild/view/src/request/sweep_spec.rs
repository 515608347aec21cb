//! The request of a sweep from typed flags, and the flags that ask for a request. A flag that was left
//! out leaves its field empty: defaults and limits are the daemon's.

use clap::ValueEnum;
use proto::v1::{Order, Pin, SweepSpec};

use crate::request::axes::AXES;
use crate::request::flag::{Flag, FlagKind};
use crate::request::parse::ValueError;
use crate::request::sweep_flags::{CellOrder, PinRule, SweepFlags};

/// Flags of the grid, in the order of a printed command; those of [`AXES`] come after them.
const GRID: [Flag<SweepFlags>; 19] = [
    Flag("--strategy", FlagKind::Names(|f| &f.strategy, |spec| &mut spec.strategies)),
    Flag("--era", FlagKind::Names(|f| &f.era, |spec| &mut spec.eras)),
    Flag(
        "--switch-interval",
        FlagKind::Intervals(|f| &f.switch_interval, |spec| &mut spec.switch_interval_ps),
    ),
    Flag(
        "--switch-ticks",
        FlagKind::SmallNumbers(|f| &f.switch_ticks, |spec| &mut spec.switch_ticks),
    ),
    Flag("--python", FlagKind::Paths(|f| &f.python, |spec| &mut spec.pythons)),
    Flag("--workers", FlagKind::SmallNumbers(|f| &f.workers, |spec| &mut spec.workers)),
    Flag("--tasks", FlagKind::Numbers(|f| &f.tasks, |spec| &mut spec.tasks)),
    Flag("--increments", FlagKind::Numbers(|f| &f.increments, |spec| &mut spec.increments)),
    Flag("--body", FlagKind::Names(|f| &f.body, |spec| &mut spec.bodies)),
    Flag("--steps", FlagKind::Words(|f| &f.steps, |spec| &mut spec.steps)),
    Flag("--task-steps", FlagKind::SmallNumbers(|f| &f.task_steps, |spec| &mut spec.task_steps)),
    Flag("--step-cost", FlagKind::Duration(|f| &f.step_cost, |spec| &mut spec.step_cost_ns)),
    Flag("--inside", FlagKind::Durations(|f| &f.inside, |spec| &mut spec.inside_ns)),
    Flag("--outside", FlagKind::Durations(|f| &f.outside, |spec| &mut spec.outside_ns)),
    Flag("--io", FlagKind::Requests(|f| &f.io, |spec| &mut spec.io_ns, |spec| &mut spec.io_calls)),
    Flag("--io-every", FlagKind::Numbers(|f| &f.io_every, |spec| &mut spec.io_every)),
    Flag("--cpu-workers", FlagKind::SmallNumbers(|f| &f.cpu_workers, |spec| &mut spec.cpu_workers)),
    Flag("--io-workers", FlagKind::SmallNumbers(|f| &f.io_workers, |spec| &mut spec.io_workers)),
    Flag("--requests", FlagKind::Number(|f| &f.requests, |spec| &mut spec.requests)),
];

/// Flags of how a grid is run, in the order of a printed command.
const RUN: [Flag<SweepFlags>; 7] = [
    Flag("--attempts", FlagKind::SmallNumber(|f| &f.attempts, |spec| &mut spec.attempts)),
    Flag("--precision", FlagKind::Percent(|f| &f.precision, |spec| &mut spec.precision_permille)),
    Flag("--seed", FlagKind::Number(|f| &f.seed, |spec| &mut spec.seed)),
    Flag(
        "--order",
        FlagKind::Choice(|f| order(f.order).into(), |spec| &mut spec.order, order_name),
    ),
    Flag("--pin", FlagKind::Choice(|f| pin(f.pin).into(), |spec| &mut spec.pin, pin_name)),
    Flag(
        "--allow-starvation",
        FlagKind::Switch(|f| &f.allow_starvation, |spec| &mut spec.allow_starvation),
    ),
    Flag("--label", FlagKind::Words(|f| &f.label, |spec| &mut spec.labels)),
];

/// The request of a sweep that was typed. The error names the first flag that cannot be read.
pub fn spec(flags: &SweepFlags) -> Result<SweepSpec, ValueError> {
    let mut spec = SweepSpec::default();
    GRID.iter().try_for_each(|flag| flag.read(flags, &mut spec))?;
    AXES.iter().try_for_each(|axis| axis.flag.read(&flags.load, &mut spec))?;
    RUN.iter().try_for_each(|flag| flag.read(flags, &mut spec))?;
    Ok(spec)
}

/// The flags and values that ask for that sweep: [`spec`] of them is the same request.
pub fn words(spec: &SweepSpec) -> Vec<String> {
    let spec = &mut spec.clone();
    let mut words: Vec<String> = GRID.iter().flat_map(|flag| flag.words(spec)).collect();
    words.extend(AXES.iter().flat_map(|axis| axis.flag.words(spec)));
    words.extend(RUN.iter().flat_map(|flag| flag.words(spec)));
    words
}

fn order(typed: Option<CellOrder>) -> Order {
    match typed {
        None => Order::Unspecified,
        Some(CellOrder::Interleaved) => Order::Interleaved,
        Some(CellOrder::Blocked) => Order::Blocked,
    }
}

/// The word that asks for that order; none for the default.
fn order_name(order: i32) -> Option<String> {
    let typed = match Order::try_from(order).unwrap_or_default() {
        Order::Unspecified => return None,
        Order::Interleaved => CellOrder::Interleaved,
        Order::Blocked => CellOrder::Blocked,
    };
    value_name(&typed)
}

/// The word that asks for that rule; none for the default.
fn pin_name(pin: i32) -> Option<String> {
    let typed = match Pin::try_from(pin).unwrap_or_default() {
        Pin::Unspecified => return None,
        Pin::Auto => PinRule::Auto,
        Pin::None => PinRule::None,
        Pin::Spread => PinRule::Spread,
        Pin::Pack => PinRule::Pack,
    };
    value_name(&typed)
}

fn value_name(typed: &impl ValueEnum) -> Option<String> {
    typed.to_possible_value().map(|value| value.get_name().to_owned())
}

fn pin(typed: Option<PinRule>) -> Pin {
    match typed {
        None => Pin::Unspecified,
        Some(PinRule::Auto) => Pin::Auto,
        Some(PinRule::None) => Pin::None,
        Some(PinRule::Spread) => Pin::Spread,
        Some(PinRule::Pack) => Pin::Pack,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn typed(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn only_what_was_typed_is_sent() {
        let flags = SweepFlags { strategy: typed("gil"), ..SweepFlags::default() };
        let wanted = SweepSpec { strategies: typed("gil"), ..SweepSpec::default() };
        assert_eq!(spec(&flags), Ok(wanted));
    }

    #[test]
    fn every_flag_arrives_in_its_unit() {
        let flags = SweepFlags {
            strategy: vec!["gil,atomic".into(), "unlocked".into()],
            io: typed("1ms,echo"),
            cpu_workers: typed("0..3"),
            io_workers: typed("1"),
            requests: Some("50".into()),
            python: vec!["/opt/a,b/python3".into(), "python3".into()],
            switch_interval: typed("5ms,0.5ns"),
            workers: typed("1..=3"),
            step_cost: Some("15ns".into()),
            steps: vec!["L,.S".into(), "LS".into()],
            inside: typed("1us"),
            attempts: Some("7".into()),
            order: Some(CellOrder::Blocked),
            pin: Some(PinRule::Pack),
            allow_starvation: true,
            label: vec!["before, maybe".into(), "v2".into()],
            ..SweepFlags::default()
        };
        let spec = spec(&flags).expect("valid");
        assert_eq!(spec.strategies, ["gil", "atomic", "unlocked"]);
        assert_eq!(spec.switch_interval_ps, [5_000_000_000, 500]);
        assert_eq!(spec.workers, [1, 2, 3]);
        assert_eq!(spec.step_cost_ns, Some(15));
        assert_eq!(spec.steps, ["L,.S", "LS"]);
        assert_eq!(spec.inside_ns, [1000]);
        assert_eq!((spec.attempts, spec.order()), (Some(7), Order::Blocked));
        assert_eq!(spec.pin(), Pin::Pack);
        assert_eq!((spec.io_ns, spec.io_calls), (vec![1_000_000], typed("echo")));
        assert_eq!((spec.cpu_workers, spec.io_workers), (vec![0, 1, 2], vec![1]));
        assert_eq!((spec.requests, spec.allow_starvation), (Some(50), true));
        assert_eq!(spec.labels, ["before, maybe", "v2"]);
        assert_eq!(spec.pythons, ["/opt/a,b/python3", "python3"]);
    }

    /// A value of another flag's kind is refused under its own flag's name.
    #[test]
    fn the_error_names_its_flag() {
        #[track_caller]
        fn check(flag: &str, change: fn(&mut SweepFlags)) {
            let mut flags = SweepFlags { strategy: typed("gil"), ..SweepFlags::default() };
            change(&mut flags);
            assert_eq!(spec(&flags).expect_err("refused").flag(), flag);
        }
        check("--strategy", |f| f.strategy = typed(""));
        check("--era", |f| f.era = typed(","));
        check("--switch-interval", |f| f.switch_interval = typed("-1ns"));
        check("--switch-ticks", |f| f.switch_ticks = typed("5ms"));
        check("--workers", |f| f.workers = typed("8..=1"));
        check("--tasks", |f| f.tasks = typed("3..3"));
        check("--increments", |f| f.increments = typed("-1"));
        check("--body", |f| f.body = typed("a,,b"));
        check("--task-steps", |f| f.task_steps = typed("x"));
        check("--step-cost", |f| f.step_cost = Some("0.5ns".into()));
        check("--inside", |f| f.inside = typed("-5ms"));
        check("--outside", |f| f.outside = typed("5"));
        check("--io", |f| f.io = typed("1.5ns"));
        check("--io-every", |f| f.io_every = typed("5000h"));
        check("--cpu-workers", |f| f.cpu_workers = typed("one"));
        check("--io-workers", |f| f.io_workers = typed("-1"));
        check("--requests", |f| f.requests = Some("1,2".into()));
        check("--python", |f| f.python = vec![OsStr::from_bytes(b"/\xff/python3").into()]);
        check("--attempts", |f| f.attempts = Some("5000000000".into()));
        check("--seed", |f| f.seed = Some("-1".into()));
    }
}
