//! Statements 21 to 23: how much is done together, by whom, and what the start does.

use strategies::program::bodies::BodyName;
use strategies::program::era::Era;
use strategies::program::workload::Request;

use crate::lab::{ATTEMPTS, Bench, LONG, Seen, chapter, convoy, interval_us, long, median, ticks};
use crate::real::Reals;
use crate::report::Row;

const INCREMENT: BodyName = BodyName::Increment;

pub(crate) fn together(bench: &mut Bench, _: &mut Reals) -> Row {
    let new = interval_us(Era::V3_9, 5000);
    let settings = [
        long(new, INCREMENT, 1, LONG),
        long(new, INCREMENT, 2, LONG),
        long(new, INCREMENT, 4, LONG),
        long(ticks(1000), INCREMENT, 1, LONG),
        long(ticks(1000), INCREMENT, 2, LONG),
        long(ticks(100), INCREMENT, 2, LONG),
        long(ticks(10), INCREMENT, 2, LONG),
        long(ticks(1), INCREMENT, 2, LONG / 10),
    ];
    let seen = bench.interleaved(&settings, ATTEMPTS);
    let rate: Vec<_> =
        seen.iter().map(|seen| median(seen, Seen::increments_per_second).middle).collect();
    let new = [rate[1] / rate[0], rate[2] / rate[0]];
    let old = [4, 5, 6, 7].map(|at| rate[at] / rate[3]);
    let is_one = new.iter().all(|ratio| (0.7..=1.3).contains(ratio));
    let falls = old.is_sorted_by(|a, b| *b <= a + 0.05)
        && old[3] < old[0]
        && old.iter().all(|&ratio| ratio < 1.1);
    Row {
        claim: "two or four computing workers do what one does, never twice that; in 2.7 a second \
                core \
                makes it slower, the more so the fewer the ticks",
        check: "3.9 at 5 ms, T = 2, 4 against 1: 0.7 to 1.3; 2.7, T = 2 at 1000, 100, 10, 1 ticks \
                against 1: never rising by more than 0.05, falling in all, each below 1.1",
        measured: format!(
            "3.9: {:.2}, {:.2}; 2.7: {:.2}, {:.2}, {:.2}, {:.2} (ratios of medians of 9 runs)",
            new[0], new[1], old[0], old[1], old[2], old[3]
        ),
        outcome: (is_one && falls).into(),
        why: "each check of 2.7 is a futex call and a wake-up that comes too late",
    }
}

pub(crate) fn shares(bench: &mut Bench, _: &mut Reals) -> Row {
    // Workers increment until another, which only sleeps, has woken up: some 400 slices.
    let request = Request::Sleep { duration_ns: 500_000_000 };
    let setting = |workers| convoy(interval_us(Era::V3_9, 1000), request, 1, workers);
    let [two, four] = [2, 4].map(|workers| {
        let seen = bench.attempts(setting(workers), ATTEMPTS);
        median(&seen, |seen| seen.0.jain)
    });
    Row {
        claim: "over hundreds of slices shares are about even, though waits are not",
        check: "1 ms, medians of 9 runs of 0.5 s: Jain's index of the workers' increments at least \
                0.9, T = 2 and 4",
        measured: format!("T=2: {two}; T=4: {four}"),
        outcome: (two.middle >= 0.9 && four.middle >= 0.9).into(),
        why: "",
    }
}

pub(crate) fn start(bench: &mut Bench, _: &mut Reals) -> Row {
    let seen = bench.attempts(chapter(interval_us(Era::V3_9, 5000)), 200);
    let sequential = seen.iter().filter(|seen| seen.0.overlap < 0.1 && seen.0.jain < 0.55).count();
    Row {
        claim: "with tasks shorter than an interval two workers are one after the other: the \
                first to \
                have the lock does them all",
        check: "the chapter at 5 ms, 200 attempts: in at least 90 % one worker did all tasks",
        measured: format!("{sequential} of {}", seen.len()),
        outcome: (10 * sequential >= 9 * seen.len()).into(),
        why: "that, not luck, makes the default setting look right",
    }
}
