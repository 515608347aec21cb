//! Losses in sentences: which late write used which stale read, and whose updates it overwrote. The
//! losses are the daemon's findings.

use std::ops::RangeInclusive;

use proto::v1::{Loss, Trace, TraceEvent};

use crate::render::explore::trace::moves::MoveNumbers;
use crate::render::format::page::Extent;
use crate::render::format::quantity::counted;

/// Most sentences without `-v`.
const SENTENCES_MAX: usize = 8;
/// Most values that are listed one by one.
const VALUES_MAX: usize = 4;

/// The legend of the diagram.
pub const LEGEND: &str =
    "┌ a read that grows stale, └ the write that goes back to it, (lost) by that";

/// A sentence per loss.
pub fn losses(trace: &Trace, extent: Extent) -> Vec<String> {
    let numbers = MoveNumbers::of(trace);
    let mut sentences = trace.losses.iter().filter_map(|loss| sentence(trace, &numbers, loss));
    let most = match extent {
        Extent::Screenful => SENTENCES_MAX,
        Extent::Everything => usize::MAX,
    };
    let mut named: Vec<String> = sentences.by_ref().take(most).collect();
    match sentences.count() {
        0 => {}
        more => named.push(format!("({more} more of {} losses; -v names all)", trace.losses.len())),
    }
    named
}

/// A sentence about the final value.
pub fn ending(trace: &Trace) -> String {
    let Trace { value, expected, preemptions, .. } = trace;
    let preemptions = counted((*preemptions).into(), "preemption");
    if trace.losses.is_empty() {
        return format!("The counter ends at {value}; nothing is lost. {preemptions}.");
    }
    format!("The counter ends at {value}; with nothing lost it would be {expected}. {preemptions}.")
}

fn sentence(trace: &Trace, numbers: &MoveNumbers, loss: &Loss) -> Option<String> {
    let event = |at: u32| trace.events.get(at as usize);
    let (load, store) = (event(loss.load)?, event(loss.store)?);
    let wiped_out: Vec<&TraceEvent> = loss.lost.iter().filter_map(|&at| event(at)).collect();
    let mut workers: Vec<u32> = wiped_out.iter().map(|event| event.worker).collect();
    workers.sort_unstable();
    workers.dedup();
    let of_worker = |(nth, worker): (usize, u32)| {
        let theirs = wiped_out.iter().filter(|event| event.worker == worker);
        updates(nth, worker, &theirs.map(|event| values(event)).collect::<Vec<Values>>())
    };
    let phrases: Vec<String> = workers.into_iter().enumerate().map(of_worker).collect();
    let who = store.worker;
    let number = |event: u32| numbers.first(event as usize);
    let late = format!("T{who}'s write of {} (move {})", value(store), number(loss.store));
    let stale = format!("its read of {} (move {})", value(load), number(loss.load));
    Some(format!("{late} goes back to {stale} and wipes out {}.", enumerated(&phrases)))
}

/// The values that an event wrote, one above the other.
type Values = RangeInclusive<u32>;

fn values(event: &TraceEvent) -> Values {
    let last = value(event);
    last.saturating_sub(event.times.max(1) - 1)..=last
}

/// `9 updates of T1 (1 to 9)`; the noun is omitted after the first worker.
fn updates(nth: usize, worker: u32, rows: &[Values]) -> String {
    let count = rows.iter().map(|row| row.clone().count() as u64).sum();
    let many = match nth {
        0 => counted(count, "update"),
        _ => count.to_string(),
    };
    format!("{many} of T{worker} ({})", listed(count, rows))
}

fn listed(count: u64, rows: &[Values]) -> String {
    let rises = rows.windows(2).all(|pair| pair[0].end().checked_add(1) == Some(*pair[1].start()));
    let few = |most| rows.iter().flat_map(Clone::clone).take(most).map(|value| value.to_string());
    match (rows, count) {
        ([first, .., last], 3..) if rises => format!("{} to {}", first.start(), last.end()),
        ([only], 3..) => format!("{} to {}", only.start(), only.end()),
        (_, count) if count > VALUES_MAX as u64 => {
            format!("{}, …", few(VALUES_MAX).collect::<Vec<String>>().join(", "))
        }
        _ => few(VALUES_MAX).collect::<Vec<String>>().join(", "),
    }
}

fn enumerated(phrases: &[String]) -> String {
    match phrases {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn value(event: &TraceEvent) -> u32 {
    event.value.unwrap_or(event.counter)
}
