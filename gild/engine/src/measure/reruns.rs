//! Reruns: decides which turns of a sweep run again because the machine was busy, and attributes
//! interference to cells. Pure: it receives usage snapshots and runs nothing.
//!
//! A turn of at least [`WATCHED_MIN`] is judged by itself. Shorter turns are judged together once
//! that time has passed: each gets the interference of the whole period, weighted by its own
//! duration.
//!
//! Running again helps against noise that passes. Where it has not helped [`FUTILE_RERUNS_MAX`] times
//! in a row, the noise is lasting: turns count as they are, until one of them is quiet.

use std::time::Duration;

use crate::limits::{FUTILE_RERUNS_MAX, RERUNS_MAX};
use crate::sys::interference::{Interference, UsageSnapshot, WATCHED_MIN};

/// The rerun policy of one sweep.
#[derive(Debug)]
pub struct RerunPolicy {
    /// The end of the last turn, and the beginning of the next.
    last: UsageSnapshot,
    /// The beginning of the oldest short turn that is not yet judged.
    waiting_since: UsageSnapshot,
    /// Cells and durations of these turns.
    waiting: Vec<(usize, Duration)>,
    /// Time of the turns that count.
    kept: Duration,
    /// Time of the turns that were run again.
    discarded: Duration,
    /// Reruns in a row that were as noisy as what they replaced.
    futile: u32,
}

/// The interference of a finished turn.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnInterference {
    /// Duration of the turn.
    pub took: Duration,
    /// Interference during the turn; `None` if it was too short or the system does not report it.
    pub noise: Option<Interference>,
    /// Interference attributed to cells for short turns, this one or earlier ones.
    pub attributed: Vec<(usize, Interference)>,
}

impl TurnInterference {
    /// Whether the turn could be judged and was too noisy.
    pub fn is_noisy(&self) -> bool {
        self.noise.is_some_and(|noise| noise.is_too_much())
    }
}

impl RerunPolicy {
    /// Begins the first turn.
    pub fn new(snapshot: UsageSnapshot) -> Self {
        Self {
            last: snapshot,
            waiting_since: snapshot,
            waiting: Vec::new(),
            kept: Duration::ZERO,
            discarded: Duration::ZERO,
            futile: 0,
        }
    }

    /// Ends a turn of `cell`.
    pub fn end_turn(&mut self, cell: usize, snapshot: UsageSnapshot) -> TurnInterference {
        let (took, noise) = (snapshot.since(&self.last), snapshot.interference_since(&self.last));
        self.last = snapshot;
        if took < WATCHED_MIN {
            self.wait(cell, took);
        }
        let mut attributed = Vec::new();
        if snapshot.since(&self.waiting_since) >= WATCHED_MIN {
            let meanwhile = snapshot.interference_since(&self.waiting_since);
            let waiting = std::mem::take(&mut self.waiting).into_iter();
            attributed =
                waiting.filter_map(|(cell, took)| Some((cell, meanwhile?.during(took)))).collect();
            self.waiting_since = snapshot;
        }
        TurnInterference { took, noise, attributed }
    }

    /// Adds to the waiting turns; the turns of one cell are merged, because their uncertainty has
    /// one common source.
    fn wait(&mut self, cell: usize, took: Duration) {
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == cell) {
            Some((_, sum)) => *sum += took,
            None => self.waiting.push((cell, took)),
        }
    }

    /// Whether a turn that was run again `reruns` times is discarded and run once more. Discarded
    /// turns may take at most as long as those that count, so a sweep at most doubles; lasting noise
    /// costs it no more than the reruns that show that it lasts.
    pub fn repeats(&mut self, turn: &TurnInterference, reruns: u32) -> bool {
        match (turn.noise, turn.is_noisy()) {
            (Some(_), true) => self.futile += u32::from(reruns > 0),
            (Some(_), false) => self.futile = 0,
            (None, _) => {}
        }
        let is_lasting = self.futile >= FUTILE_RERUNS_MAX;
        let may_repeat = reruns < RERUNS_MAX && self.discarded <= self.kept && !is_lasting;
        let repeats = turn.is_noisy() && may_repeat;
        if repeats {
            self.discarded += turn.took;
        }
        repeats
    }

    /// Records a turn that counts.
    pub fn keep(&mut self, turn: &TurnInterference) {
        self.kept += turn.took;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::sys::interference::tests::snapshot;

    /// A machine on which other processes always use a fixed share.
    struct Machine {
        start: Instant,
        others: f64,
        at: Duration,
    }

    impl Machine {
        fn with(others: f64) -> (Self, RerunPolicy) {
            let machine = Self { start: Instant::now(), others, at: Duration::ZERO };
            let policy = RerunPolicy::new(machine.snapshot());
            (machine, policy)
        }

        fn snapshot(&self) -> UsageSnapshot {
            snapshot(self.start, self.at, 0.25, self.others, 0.0)
        }

        /// A turn of `cell` that takes `ms` milliseconds.
        fn turn(&mut self, policy: &mut RerunPolicy, cell: usize, ms: u64) -> TurnInterference {
            self.at += Duration::from_millis(ms);
            policy.end_turn(cell, self.snapshot())
        }
    }

    #[test]
    fn long_turn_is_judged_by_itself() {
        let (mut machine, mut policy) = Machine::with(0.5);
        let turn = machine.turn(&mut policy, 3, 1000);
        assert!(turn.is_noisy() && turn.attributed.is_empty(), "{turn:?}");
        let (mut machine, mut policy) = Machine::with(0.0);
        let turn = machine.turn(&mut policy, 3, 1000);
        assert!(turn.noise.is_some() && !turn.is_noisy(), "{turn:?}");
        assert!(!policy.repeats(&turn, 0));
    }

    #[test]
    fn short_turns_are_judged_together() {
        let (mut machine, mut policy) = Machine::with(0.5);
        let turns =
            [(4, 40), (5, 50), (4, 30)].map(|(cell, ms)| machine.turn(&mut policy, cell, ms));
        assert!(turns.iter().all(|turn| turn.noise.is_none()), "{turns:?}");
        assert!(turns.iter().all(|turn| !policy.repeats(turn, 0)));
        let [first, next, last] = turns;
        assert!(first.attributed.is_empty() && next.attributed.is_empty());
        let cells: Vec<_> = last.attributed.iter().map(|(cell, _)| *cell).collect();
        assert_eq!(cells, [4, 5]);
        assert!(
            last.attributed.iter().all(|(_, noise)| (noise.others() - 0.5).abs() < 0.1),
            "{last:?}"
        );
    }

    #[test]
    fn long_turn_ends_the_waiting_of_short_turns() {
        let (mut machine, mut policy) = Machine::with(0.5);
        machine.turn(&mut policy, 1, 20);
        let long = machine.turn(&mut policy, 2, 200);
        assert_eq!(long.attributed.iter().map(|(cell, _)| *cell).collect::<Vec<_>>(), [1]);
        assert!(machine.turn(&mut policy, 1, 20).attributed.is_empty());
    }

    #[test]
    fn noisy_turn_is_rerun_up_to_the_limit() {
        let (mut machine, mut policy) = Machine::with(0.5);
        policy.kept = Duration::from_mins(1);
        let turns: Vec<_> = (0..=RERUNS_MAX).map(|_| machine.turn(&mut policy, 0, 1000)).collect();
        let repeats: Vec<_> =
            turns.iter().zip(0..).map(|(turn, reruns)| policy.repeats(turn, reruns)).collect();
        assert_eq!(repeats, [true, true, false]);
    }

    /// Runs of a turn of 500 ms, of which the run with number `runs` finds others use `others(runs)`
    /// of the machine.
    fn runs(
        machine: &mut Machine,
        policy: &mut RerunPolicy,
        runs: &mut u32,
        others: impl Fn(u32) -> f64,
    ) {
        for reruns in 0.. {
            machine.others = others(*runs);
            let turn = machine.turn(policy, 0, 500);
            *runs += 1;
            if !policy.repeats(&turn, reruns) {
                return policy.keep(&turn);
            }
        }
    }

    #[test]
    fn passing_noise_at_most_doubles_a_sweep() {
        let (mut machine, mut policy) = Machine::with(0.0);
        let mut count = 0;
        // Every other run is disturbed, so that each rerun helps.
        for _ in 0..20 {
            runs(&mut machine, &mut policy, &mut count, |run| f64::from(run % 2 == 1) * 0.5);
        }
        assert!((30..=40).contains(&count), "{count}");
    }

    #[test]
    fn lasting_noise_costs_the_reruns_that_show_it() {
        let (mut machine, mut policy) = Machine::with(0.5);
        let mut count = 0;
        for _ in 0..40 {
            runs(&mut machine, &mut policy, &mut count, |_| 0.5);
        }
        // Each futile rerun is a run more, and so is at most one first run of a turn.
        assert!((41..=40 + FUTILE_RERUNS_MAX + 1).contains(&count), "{count}");
        // One quiet turn, and noise is worth running again for.
        runs(&mut machine, &mut policy, &mut count, |_| 0.0);
        let before = count;
        runs(&mut machine, &mut policy, &mut count, |run| f64::from(run == before) * 0.5);
        assert_eq!(count, before + 2);
    }
}
