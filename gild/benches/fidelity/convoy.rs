//! Statements 16 to 20: what computing workers do to one that makes requests.

use strategies::program::era::Era;
use strategies::program::workload::Request;

use crate::lab::{
    ATTEMPTS, Bench, LONG, Seen, convoy, interval_us, kernel_cores, long, median, tally, ticks,
};
use crate::real::Reals;
use crate::report::Row;
use engine::python;
use engine::python::job::Work;
use strategies::program::bodies::BodyName;

const SLEEP: Request = Request::Sleep { duration_ns: 1_000_000 };
/// Requests of an attempt.
const SLEEPS: u64 = 100;
const ECHOES: u64 = 1000;
const INTERVAL_US: u64 = 5000;

/// The middle latency of sleeps in a real interpreter beside so many threads, in milliseconds.
fn real_sleeps(reals: &mut Reals, cpu: usize) -> String {
    let rows = reals.0.iter_mut().map(|real| {
        let call = python::job::Request::Sleep { ns: 1_000_000 };
        let work = Work::Requests { cpu, io: 1, requests: SLEEPS, call };
        let rule = real.rule_us(INTERVAL_US, 100);
        let outcome = real.run(BodyName::Increment, rule, work);
        let latencies = outcome.latencies_ns.iter().map(|&ns| ns as f64 / 1e6).collect();
        let middle = crate::statistics::middle(latencies);
        format!("; {} {middle:.2} ms (n = {SLEEPS})", real.name())
    });
    rows.collect()
}

/// Latencies by how many intervals they come to: about one, two, three, four, and more.
fn by_intervals(count_between: &dyn Fn(u64, u64) -> u64) -> [u64; 5] {
    let halves = |halves: u64| halves * INTERVAL_US * 1000 / 2;
    let between = |from, to| count_between(halves(from) + 1, halves(to));
    [between(0, 3), between(3, 5), between(5, 7), between(7, 9), between(9, 4000)]
}

/// The same of real interpreters.
fn real_waits(reals: &mut Reals) -> String {
    let rows = reals.by_interval().map(|real| {
        let call = python::job::Request::Sleep { ns: 1_000_000 };
        let work = Work::Requests { cpu: 2, io: 1, requests: SLEEPS, call };
        let mut waits = [0; 5];
        for _ in 0..3 {
            let outcome = real.run(BodyName::Increment, real.rule_us(INTERVAL_US, 100), work);
            let within = |from, to| {
                let is_within = |ns: &&u64| (from..=to).contains(*ns);
                outcome.latencies_ns.iter().filter(is_within).count() as u64
            };
            let seen = by_intervals(&within);
            waits.iter_mut().zip(seen).for_each(|(sum, count)| *sum += count);
        }
        format!("; {} {waits:?} of {}", real.name(), 3 * SLEEPS)
    });
    rows.collect()
}

pub(crate) fn one_interval(bench: &mut Bench, reals: &mut Reals) -> Row {
    let settings =
        [0, 1].map(|cpu| convoy(interval_us(Era::V3_9, INTERVAL_US), SLEEP, SLEEPS, cpu));
    let seen = bench.interleaved(&settings, ATTEMPTS);
    let [alone, beside] = [&seen[0], &seen[1]].map(|seen| median(seen, Seen::latency_ms));
    let longer = (beside.middle - alone.middle) / (INTERVAL_US as f64 / 1000.0);
    Row {
        claim: "a worker that really blocks beside one that computes waits one interval longer",
        check: "sleep of 1 ms at 5 ms, medians of 9 runs of 100: longer by 0.8 to 1.2 intervals",
        measured: format!(
            "{alone} ms alone, {beside} ms beside: {longer:.2} intervals{}",
            real_sleeps(reals, 1)
        ),
        outcome: (0.8..=1.2).contains(&longer).into(),
        why: "back from the call it finds the lock held, and waits before it asks",
    }
}

pub(crate) fn three_intervals(bench: &mut Bench, reals: &mut Reals) -> Row {
    let setting = convoy(interval_us(Era::V3_9, INTERVAL_US), SLEEP, SLEEPS, 2);
    let latencies = tally(&bench.attempts(setting, ATTEMPTS)).latencies;
    let waits = by_intervals(&|from, to| latencies.count_between(from, to));
    Row {
        claim: "a second computing worker makes it worse than linear: three intervals is the usual \
                wait, sometimes one or five",
        check: "sleep of 1 ms at 5 ms beside two: latencies of at most 1.5, 2.5, 3.5, 4.5 \
                intervals and \
                beyond: more of about three than of about one",
        measured: format!("{waits:?} of {}{}", latencies.count(), real_waits(reals)),
        outcome: (waits[2] > waits[0]).into(),
        why: "the waiter that asked is awake when the signal comes and often takes it, so the \
              worker \
              back from its call loses most hand-overs, each an interval; two are the usual wait \
              here, \
              in the real interpreters too",
    }
}

pub(crate) fn bursts(bench: &mut Bench, _: &mut Reals) -> Row {
    let settings =
        [0, 1].map(|cpu| convoy(interval_us(Era::V3_9, INTERVAL_US), Request::Write, 2000, cpu));
    let seen = bench.interleaved(&settings, ATTEMPTS);
    let [alone, beside] = [&seen[0], &seen[1]].map(|seen| tally(seen).latencies);
    let us = |ns: Option<u64>| ns.unwrap_or(0) as f64 / 1e3;
    let at = |q| us(beside.quantile_ns(q));
    let (calm, usual) = (us(alone.quantile_ns(0.5)), at(0.5));
    let outside = beside.count_between(4_500_000, 11_000_000);
    let between = beside.count_between(100_000, 4_499_999);
    let [a, b] = [&seen[0], &seen[1]].map(|seen| median(seen, Seen::requests_per_second));
    Row {
        claim: "calls that never block come in bursts: the median hardly changes, now and then one \
                waits one or two intervals, and nothing lies between",
        check: "two writes at 5 ms: p50 at most 3 times that alone; more waits of 0.9 to 2.2 \
                intervals \
                than of 0.02 to 0.9; requests/s at least a tenth fewer",
        measured: format!(
            "p50 {calm:.2} -> {usual:.2} us; {outside} waits of an interval or two, {between} \
             between, \
             n = {}; {a}/s -> {b}/s",
            beside.count()
        ),
        outcome: (usual <= 3.0 * calm && outside > between && b.middle <= 0.9 * a.middle).into(),
        why: "the signalled waiter takes tens of microseconds to wake, and the caller is back \
              before",
    }
}

pub(crate) fn cure(bench: &mut Bench, _: &mut Reals) -> Row {
    let at = |us| convoy(interval_us(Era::V3_9, us), SLEEP, SLEEPS, 1);
    let seen = bench.interleaved(&[at(5000), at(100)], ATTEMPTS);
    let [slow, quick] = [&seen[0], &seen[1]].map(|seen| median(seen, Seen::latency_ms));
    let busy = |us| long(interval_us(Era::V3_9, us), BodyName::Increment, 2, LONG);
    let work = bench.interleaved(&[busy(5000), busy(1)], ATTEMPTS);
    let [ms, us] = [&work[0], &work[1]].map(|seen| median(seen, Seen::increments_per_second));
    let kernel = [&work[0], &work[1]].map(|seen| kernel_cores(seen));
    let throughput = us.middle / ms.middle;
    Row {
        claim: "a lower interval cures the latency and costs throughput and kernel time",
        check: "sleep of 1 ms: p50 falls by at least 3 times from 5 ms to 100 us; two computing \
                workers \
                at 1 us do less than 1.02 of their work at 5 ms and spend more in the kernel",
        measured: format!(
            "{slow} ms -> {quick} ms; work x {throughput:.2}; kernel {:.3} -> {:.3} cores over \
             all runs",
            kernel[0], kernel[1]
        ),
        outcome: (slow.middle >= 3.0 * quick.middle && throughput < 1.02 && kernel[1] > kernel[0])
            .into(),
        why: "",
    }
}

pub(crate) fn none_by_ticks(bench: &mut Bench, _: &mut Reals) -> Row {
    let echo = |spec, cpu| convoy(spec, Request::Echo, ECHOES, cpu);
    let new = |us| interval_us(Era::V3_9, us);
    let settings = [
        echo(ticks(100), 0),
        echo(ticks(100), 1),
        echo(new(100), 1),
        echo(new(INTERVAL_US), 1),
        convoy(ticks(100), SLEEP, SLEEPS, 0),
        convoy(ticks(100), SLEEP, SLEEPS, 1),
    ];
    let seen = bench.interleaved(&settings, ATTEMPTS);
    let rates: Vec<_> =
        seen[..4].iter().map(|seen| median(seen, Seen::requests_per_second)).collect();
    let [calm, beside] = [&seen[4], &seen[5]].map(|seen| median(seen, Seen::latency_ms));
    let no_convoy = beside.middle - calm.middle < 1.0;
    Row {
        claim: "2.7 has no convoy: a waiting worker has a chance at every check, and the \
                computing one \
                pays",
        check: "100 ticks, sleep of 1 ms beside one: less than 1 ms longer at the median; echoes/s \
                beside one: more than in 3.9 at 100 us, and there more than at 5 ms",
        measured: format!(
            "sleep {calm} -> {beside} ms; echoes/s alone {}, beside {} (3.9: {} at 100 us, {} at \
             5 ms)",
            rates[0], rates[1], rates[2], rates[3]
        ),
        outcome: (no_convoy
            && rates[1].middle > rates[2].middle
            && rates[2].middle > rates[3].middle)
            .into(),
        why: "the third of its rate alone that an echo kept under real-time priority is not asked \
              for: \
              ordinary threads wake later",
    }
}
