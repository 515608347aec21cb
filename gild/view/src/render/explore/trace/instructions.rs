//! Instructions of CPython beside the moves of a trace, as the daemon lists them.

use std::collections::BTreeMap;
use std::ops::Range;

use proto::v1::Trace;

/// The instruction of each event of a trace; empty where the trace has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoveInstructions(Vec<String>);

impl MoveInstructions {
    /// Those of a trace: the nth event of an increment is the nth instruction.
    pub fn of(trace: &Trace) -> Self {
        if trace.instructions.is_empty() {
            return Self::default();
        }
        let mut places: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        let instruction = |event: &proto::v1::TraceEvent| {
            let place = places.entry((event.worker, event.increment)).or_default();
            *place += 1;
            trace.instructions.get(*place - 1).cloned().unwrap_or_default()
        };
        Self(trace.events.iter().map(instruction).collect())
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of consecutive events: the only one, or the names of the first and of the last, with how
    /// many lie between.
    pub fn words(&self, events: &Range<usize>) -> String {
        match self.0.get(events.clone()).unwrap_or_default() {
            [] => String::new(),
            [only] => only.clone(),
            [first, last] => format!("{}, {}", name(first), name(last)),
            [first, between @ .., last] => {
                format!("{} .. {} ({} between)", name(first), name(last), between.len())
            }
        }
    }
}

/// An instruction without its argument.
fn name(instruction: &str) -> &str {
    instruction.split_once(' ').map_or(instruction, |(name, _)| name.trim_end_matches(','))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::v1::TraceEvent;

    #[test]
    fn instruction_is_that_of_the_place_in_the_increment() {
        let event = |worker, increment| TraceEvent { worker, increment, ..TraceEvent::default() };
        let events = vec![event(0, 0), event(1, 0), event(0, 0), event(0, 1)];
        let instructions = vec!["LOAD_GLOBAL num".to_owned(), "STORE_GLOBAL num".to_owned()];
        let trace = Trace { events, instructions, ..Trace::default() };
        let all = MoveInstructions::of(&trace);
        assert_eq!(all.words(&(1..2)), "LOAD_GLOBAL num");
        assert_eq!(all.words(&(2..3)), "STORE_GLOBAL num");
        assert_eq!(all.words(&(2..4)), "STORE_GLOBAL, LOAD_GLOBAL");
        assert_eq!(all.words(&(0..4)), "LOAD_GLOBAL .. LOAD_GLOBAL (2 between)");
        assert_eq!(all.words(&(4..9)), "");
        assert!(MoveInstructions::of(&Trace::default()).is_empty());
    }
}
