//! `fair-mutex` and `combining` beside `parking_lot::FairMutex`: the same loads in the same rounds.

use std::time::Duration;

use engine::stats::two_sample::Comparison;
use strategies::catalog::{Plain, Spec};

use crate::lab::{ATTEMPT, Load, ROUNDS, Seen, interleaved, rate, ratio, ratio_of};
use crate::page::Page;

/// A load, and the ratio that is wanted.
struct Case {
    name: &'static str,
    workers: usize,
    section_ns: u64,
    wanted: f64,
    combining_wanted: Option<f64>,
}

const CASES: [Case; 6] = [
    case("1 worker, empty", 1, 0, 1.0, None),
    case("2 workers pinned apart, 100 ns in and out", 2, 100, 1.2, None),
    case("8 workers, empty", 8, 0, 4.0, Some(100.0)),
    case("8 workers, 1 us in and out", 8, 1000, 3.5, Some(9.0)),
    case("32 workers, empty", 32, 0, 1.8, None),
    case("32 workers, 1 us in and out", 32, 1000, 1.4, None),
];

const fn case(
    name: &'static str,
    workers: usize,
    section_ns: u64,
    wanted: f64,
    combining_wanted: Option<f64>,
) -> Case {
    Case { name, workers, section_ns, wanted, combining_wanted }
}

/// Slower rounds of `FairMutex` are those in which it queues.
const QUEUEING_BELOW: f64 = 1e6;

const LOCKS: [Plain; 3] = [Plain::FairMutex, Plain::Combining, Plain::ParkingLotFair];

pub(crate) fn run(page: &mut Page) {
    page.head(
        "Against parking_lot::FairMutex",
        &format!(
            "{ROUNDS} interleaved rounds of {ATTEMPT:?} each; million increments per second, \
             medians with 95 % intervals. FairMutex hands over to a sleeping waiter, but while all \
             are awake a running worker bypasses spinning ones, and with empty sections its rounds \
             are of either kind. With more workers than cores, rounds below a million per second \
             are queueing ones, and the ratio to these alone stands beside the one to all."
        ),
        &[
            "load",
            "fair-mutex",
            "combining",
            "FairMutex",
            "its rounds",
            "fair-mutex / FairMutex",
            "wanted",
            "to its queueing \
                       rounds",
            "combining / FairMutex",
            "wanted",
            "run again, noisy",
        ],
    );
    for case in CASES {
        let load = |lock| Load {
            inside_ns: case.section_ns,
            outside_ns: case.section_ns,
            ..Load::of(Spec::Plain(lock), case.workers)
        };
        let (seen, reruns, noisy) = interleaved(&LOCKS.map(load));
        let [fair, combining, theirs] = &seen[..] else { unreachable!("three locks") };
        for (seen, lock) in seen.iter().zip(LOCKS) {
            assert_eq!(seen.lost, 0, "{lock:?} lost updates");
        }
        assert_eq!(
            fair.bypassed, 0,
            "fair-mutex let a waiter be bypassed in {} bodies",
            fair.ticketed
        );
        page.row(&row(&case, fair, combining, theirs, (reruns, noisy)));
    }
    for section_ns in [0, 1000] {
        fairness(page, section_ns);
    }
}

fn row(
    case: &Case,
    fair: &Seen,
    combining: &Seen,
    theirs: &Seen,
    (reruns, noisy): (usize, usize),
) -> [String; 11] {
    let least = theirs.rates.iter().copied().fold(f64::INFINITY, f64::min);
    let most = theirs.rates.iter().copied().fold(0.0, f64::max);
    let queueing: Vec<f64> =
        theirs.rates.iter().copied().filter(|&rate| rate < QUEUEING_BELOW).collect();
    let to_queueing = |one: &Seen| match ratio_of(&one.sample(), queueing.clone()) {
        Some(found) if case.workers > 2 => {
            let Comparison { ratio, low, high, .. } = found;
            format!("{ratio:.2}x [{low:.2} to {high:.2}] of {} rounds", queueing.len())
        }
        Some(_) | None => "–".into(),
    };
    let shown = |one: &Seen| {
        let found = ratio(one, theirs);
        format!("{:.2}x [{:.2} to {:.2}]", found.ratio, found.low, found.high)
    };
    let reached = |one: &Seen, wanted: f64| {
        let found = ratio(one, theirs);
        let word = match (found.ratio >= wanted, found.low >= wanted) {
            (true, true) => "yes",
            (true, false) => "yes, but not its whole interval",
            (false, _) => "**no**",
        };
        format!("{wanted}x: {word}")
    };
    [
        case.name.into(),
        rate(fair),
        rate(combining),
        rate(theirs),
        format!("{:.3} to {:.3}", least / 1e6, most / 1e6),
        shown(fair),
        reached(fair, case.wanted),
        to_queueing(fair),
        shown(combining),
        case.combining_wanted.map_or("–".into(), |wanted| {
            format!("{}; to queueing rounds {}", reached(combining, wanted), to_queueing(combining))
        }),
        format!("{reruns}, {noisy}"),
    ]
}

fn fairness(page: &mut Page, section_ns: u64) {
    page.head(
        "Order, fairness and waits",
        &format!(
            "8 workers, sections of {section_ns} ns in and out, {ROUNDS} rounds of 1 s each. \
             Bypasses are \
             counted among the watched bodies."
        ),
        &[
            "lock",
            "bypassed of",
            "Jain over 1 s",
            "wait p50",
            "p99",
            "p99.9",
            "watched / plain \
                                                                               speed",
        ],
    );
    let load = |lock| Load {
        lasts: Duration::from_secs(1),
        inside_ns: section_ns,
        outside_ns: section_ns,
        ..Load::of(Spec::Plain(lock), 8)
    };
    let locks = [Plain::FairMutex, Plain::ParkingLotFair, Plain::ParkingLot, Plain::StdMutex];
    let (seen, ..) = interleaved(&locks.map(load));
    for (lock, seen) in locks.iter().zip(&seen) {
        let wait =
            |q| seen.wait_ns(q).map_or("–".into(), |ns| format!("{:.2} us", ns as f64 / 1e3));
        let order = match seen.ticketed {
            0 => "keeps no order".to_owned(),
            of => format!("{} of {of}", seen.bypassed),
        };
        page.row(&[
            format!("{lock:?}"),
            order,
            format!("{:.4}", seen.jain()),
            wait(0.5),
            wait(0.99),
            wait(0.999),
            seen.watching().map_or("–".into(), |ratios| format!("{:.2}", ratios.median())),
        ]);
    }
}
