//! `fair-mutex` and `combining` beside `parking_lot::FairMutex`: the same loads in the same rounds.

use std::time::Duration;

use strategies::catalog::{Plain, Spec};

use crate::lab::{ATTEMPT, Load, ROUNDS, Seen, interleaved, rate, ratio};
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

const LOCKS: [Plain; 3] = [Plain::FairMutex, Plain::Combining, Plain::ParkingLotFair];

pub(crate) fn run(page: &mut Page) {
    page.head(
        "Against parking_lot::FairMutex",
        &format!(
            "{ROUNDS} rounds of {ATTEMPT:?} each, one after the other in turns; million increments per second, \
             medians with 95 % intervals. FairMutex hands over to whoever sleeps, but while all are awake a \
             running worker bypasses spinning ones, and with empty sections its rounds fall into either \
             kind: its least and greatest round stand beside it, and the ratio to its least is the one \
             among queueing locks."
        ),
        &[
            "load", "fair-mutex", "combining", "FairMutex", "its rounds", "fair-mutex / FairMutex",
            "wanted", "to its least", "combining / FairMutex", "wanted", "run again, noisy",
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
        assert_eq!(fair.bypassed, 0, "fair-mutex let somebody bypass in {} bodies", fair.ticketed);
        page.row(&row(&case, fair, combining, theirs, (reruns, noisy)));
    }
    fairness(page);
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
    let shown = |one: &Seen| {
        let found = ratio(one, theirs);
        format!("{:.2}x [{:.2} to {:.2}]", found.ratio, found.low, found.high)
    };
    let reached = |one: &Seen, wanted: f64| {
        let is_reached = ratio(one, theirs).ratio >= wanted;
        format!("{wanted}x: {}", if is_reached { "yes" } else { "**no**" })
    };
    [
        case.name.into(),
        rate(fair),
        rate(combining),
        rate(theirs),
        format!("{:.3} to {:.3}", least / 1e6, most / 1e6),
        shown(fair),
        reached(fair, case.wanted),
        format!("{:.1}x", fair.sample().median() / least),
        shown(combining),
        case.combining_wanted.map_or("–".into(), |wanted| {
            let to_least = combining.sample().median() / least;
            format!("{}; to its least {to_least:.0}x", reached(combining, wanted))
        }),
        format!("{reruns}, {noisy}"),
    ]
}

fn fairness(page: &mut Page) {
    page.head(
        "Order, fairness and waits",
        &format!("8 workers, empty sections, {ROUNDS} rounds of 1 s each. Bypasses are counted on each watched body."),
        &["lock", "bypassed of", "Jain over 1 s", "wait p50", "p99", "p99.9", "watched / plain speed"],
    );
    let load = |lock| Load { lasts: Duration::from_secs(1), ..Load::of(Spec::Plain(lock), 8) };
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
