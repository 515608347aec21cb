//! Limits: how near locks come to what the hardware or a single worker allows, and what watching costs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use engine::stats::two_sample::Sample;
use strategies::catalog::{Plain, Spec};
use strategies::harness::rng::SplitMix64;
use strategies::program::era::{Era, SwitchInterval, SwitchRule};

use crate::lab::{Load, ROUNDS, Seen, interleaved, rate, ratio};
use crate::page::Page;

/// Ways of a line in a sample.
const WAYS: u64 = 2_000_000;

pub(crate) fn run(page: &mut Page) {
    one_line(page);
    gil(page);
}

/// With two workers and nothing inside, each hand-over moves at least one cache line over.
fn one_line(page: &mut Page) {
    page.head(
        "Two workers, empty sections: share of one cache line going back and forth",
        "A strict hand-over per increment cannot beat the time in which a line changes cores.",
        &["", "million per second"],
    );
    let ways: Vec<f64> = (0..ROUNDS).map(|_| ways_per_second()).collect();
    let bound = Sample::new(ways);
    let (seen, ..) = interleaved(&[Load::of(Spec::Plain(Plain::FairMutex), 2)]);
    let (low, high) = bound.median_interval(&mut SplitMix64::of(&[3]));
    let [median, low, high] = [bound.median(), low, high].map(|rate| rate / 1e6);
    page.row(&["one line, one way".into(), format!("{median:.2} [{low:.2}-{high:.2}]")]);
    page.row(&["fair-mutex".into(), rate(&seen[0])]);
    let share = 100.0 * seen[0].sample().median() / bound.median();
    page.row(&["share".into(), format!("{share:.0} %")]);
}

/// One word that two threads, each on its own core, take turns to count up.
fn ways_per_second() -> f64 {
    #[repr(align(128))]
    struct Line(AtomicU64);
    let line = Line(AtomicU64::new(0));
    let play = |mine: u64| {
        peers::pinned::pin(usize::from(mine == 1));
        for turn in (mine..WAYS).step_by(2) {
            while line.0.load(Ordering::Acquire) != turn {
                std::hint::spin_loop();
            }
            line.0.store(turn + 1, Ordering::Release);
        }
    };
    let play = &play;
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(move || play(0));
        scope.spawn(move || play(1));
    });
    WAYS as f64 / start.elapsed().as_secs_f64()
}

fn gil(page: &mut Page) {
    page.head(
        "The GIL with 8 workers against itself alone",
        "gil 3.9 at 5 ms, body increment, steps at native speed. Wanted: 0.9.",
        &["workers", "million increments per second", "ratio to one worker"],
    );
    let interval = SwitchInterval::from_picoseconds(5_000_000_000);
    let spec = Spec::Gil { era: Era::V3_9, rule: SwitchRule::Interval(interval) };
    let (seen, ..) = interleaved(&[Load::of(spec, 1), Load::of(spec, 8)]);
    let found = ratio(&seen[1], &seen[0]);
    page.row(&["1".into(), rate(&seen[0]), "1".into()]);
    let shown = format!("{:.2} [{:.2} to {:.2}]", found.ratio, found.low, found.high);
    page.row(&["8".into(), rate(&seen[1]), shown]);
}

/// Every lock of 4 ns and more must keep 0.85 of its speed while it is watched.
pub(crate) fn watching(page: &mut Page) {
    page.head(
        "Cost of the probe",
        "One worker, empty sections: speed while watched (each body's account, one in 64 timed) \
         by speed \
         while not, in slices of 10 ms in turns within the same attempts. Wanted: 0.85 for locks \
         of 4 ns \
         and more.",
        &["lock", "ns per increment", "watched / plain", "wanted"],
    );
    let locks = [
        Plain::StdMutex,
        Plain::ParkingLot,
        Plain::ParkingLotFair,
        Plain::Pthread,
        Plain::FairMutex,
        Plain::Ticket,
        Plain::Mcs,
        Plain::Clh,
        Plain::Spin,
        Plain::Combining,
    ];
    let (seen, ..) = interleaved(&locks.map(|lock| Load::of(Spec::Plain(lock), 1)));
    for (lock, seen) in locks.iter().zip(&seen) {
        page.row(&cost(*lock, seen));
    }
}

fn cost(lock: Plain, seen: &Seen) -> [String; 4] {
    let ratios = seen.watching().expect("these can be watched");
    let (low, high) = ratios.median_interval(&mut SplitMix64::of(&[4]));
    let ns = 1e9 / seen.sample().median();
    let wanted = match (ns >= 4.0, ratios.median() >= 0.85) {
        (false, _) => "none below 4 ns",
        (true, true) => "yes",
        (true, false) => "**no**",
    };
    [
        format!("{lock:?}"),
        format!("{ns:.1}"),
        format!("{:.3} [{low:.3} to {high:.3}]", ratios.median()),
        wanted.into(),
    ]
}
