//! Bodies for a fixed time instead of a number of tasks: rates and fairness without stragglers.
//!
//! ```text
//! windows of 1 ms     |....|....|....|....|....|....|....|....|....|....|....|  one count each
//! probing, 10 ms each on                                               off ..
//! ```
//! The time starts once every worker has done a body: a worker alone at a lock is a thousand times
//! as fast as all of them together, and kernels start threads one after the other. Bodies done
//! before that are in the counter, but in no window and no statistics.
//!
//! Each worker counts its bodies per window on its own clock: it writes nothing shared, no thread
//! samples, and bodies done after the end are in no window. A worker reads the clock once per
//! batch, which grows and shrinks to take about `BATCH_NS`, so a batch is attributed to a window
//! with an error of about that much; if a lock turns slow in the middle of a batch, the error is
//! the time of that batch. If the strategy can be probed, probing alternates between on and off
//! every [`PROBE_SLICE_NS`]: the speeds of both kinds of slices, measured side by side in one run,
//! show the cost of probing.
//!
//! With arrivals (an open loop) each body has a due time, drawn before it is known whether earlier
//! bodies are done, and its wait counts from then: a waiting worker does not delay later arrivals.
//! Arrivals that have not begun at the end count by their age, the least that they would have
//! waited.

use std::time::Duration;

use crate::harness::body::compile::Code;
use crate::harness::rng::SplitMix64;
use crate::harness::strategy::Strategy;
use crate::harness::worker::site::Probing;
use crate::harness::worker::timeline::{Timeline, WINDOW_NS};
use crate::harness::worker::worker_loop::WorkerLoop;
use crate::machine::{Aborted, Machine};

/// Length of a slice with probing on, and of one with probing off.
pub const PROBE_SLICE_NS: u64 = 10 * WINDOW_NS;
/// Intended time of a batch: reading a clock costs 10 to 25 ns, and a window is 60 times as long.
const BATCH_NS: u64 = 16_000;
/// Most bodies of a batch.
const BATCH_MAX: u64 = 2048;
/// A window's count has 32 bits, which cannot be full: of batches that take a nanosecond each, a
/// window has room for so many bodies.
const _: () = assert!(BATCH_MAX * WINDOW_NS <= u32::MAX as u64, "a window counts in 32 bits");
/// Longest wait for every worker's first body; a lock that starves one is measured nevertheless.
const START_MAX_NS: u64 = 200_000_000;
/// Bodies between two checks of whether every worker has started.
const START_BATCH: u64 = 16;
/// Bodies of a batch from which on bodies count as fast and are probed in pairs only.
const FAST_BATCH: u64 = 128;
/// A worker whose next body is due later than this sleeps until then less this much, because a
/// wake-up takes some 50 us.
const SLEEP_NS: u64 = 100_000;

/// Pause of an open loop before it looks again whether all workers have started.
const START_PAUSE: Duration = Duration::from_micros(50);

/// Whether probing is on at this time after the start.
pub fn probing_at(at_ns: u64) -> Probing {
    if (at_ns / PROBE_SLICE_NS).is_multiple_of(2) { Probing::Full } else { Probing::Off }
}

/// Increments until the time is over.
pub(crate) fn increment_for<M: Machine, S: Strategy<M>>(
    worker: &mut WorkerLoop<'_, M, S>,
    code: &Code,
    duration_ns: u64,
) -> Result<bool, Aborted> {
    let origin_ns = wait_for_all_workers(worker, code)?;
    let mut timeline = worker.timeline.take().unwrap_or_else(|| Timeline::new(duration_ns));
    let period = Period { origin_ns, end_ns: origin_ns + duration_ns };
    let ended = match code.arrivals_per_s {
        None => closed_loop(worker, code, period, &mut timeline),
        Some(per_s) => open_loop(worker, code, period, per_s, &mut timeline),
    };
    worker.timeline = Some(timeline);
    ended.map(|()| true)
}

/// Runs bodies until every worker has done some, of an open loop one; returns when that was, the same for all workers.
fn wait_for_all_workers<M: Machine, S: Strategy<M>>(
    worker: &mut WorkerLoop<'_, M, S>,
    code: &Code,
) -> Result<u64, Aborted> {
    let late_ns = worker.machine.now_ns() + START_MAX_NS;
    worker.bodies(code, 1, Probing::Off)?;
    worker.shared().worker_started();
    loop {
        let now_ns = worker.machine.now_ns();
        if worker.shared().workers_started() >= worker.workers as u64 || now_ns >= late_ns {
            return Ok(worker.shared().origin_ns(now_ns));
        }
        worker.check_abort()?;
        // An open loop has no bodies but those that arrive.
        match code.arrivals_per_s {
            None => worker.bodies(code, START_BATCH, Probing::Off)?,
            Some(_) => worker.sleep(START_PAUSE)?,
        }
    }
}

/// The measured time, on the machine's clock.
#[derive(Debug, Clone, Copy)]
struct Period {
    origin_ns: u64,
    end_ns: u64,
}

impl Period {
    /// Time from the start to `now_ns`.
    fn at(self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.origin_ns)
    }
}

/// Begins each body when the one before it is done.
fn closed_loop<M: Machine, S: Strategy<M>>(
    worker: &mut WorkerLoop<'_, M, S>,
    code: &Code,
    period: Period,
    timeline: &mut Timeline,
) -> Result<(), Aborted> {
    let mut batch = 1;
    let mut now_ns = worker.machine.now_ns();
    while now_ns < period.end_ns {
        worker.check_abort()?;
        let probing = match probing_at(period.at(now_ns)) {
            _ if !S::CAN_BE_PROBED => Probing::Off,
            Probing::Full if batch >= FAST_BATCH => Probing::Sampled,
            probing => probing,
        };
        worker.bodies(code, batch, probing)?;
        let then_ns = worker.machine.now_ns();
        timeline.add(period.at(then_ns), then_ns - now_ns, batch);
        batch = next_batch(batch, then_ns - now_ns);
        now_ns = then_ns;
    }
    Ok(())
}

/// The size of the next batch after one that took `took_ns`.
fn next_batch(batch: u64, took_ns: u64) -> u64 {
    let next = if took_ns > 2 * BATCH_NS {
        batch * BATCH_NS / took_ns
    } else if took_ns < BATCH_NS / 2 {
        batch * 2
    } else {
        batch
    };
    next.clamp(1, BATCH_MAX)
}

/// Begins each body when it is due, or when the bodies before it are done, whichever is later.
fn open_loop<M: Machine, S: Strategy<M>>(
    worker: &mut WorkerLoop<'_, M, S>,
    code: &Code,
    period: Period,
    per_s: u64,
    timeline: &mut Timeline,
) -> Result<(), Aborted> {
    let mean_ns = 1e9 * worker.workers as f64 / per_s as f64;
    let mut due_ns = period.origin_ns;
    loop {
        due_ns += gap_ns(&mut worker.arrivals, mean_ns);
        if due_ns >= period.end_ns {
            return Ok(());
        }
        if worker.machine.now_ns() >= period.end_ns {
            worker.record_unserved(period.end_ns - due_ns);
            continue;
        }
        wait_until(worker, due_ns)?;
        let started_ns = worker.machine.now_ns();
        worker.set_due(due_ns);
        worker.bodies(code, 1, Probing::Full)?;
        let now_ns = worker.machine.now_ns();
        if !S::CAN_BE_PROBED {
            worker.record_response(now_ns.saturating_sub(due_ns));
        }
        timeline.add(period.at(now_ns), now_ns.saturating_sub(started_ns), 1);
    }
}

/// Time to the next arrival of a Poisson process.
fn gap_ns(arrivals: &mut SplitMix64, mean_ns: f64) -> u64 {
    let gap = -mean_ns * arrivals.unit().ln();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 38 means")]
    let whole = gap.round() as u64;
    whole
}

fn wait_until<M: Machine, S: Strategy<M>>(
    worker: &mut WorkerLoop<'_, M, S>,
    due_ns: u64,
) -> Result<(), Aborted> {
    loop {
        let left_ns = due_ns.saturating_sub(worker.machine.now_ns());
        if left_ns == 0 {
            return Ok(());
        }
        worker.check_abort()?;
        if left_ns > SLEEP_NS {
            worker.sleep(Duration::from_nanos(left_ns - SLEEP_NS))?;
        } else {
            worker.machine.spin();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_size_converges_to_the_batch_time() {
        let settled =
            |body_ns: u64| (0..40).fold(1, |batch, _| next_batch(batch, batch * body_ns)) * body_ns;
        for body_ns in [5, 40, 300, 5_000] {
            let took = settled(body_ns);
            assert!((BATCH_NS / 2..=2 * BATCH_NS).contains(&took), "{body_ns}: {took}");
        }
        assert_eq!(settled(1_000_000), 1_000_000, "at least one body");
        assert_eq!(settled(1), BATCH_MAX, "at most BATCH_MAX bodies");
    }

    #[test]
    fn slow_batch_is_followed_by_a_small_one() {
        assert_eq!(next_batch(4096, 4096 * 20_000), 1);
    }

    #[test]
    fn probing_is_on_half_the_time() {
        let on = (0..100).filter(|ms| probing_at(ms * WINDOW_NS) == Probing::Full).count();
        assert_eq!(on, 50);
    }

    #[test]
    fn arrivals_have_the_requested_rate() {
        let mut stream = SplitMix64::of(&[3]);
        let sum: u64 = (0..10_000).map(|_| gap_ns(&mut stream, 1000.0)).sum();
        assert!((9_600_000..10_400_000).contains(&sum), "{sum}");
    }
}
