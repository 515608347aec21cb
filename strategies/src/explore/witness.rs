//! For each final value a schedule with the fewest preemptions.
//!
//! A preemption is a switch away from a worker that is not done and could go on. Where the reverse
//! chain applies, the schedules are read backwards as in [`crate::explore::reverse::chain`], with the number
//! of preemptions in the state; every position is kept, so that a schedule can be followed back
//! from the start to the end.

use crate::explore::reverse::chain::turn;
use crate::model::bounds::{Bounds, SearchError, within};
use crate::model::program::{Program, WORKERS_MAX};
use crate::model::schedule::Schedule;

/// Preemptions that are sought: the race itself needs at most four, whatever its size.
const LEVELS: usize = 6;
/// A mode that looks for the next store, see [`crate::explore::reverse::chain`].
const LOOKING: usize = 0;

/// Everything that can be reached with few preemptions.
pub struct Witnesses<'a> {
    program: &'a Program,
    radix: usize,
    modes: usize,
    words: usize,
    /// By position, mode, next worker, preemptions: which chain lengths are reached.
    reached: Vec<u64>,
}

/// A place in the table: positions, the mode, and who moves next.
#[derive(Debug, Clone, Copy)]
struct SearchPosition {
    at: [usize; WORKERS_MAX],
    mode: usize,
    next: usize,
}

impl<'a> Witnesses<'a> {
    /// Reads all schedules backwards, once for all values.
    pub fn prepare(program: &'a Program, bounds: Bounds<'_>) -> Result<Self, SearchError> {
        if !program.is_positional() {
            return Err(SearchError::NotApplicable(
                "witnesses of this program are searched forwards",
            ));
        }
        let (workers, radix) = (program.workers(), program.task().len() + 1);
        let words = program.expected() as usize / 64 + 1;
        let modes = workers + 1;
        let places = (0..workers).fold(1_u64, |all, _| all.saturating_mul(radix as u64));
        let row = (modes * workers * LEVELS * words) as u64;
        within("bytes of the witnesses", places.saturating_mul(row * 8), bounds.bytes)?;
        let length = usize::try_from(places * row).unwrap_or(usize::MAX);
        let mut all = Self { program, radix, modes, words, reached: vec![0; length] };
        all.read(bounds)?;
        Ok(all)
    }

    /// The fewest preemptions for a value, and a schedule with so many; `None` if it takes more
    /// than are sought, or cannot be.
    pub fn fewest(&self, value: u32) -> Option<(u32, Schedule)> {
        let value = value as usize;
        let choices = self.program.choices(&self.program.start());
        let firsts = (0..self.program.workers()).filter(|&next| choices & 1 << next != 0);
        let begin = |next| SearchPosition { at: [0; WORKERS_MAX], mode: LOOKING, next };
        let places: Vec<_> = firsts.map(begin).collect();
        (0..LEVELS).find_map(|level| {
            let place = places.iter().find(|place| self.has(place, level, value))?;
            let schedule = self.follow(*place, level, value)?;
            u32::try_from(level).ok().map(|level| (level, schedule))
        })
    }

    fn row(&self, place: &SearchPosition) -> usize {
        let workers = self.program.workers();
        let position = place.at[..workers].iter().fold(0, |sum, at| sum * self.radix + at);
        ((position * self.modes + place.mode) * workers + place.next) * LEVELS * self.words
    }

    fn has(&self, place: &SearchPosition, level: usize, value: usize) -> bool {
        let cell = self.row(place) + level * self.words + value / 64;
        value / 64 < self.words && self.reached[cell] >> (value % 64) & 1 == 1
    }

    /// Whether `next` may move after `last` has come to these positions, and what that costs.
    fn switch(&self, at: &[usize; WORKERS_MAX], last: usize, next: usize) -> Option<usize> {
        let state = self.program.state_at(at, Some(last));
        let may = self.program.choices(&state) & 1 << next != 0;
        let is_preempted = next != last && self.program.can_move(&state, last);
        may.then_some(usize::from(is_preempted))
    }

    /// From the last positions to the first: each is complete when it is read from.
    fn read(&mut self, bounds: Bounds<'_>) -> Result<(), SearchError> {
        let (workers, length) = (self.program.workers(), self.radix - 1);
        let mut at = [0; WORKERS_MAX];
        at[..workers].fill(length);
        self.read_end(&at);
        let all = length * workers;
        loop {
            let moves = at[..workers].iter().sum::<usize>();
            if at[workers - 1] == length && !(bounds.go_on)(1.0 - at[0] as f64 / length as f64) {
                return Err(SearchError::Stopped { moves: all - moves, of: all });
            }
            self.read_position(&at);
            let Some(digit) = (0..workers).rev().find(|&digit| at[digit] > 0) else {
                return Ok(());
            };
            at[digit] -= 1;
            at[digit + 1..workers].fill(length);
        }
    }

    /// The worker that moves last of all costs nothing.
    fn read_end(&mut self, end: &[usize; WORKERS_MAX]) {
        for worker in 0..self.program.workers() {
            let Some((before, mode, met)) = self.back(end, LOOKING, worker) else { continue };
            let to = self.row(&SearchPosition { at: before, mode, next: worker });
            self.reached[to + met / 64] |= 1 << (met % 64);
        }
    }

    /// Where the worker's last move takes one that reads it backwards.
    fn back(
        &self,
        at: &[usize; WORKERS_MAX],
        mode: usize,
        worker: usize,
    ) -> Option<([usize; WORKERS_MAX], usize, usize)> {
        let mut before = *at;
        before[worker] = at[worker].checked_sub(1)?;
        let is_able = self.program.can_move(&self.program.state_at(&before, None), worker);
        let act = self.program.task()[before[worker]].act;
        let (mode, met) = turn(act, mode, worker);
        is_able.then_some((before, mode, met))
    }

    fn read_position(&mut self, at: &[usize; WORKERS_MAX]) {
        let workers = self.program.workers();
        for worker in 0..workers {
            let costs: Vec<_> = (0..workers).map(|next| self.switch(at, worker, next)).collect();
            for mode in 0..self.modes {
                let is_waiting = mode > LOOKING;
                if is_waiting && !self.program.is_pending(u16::try_from(at[mode - 1]).unwrap_or(0))
                {
                    continue;
                }
                let Some((before, mode_before, met)) = self.back(at, mode, worker) else { break };
                let to = self.row(&SearchPosition { at: before, mode: mode_before, next: worker });
                for (next, cost) in costs.iter().enumerate() {
                    let Some(cost) = *cost else { continue };
                    let from = self.row(&SearchPosition { at: *at, mode, next });
                    self.merge(from, to, cost, met);
                }
            }
        }
    }

    /// Adds what is reached at one place to another, at so much more cost and length.
    fn merge(&mut self, from: usize, to: usize, cost: usize, met: usize) {
        let words = self.words;
        for level in 0..LEVELS - cost {
            let (mut carried, to) = (0, to + (level + cost) * words);
            for word in 0..words {
                let bits = self.reached[from + level * words + word];
                self.reached[to + word] |= bits << met | carried;
                carried = if met == 0 { 0 } else { bits >> (64 - met) };
            }
        }
    }

    /// Forwards from the start along what was read backwards.
    fn follow(&self, start: SearchPosition, level: usize, value: usize) -> Option<Schedule> {
        let (mut place, mut level, mut value) = (start, level, value);
        let mut schedule = Schedule::default();
        for made in 1.. {
            let worker = place.next;
            schedule.push(worker);
            let mut at = place.at;
            at[worker] += 1;
            if made == self.program.moves() {
                return Some(schedule);
            }
            let (after, cost, met) = self.came_from(&place, at, level, value)?;
            (place, level, value) = (after, level - cost, value - met);
        }
        None
    }

    /// A place from which reading the worker's move led to `place`.
    fn came_from(
        &self,
        place: &SearchPosition,
        at: [usize; WORKERS_MAX],
        level: usize,
        value: usize,
    ) -> Option<(SearchPosition, usize, usize)> {
        let worker = place.next;
        // Going on with the same worker first: the fewer runs, the easier to read.
        let others = (0..self.program.workers()).filter(|&next| next != worker);
        for next in std::iter::once(worker).chain(others) {
            let Some(cost) = self.switch(&at, worker, next).filter(|&cost| cost <= level) else {
                continue;
            };
            for mode in 0..self.modes {
                let Some((_, mode_before, met)) = self.back(&at, mode, worker) else { continue };
                let after = SearchPosition { at, mode, next };
                let fits = mode_before == place.mode && met <= value;
                if fits && self.has(&after, level - cost, value - met) {
                    return Some((after, cost, met));
                }
            }
        }
        None
    }
}
