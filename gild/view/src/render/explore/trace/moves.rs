//! Numbers of moves in a trace, where an event may stand for several increments in a row.

use proto::v1::{Trace, TraceEvent};

/// How many increments in a row an event stands for.
pub fn times(event: &TraceEvent) -> usize {
    event.times.max(1) as usize
}

/// The numbers of the moves that each event of a trace stands for, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveNumbers(Vec<(usize, usize)>);

impl MoveNumbers {
    /// The numbers of a trace.
    pub fn of(trace: &Trace) -> Self {
        let mut numbers = Vec::with_capacity(trace.events.len());
        let mut before = 0;
        for body in trace.events.chunk_by(is_repeated_with) {
            let times = times(&body[0]);
            let after = before + body.len() * times;
            for at in 0..body.len() {
                numbers.push((before + at + 1, after - (body.len() - 1 - at)));
            }
            before = after;
        }
        Self(numbers)
    }

    /// The first move that an event stands for; 0 for an event that is not there.
    pub fn first(&self, event: usize) -> usize {
        self.0.get(event).map_or(0, |(first, _)| *first)
    }

    /// The last one.
    pub fn last(&self, event: usize) -> usize {
        self.0.get(event).map_or(0, |(_, last)| *last)
    }

    /// How many moves there are.
    pub fn count(&self) -> usize {
        self.0.last().map_or(0, |(_, last)| *last)
    }
}

/// Whether two neighbouring events are of one increment that is repeated.
fn is_repeated_with(event: &TraceEvent, next: &TraceEvent) -> bool {
    let of = |it: &TraceEvent| (it.worker, it.increment, it.times);
    event.times > 1 && of(event) == of(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_increments_have_the_numbers_of_all_their_moves() {
        let event = |worker, increment, times| TraceEvent {
            worker,
            increment,
            times,
            ..TraceEvent::default()
        };
        let events = vec![event(0, 0, 0), event(1, 0, 9), event(1, 0, 9), event(1, 9, 0)];
        let numbers = MoveNumbers::of(&Trace { events, ..Trace::default() });
        let [first, last] = [
            [0, 1, 2, 3, 4].map(|at| numbers.first(at)),
            [0, 1, 2, 3, 4].map(|at| numbers.last(at)),
        ];
        assert_eq!((first, last), ([1, 2, 3, 20, 0], [1, 18, 19, 20, 0]));
        assert_eq!(numbers.count(), 20);
    }
}
