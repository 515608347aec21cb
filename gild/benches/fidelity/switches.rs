//! Statements 9 to 15: when the lock changes hands, and whose it is next.

use strategies::program::bodies::BodyName;
use strategies::program::era::Era;
use strategies::program::workload::{Request, Workload};

use crate::lab::{
    ATTEMPTS, Bench, LONG, Seen, Setting, convoy, interval_us, long, median, tally, ticks,
};
use crate::real::Reals;
use crate::report::Row;

/// What a wake-up may cost beyond the interval, in microseconds: timer slack and a futex.
const WAKE_US: std::ops::RangeInclusive<f64> = 5.0..=250.0;
/// Who got the lock next in a real 3.9.18 on two cores, shared with other work.
const WAKE_ORDER: &str = include_str!("wake_order.csv");
/// How far the longest waiter's share may lie from that of the real one, some of whose counts are
/// small.
const ORDER_TOLERANCE: f64 = 0.25;
/// How far the rate of four workers may lie from that of two.
const CROWD_RATIO: std::ops::RangeInclusive<f64> = 0.75..=1.25;
const INCREMENT: BodyName = BodyName::Increment;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(value: f64) -> u64 {
    value as u64
}

fn share(part: u64, of: u64) -> f64 {
    part as f64 / (of as f64).max(1.0)
}

pub(crate) fn rates(bench: &mut Bench, _: &mut Reals) -> Row {
    let (mut shown, mut holds) = (Vec::new(), true);
    for us in [5000, 100, 10, 1] {
        let rates = [2, 4].map(|workers| {
            let setting = long(interval_us(Era::V3_9, us), INCREMENT, workers, 2 * LONG);
            let seen = bench.undisturbed(setting, ATTEMPTS);
            holds &= seen.len() == ATTEMPTS;
            median(&seen, Seen::switches_per_second)
        });
        let wake_us = 1e6 / rates[0].middle - us as f64;
        let crowd = rates[1].middle / rates[0].middle;
        holds &= WAKE_US.contains(&wake_us) && CROWD_RATIO.contains(&crowd);
        shown.push(format!("{us} us: {}/s (T=4: {}/s), c = {wake_us:.0} us", rates[0], rates[1]));
    }
    let alone = tally(&bench.attempts(long(interval_us(Era::V3_9, 1), INCREMENT, 1, LONG), 3));
    holds &= alone.switches() == 0;
    Row {
        claim: "switches/s of computing workers = 1/(interval + c), c = cost of a wake-up, \
                whatever their \
                number; none with one worker",
        check: "medians of 9 undisturbed runs, over the time in which two were at work, T = 2: c \
                within 5 to 250 us at each interval (ordinary threads have 50 us of timer slack); \
                T = 4 within 25 %; 3 runs of T = 1: 0 switches",
        measured: format!("{}; T=1: {} switches", shown.join("; "), alone.switches()),
        outcome: holds.into(),
        why: "the waiter's timer decides, and the first of several to lose patience asks for all",
    }
}

pub(crate) fn slices(bench: &mut Bench, _: &mut Reals) -> Row {
    let setting = long(interval_us(Era::V3_9, 5000), INCREMENT, 2, 2 * LONG);
    let seen = bench.undisturbed(setting, ATTEMPTS);
    let slices = tally(&seen).slices;
    let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|q| slices.quantile_ns(q).unwrap_or(0) as f64 / 1e6);
    Row {
        claim: "all slices are equal: a slice is the waiter's timer",
        check: "5 ms, T = 2, 9 undisturbed runs: 10th and 90th percentile within 5 % of the median",
        measured: format!(
            "{p10:.2} / {p50:.2} / {p90:.2} ms, n = {} in {} runs",
            slices.count(),
            seen.len()
        ),
        outcome: (seen.len() == ATTEMPTS && p10 >= 0.95 * p50 && p90 <= 1.05 * p50).into(),
        why: "",
    }
}

pub(crate) fn alone(bench: &mut Bench, _: &mut Reals) -> Row {
    let settings = [5000, 1].map(|us| long(interval_us(Era::V3_9, us), INCREMENT, 1, LONG));
    let seen = bench.interleaved(&settings, ATTEMPTS);
    let rates: Vec<_> = seen.iter().map(|seen| median(seen, Seen::increments_per_second)).collect();
    let ratio = rates[1].middle / rates[0].middle;
    let switches: u64 = seen.iter().map(|seen| tally(seen).switches()).sum();
    Row {
        claim: "who is alone runs undisturbed at any interval",
        check: "T = 1: no switch; increments/s at 1 us within 5 % of those at 5 ms",
        measured: format!("ratio {ratio:.3} of medians of 9 runs each; {switches} switches"),
        outcome: (switches == 0 && (0.95..=1.05).contains(&ratio)).into(),
        why: "no waiter, no request",
    }
}

pub(crate) fn long_steps(bench: &mut Bench, _: &mut Reals) -> Row {
    let inside_ns = 2_000_000;
    let setting = long(interval_us(Era::V3_9, 100), INCREMENT, 2, 200);
    let workload = Workload { inside_ns, ..setting.workload };
    let slices = tally(&bench.attempts(Setting { workload, ..setting }, ATTEMPTS)).slices;
    let short = tally(&bench.attempts(long(interval_us(Era::V3_9, 100), INCREMENT, 2, LONG), 3));
    let ms = |ns: Option<u64>| ns.unwrap_or(0) as f64 / 1e6;
    let (stretched, ordinary) = (ms(slices.quantile_ns(0.1)), ms(short.slices.quantile_ns(0.5)));
    let asked_for = short.slices.count() > 0 && slices.count() > 0;
    Row {
        claim: "one long instruction stretches the slice: a request is honoured only at a check \
                site",
        check: "100 us, a step of 2 ms in each turn: even the 10th percentile of slices is at \
                least \
                1.9 ms; without it the median is not",
        measured: format!(
            "{stretched:.2} ms (n = {}) against {ordinary:.2} ms (n = {})",
            slices.count(),
            short.slices.count()
        ),
        outcome: (asked_for && stretched >= 1.9 && ordinary < 1.9).into(),
        why: "",
    }
}

pub(crate) fn requested_and_voluntary(bench: &mut Bench, _: &mut Reals) -> Row {
    let setting = long(interval_us(Era::V3_9, 10), INCREMENT, 4, LONG);
    let forced = tally(&bench.attempts(setting, ATTEMPTS));
    let writes = convoy(interval_us(Era::V3_9, 5000), Request::Write, 2000, 1);
    let seen = tally(&bench.attempts(writes, ATTEMPTS));
    // Two calls a request, each of which lets the lock go.
    let taken = share(seen.switches(), 2 * seen.requests);
    let kept_by_none = forced.switches() >= forced.slices.count();
    Row {
        claim: "after a requested drop another always runs next; after a voluntary one the same \
                thread mostly does, if its call does not block",
        check: "T = 4 at 10 us: no fewer changes of owner than requested drops; writes that never \
                block beside one computing worker: less than half of the drops change the owner",
        measured: format!(
            "{} drops, {} changes of owner; {:.4} of {} voluntary drops",
            forced.slices.count(),
            forced.switches(),
            taken,
            2 * seen.requests
        ),
        outcome: (kept_by_none && taken < 0.5).into(),
        why: "a worker that was asked to release waits until another has the lock; no other worker \
              does",
    }
}

pub(crate) fn next_owner(bench: &mut Bench, _: &mut Reals) -> Row {
    let (mut shown, mut holds) = (Vec::new(), true);
    for line in WAKE_ORDER.lines().skip(1) {
        let mut fields = line.split(',').filter_map(|field| field.parse::<f64>().ok());
        let mut next = || fields.next().map_or(0, whole);
        let (workers, us, switches) = (next(), next(), next());
        let workers = usize::try_from(workers).unwrap_or(0);
        let theirs: Vec<f64> = fields.collect();
        let setting = long(interval_us(Era::V3_9, us), INCREMENT, workers, 2 * LONG);
        let seen = tally(&bench.attempts(setting, ATTEMPTS));
        let all: u64 = seen.wait_ranks.iter().sum();
        let ours: Vec<f64> =
            seen.wait_ranks[..workers - 1].iter().map(|&count| share(count, all)).collect();
        holds &= ours[0] < 0.9 && (ours[0] - theirs[0]).abs() <= ORDER_TOLERANCE;
        let rounded = |shares: &[f64]| {
            shares.iter().map(|share| format!("{share:.2}")).collect::<Vec<_>>().join(" ")
        };
        shown.push(format!(
            "T={workers} {us} us: {} (n = {all}), 3.9.18: {} (n = {switches})",
            rounded(&ours),
            rounded(&theirs)
        ));
    }
    Row {
        claim: "with T > 2 the next owner is not the longest waiter",
        check: "share of turns won by the longest waiter, the second longest and so on, beside a \
                real \
                3.9.18 with ordinary threads on two busy cores (`wake_order.csv`): the first is \
                below \
                0.9 and within 0.25 of it",
        measured: shown.join("; "),
        outcome: holds.into(),
        why: "one waiter is signalled, but one that is awake takes the signal before it",
    }
}

pub(crate) fn retaken(bench: &mut Bench, _: &mut Reals) -> Row {
    let (mut shown, mut holds) = (Vec::new(), true);
    for budget in [1000, 100, 10] {
        let seen = tally(&bench.attempts(long(ticks(budget), INCREMENT, 2, LONG), ATTEMPTS));
        // Five ticking steps an increment, a check every budget + 1 of them.
        let checks = 5 * seen.increments / u64::from(budget + 1);
        let switched = share(seen.switches(), checks);
        holds &= switched < 0.1;
        shown.push(format!("{budget} ticks: {switched:.4} of {checks} checks"));
    }
    Row {
        claim: "2.7 on two cores: only a small share of the checks hands over, the releaser mostly \
                retakes",
        check: "T = 2: fewer than a tenth of the checks change the owner",
        measured: shown.join("; "),
        outcome: holds.into(),
        why: "the waiter must come out of a futex, the releaser runs already",
    }
}
