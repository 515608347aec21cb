//! Bodies for a time instead of a number of tasks: rates and fairness without stragglers.
//!
//! ```text
//! windows of 1 ms    |....|....|....|....|....|....|....|....|....|....|....|  one count each
//! eye, 10 ms each    open                                              shut ..
//! ```
//! The time starts when every worker has been in once: one that is alone in a lock is a thousand
//! times as fast as all together, and kernels start threads one after the other. What was done
//! before is in the counter, but in no window and in no account.
//!
//! Each worker counts its bodies by windows on its own clock: nothing shared is written, no thread
//! samples, and what is done after the end is in no window. It looks at the clock once a batch,
//! which grows and shrinks to take about `BATCH_NS`, so a batch is attributed to a window with an
//! error of about that much; where a lock turns slow in the middle of one, of as long as that batch
//! then takes. Where the strategy can be watched, every other [`EYE_NS`] the eye is open: the
//! speeds of both kinds of slices, side by side in one run, say what watching costs.
//!
//! With arrivals (an open loop) each body has a due time, drawn before it is known whether those
//! before it are done, and its wait counts from then: nobody who waits keeps others from arriving.
//! Arrivals that nobody has begun with at the end count by their age, the least that they would
//! have waited.

use std::time::Duration;

use crate::harness::body::compile::Code;
use crate::harness::rng::SplitMix64;
use crate::harness::strategy::Strategy;
use crate::harness::worker::site::Probing;
use crate::harness::worker::timeline::{Timeline, WINDOW_NS};
use crate::harness::worker::worker_loop::WorkerLoop;
use crate::machine::{Aborted, Machine};

/// How long the eye stays open, and shut.
pub const EYE_NS: u64 = 10 * WINDOW_NS;
/// What a batch of bodies should take: a clock costs 10 to 25 ns, a window is 60 times as long.
const BATCH_NS: u64 = 16_000;
/// Most bodies of a batch.
const BATCH_MAX: u64 = 2048;
/// How long everybody may take to come in once; a lock that starves somebody is measured all the
/// same.
const START_MAX_NS: u64 = 200_000_000;
/// Bodies between two looks at whether everybody has been in.
const START_BATCH: u64 = 16;
/// From this batch on bodies are fast, and watched in pairs only.
const FAST_BATCH: u64 = 128;
/// A worker whose next body is due later than this sleeps until then less this much: a wake-up
/// takes some 50 us.
const SLEEP_NS: u64 = 100_000;

/// Whether the eye is open so long after the start.
pub fn eye_at(at_ns: u64) -> Probing {
    if (at_ns / EYE_NS).is_multiple_of(2) { Probing::Open } else { Probing::Shut }
}

/// Increments until the time is over.
pub(crate) fn increment_for<M: Machine, S: Strategy<M>>(
    hand: &mut WorkerLoop<'_, M, S>,
    code: &Code,
    duration_ns: u64,
) -> Result<bool, Aborted> {
    let origin_ns = everybody_in(hand, code)?;
    let mut timeline = hand.timeline.take().unwrap_or_else(|| Timeline::new(duration_ns));
    let times = Period { origin_ns, end_ns: origin_ns + duration_ns };
    let ended = match code.arrivals_per_s {
        None => closed_loop(hand, code, times, &mut timeline),
        Some(per_s) => open_loop(hand, code, times, per_s, &mut timeline),
    };
    hand.timeline = Some(timeline);
    ended.map(|()| true)
}

/// Bodies until every worker has done some; when that was, the same for all.
fn everybody_in<M: Machine, S: Strategy<M>>(
    hand: &mut WorkerLoop<'_, M, S>,
    code: &Code,
) -> Result<u64, Aborted> {
    let late_ns = hand.machine.now_ns() + START_MAX_NS;
    hand.bodies(code, 1, Probing::Shut)?;
    hand.shared().begin();
    loop {
        let now_ns = hand.machine.now_ns();
        if hand.shared().begun() >= hand.workers as u64 || now_ns >= late_ns {
            return Ok(hand.shared().origin_ns(now_ns));
        }
        hand.look_for_abort()?;
        hand.bodies(code, START_BATCH, Probing::Shut)?;
    }
}

/// From when to when, on the machine's clock.
#[derive(Debug, Clone, Copy)]
struct Period {
    origin_ns: u64,
    end_ns: u64,
}

impl Period {
    fn at(self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.origin_ns)
    }
}

/// Each body begins when the last is done.
fn closed_loop<M: Machine, S: Strategy<M>>(
    hand: &mut WorkerLoop<'_, M, S>,
    code: &Code,
    times: Period,
    timeline: &mut Timeline,
) -> Result<(), Aborted> {
    let mut batch = 1;
    let mut now_ns = hand.machine.now_ns();
    while now_ns < times.end_ns {
        hand.look_for_abort()?;
        let eye = match eye_at(times.at(now_ns)) {
            _ if !S::CAN_BE_WATCHED => Probing::Shut,
            Probing::Open if batch >= FAST_BATCH => Probing::Sampling,
            eye => eye,
        };
        hand.bodies(code, batch, eye)?;
        let then_ns = hand.machine.now_ns();
        timeline.add(times.at(then_ns), then_ns - now_ns, batch);
        batch = adapted(batch, then_ns - now_ns);
        now_ns = then_ns;
    }
    Ok(())
}

/// The next batch after one that took so long.
fn adapted(batch: u64, took_ns: u64) -> u64 {
    let next = if took_ns > 2 * BATCH_NS {
        batch * BATCH_NS / took_ns
    } else if took_ns < BATCH_NS / 2 {
        batch * 2
    } else {
        batch
    };
    next.clamp(1, BATCH_MAX)
}

/// Each body begins when it is due, or as soon as those before it are done.
fn open_loop<M: Machine, S: Strategy<M>>(
    hand: &mut WorkerLoop<'_, M, S>,
    code: &Code,
    times: Period,
    per_s: u64,
    timeline: &mut Timeline,
) -> Result<(), Aborted> {
    let mean_ns = 1e9 * hand.workers as f64 / per_s as f64;
    let mut due_ns = times.origin_ns;
    loop {
        due_ns += gap_ns(&mut hand.arrivals, mean_ns);
        if due_ns >= times.end_ns {
            return Ok(());
        }
        if hand.machine.now_ns() >= times.end_ns {
            hand.note_unserved(times.end_ns - due_ns);
            continue;
        }
        wait_until(hand, due_ns)?;
        let started_ns = hand.machine.now_ns();
        hand.arrived(due_ns);
        hand.bodies(code, 1, Probing::Open)?;
        let now_ns = hand.machine.now_ns();
        if !S::CAN_BE_WATCHED {
            hand.note_response(now_ns.saturating_sub(due_ns));
        }
        timeline.add(times.at(now_ns), now_ns.saturating_sub(started_ns), 1);
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
    hand: &mut WorkerLoop<'_, M, S>,
    due_ns: u64,
) -> Result<(), Aborted> {
    loop {
        let left_ns = due_ns.saturating_sub(hand.machine.now_ns());
        if left_ns == 0 {
            return Ok(());
        }
        hand.look_for_abort()?;
        if left_ns > SLEEP_NS {
            hand.sleep(Duration::from_nanos(left_ns - SLEEP_NS))?;
        } else {
            hand.machine.spin();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_settle_at_their_time() {
        let settled =
            |body_ns: u64| (0..40).fold(1, |batch, _| adapted(batch, batch * body_ns)) * body_ns;
        for body_ns in [5, 40, 300, 5_000] {
            let took = settled(body_ns);
            assert!((BATCH_NS / 2..=2 * BATCH_NS).contains(&took), "{body_ns}: {took}");
        }
        assert_eq!(settled(1_000_000), 1_000_000, "one body at least");
        assert_eq!(settled(1), BATCH_MAX, "a named number at most");
    }

    #[test]
    fn a_slow_batch_is_followed_by_a_small_one() {
        assert_eq!(adapted(4096, 4096 * 20_000), 1);
    }

    #[test]
    fn the_eye_is_open_half_the_time() {
        let open = (0..100).filter(|ms| eye_at(ms * WINDOW_NS) == Probing::Open).count();
        assert_eq!(open, 50);
    }

    #[test]
    fn arrivals_come_as_often_as_asked() {
        let mut stream = SplitMix64::of(&[3]);
        let sum: u64 = (0..10_000).map(|_| gap_ns(&mut stream, 1000.0)).sum();
        assert!((9_600_000..10_400_000).contains(&sum), "{sum}");
    }
}
