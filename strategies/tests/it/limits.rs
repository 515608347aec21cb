//! Limits of endless runs: against the table, the law of rare switches, and runs that end.

use num_bigint::BigUint;
use strategies::catalog::{Plain, Spec};
use strategies::explore::long_run;
use strategies::explore::reverse::chain;
use strategies::model::bounds::{Bounds, SearchError};
use strategies::model::moves::Move;
use strategies::model::rare_switch::{lost_share, window_share};
use strategies::model::scheduler::{Probability, Scheduler};
use strategies::program::era::Era;

use crate::exact::{body, close, number, rows, unlocked};

fn moves(steps: &str) -> Vec<Move> {
    Spec::Plain(Plain::Unlocked).moves(body(steps)).0
}

fn switching(q: &str) -> Scheduler {
    Scheduler::SwitchQ(Probability::parse(q).expect("a probability"))
}

fn kept(steps: &str, workers: usize, scheduler: Scheduler) -> f64 {
    long_run::kept(&moves(steps), workers, scheduler).expect("small")
}

fn exactly(steps: &str, workers: usize, scheduler: Scheduler) -> String {
    let ratio = long_run::kept_exactly(&moves(steps), workers, scheduler);
    let (numerator, denominator) = ratio.expect("small");
    format!("{numerator}/{denominator}")
}

#[test]
fn every_row_of_the_table_is_met() {
    for row in rows("limits.csv") {
        let (workers, steps) = (number(&row[0]), row[1].as_str());
        let scheduler = match row[2].as_str() {
            "uniform" => Scheduler::UniformStep,
            q => switching(q),
        };
        close(kept(steps, workers, scheduler), number(&row[3]), &format!("{row:?}"));
        if !row[4].is_empty() {
            assert_eq!(exactly(steps, workers, scheduler), row[4], "{row:?}");
        }
        if !row[5].is_empty() {
            close(rare(steps, workers), number(&row[5]), &format!("{row:?}"));
        }
    }
}

/// What the law says, if a switch may come after any step.
fn rare(steps: &str, workers: usize) -> f64 {
    1.0 - lost_share(window_share(Era::V3_9, body(steps)), workers)
}

#[test]
fn rare_switches_follow_the_law() {
    for steps in ["LS", "LAS", "inline7"] {
        for workers in 2..=4 {
            let off = |q| (kept(steps, workers, switching(q)) - rare(steps, workers)).abs();
            let [often, seldom] = ["0.001", "0.000001"].map(off);
            assert!(seldom < 1e-5, "{steps}, {workers} workers: {seldom}");
            assert!(seldom < often / 500.0, "{steps}, {workers} workers: {seldom}, {often}");
        }
    }
    // Eight workers that differ in nothing are few states.
    assert!((kept("LS", 8, switching("0.000001")) - rare("LS", 8)).abs() < 1e-5);
}

/// (4 - 3q) / (6 - 4q) and (9 - 21q + 19q^2 - 6q^3) / (15 - 33q + 28q^2 - 8q^3), which were fitted
/// to other figures, in whole numbers at q = 1/d.
#[test]
fn two_workers_follow_their_closed_forms() {
    for d in [2_i64, 3, 7, 10, 1000] {
        let q = format!("1/{d}");
        let reduced = |numerator: i64, denominator: i64| {
            let whole = |number: i64| BigUint::from(number.unsigned_abs());
            let (numerator, denominator) =
                strategies::model::ratio::lowest(&whole(numerator), &whole(denominator));
            format!("{numerator}/{denominator}")
        };
        assert_eq!(exactly("LS", 2, switching(&q)), reduced(4 * d - 3, 6 * d - 4));
        let cubic = |[a, b, c, e]: [i64; 4]| a * d * d * d + b * d * d + c * d + e;
        let wanted = reduced(cubic([9, -21, 19, -6]), cubic([15, -33, 28, -8]));
        assert_eq!(exactly("LAS", 2, switching(&q)), wanted, "{q}");
    }
}

/// A run of n increments each is off by a little at its ends, so by half as much at twice the
/// length.
#[test]
fn long_runs_tend_to_it() {
    let cases = [("LS", 2, Scheduler::UniformStep), ("LAS", 2, switching("0.5"))];
    for (steps, workers, scheduler) in cases {
        let limit = kept(steps, workers, scheduler);
        let off = |increments| {
            let program = unlocked(workers, increments, steps);
            let chances = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
            let mean: f64 = chances.iter().enumerate().map(|(value, p)| value as f64 * p).sum();
            mean / f64::from(program.expected()) - limit
        };
        let [at_40, at_160] = [40, 160].map(off);
        assert!(at_160.abs() < 0.02 && at_160.abs() < at_40.abs() * 0.6, "{at_40}, {at_160}");
    }
}

#[test]
fn the_ends_of_the_scale() {
    // Never a switch: one worker alone. Always: both load, then both store.
    assert_eq!(exactly("LS", 2, switching("0")), "1/1");
    assert_eq!(exactly("LS", 2, switching("1")), "1/2");
    assert_eq!(exactly("inline7", 1, Scheduler::UniformStep), "1/1");
    let atomic = Spec::Plain(Plain::Atomic).moves(body("L.S")).0;
    assert_eq!(long_run::kept(&atomic, 3, Scheduler::UniformStep), Ok(1.0));
}

#[test]
fn what_it_does_not_know_is_refused() {
    let refused =
        |spec: Spec, steps, scheduler| long_run::kept(&spec.moves(body(steps)).0, 2, scheduler);
    let (unlocked, fair) = (Spec::Plain(Plain::Unlocked), Spec::Plain(Plain::FairMutex));
    for (spec, steps, scheduler) in [
        (unlocked, "LS", Scheduler::Interleavings),
        (unlocked, "ALSR", Scheduler::UniformStep),
        (fair, "LS", Scheduler::UniformStep),
    ] {
        let error = refused(spec, steps, scheduler).expect_err("refused");
        assert!(matches!(error, SearchError::NotApplicable(_)), "{error}");
    }
    let large = long_run::kept(&moves("call12"), 4, switching("0.5"));
    assert!(matches!(large, Err(SearchError::TooLarge { .. })), "{large:?}");
}
