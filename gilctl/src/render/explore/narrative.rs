//! Losses in sentences: which late write used which stale read, and whose updates it overwrote. The
//! losses are the daemon's findings.

use proto::v1::{Loss, Trace, TraceEvent};

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
    let mut sentences = trace.losses.iter().filter_map(|loss| sentence(trace, loss));
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

fn sentence(trace: &Trace, loss: &Loss) -> Option<String> {
    let event = |at: u32| trace.events.get(at as usize);
    let (load, store) = (event(loss.load)?, event(loss.store)?);
    let wiped_out: Vec<&TraceEvent> = loss.lost.iter().filter_map(|&at| event(at)).collect();
    let mut workers: Vec<u32> = wiped_out.iter().map(|event| event.worker).collect();
    workers.sort_unstable();
    workers.dedup();
    let of_worker = |(nth, worker): (usize, u32)| {
        let theirs = wiped_out.iter().filter(|event| event.worker == worker);
        updates(nth, worker, &theirs.map(|event| value(event)).collect::<Vec<u32>>())
    };
    let phrases: Vec<String> = workers.into_iter().enumerate().map(of_worker).collect();
    let who = store.worker;
    let late = format!("T{who}'s write of {} (move {})", value(store), loss.store + 1);
    let stale = format!("its read of {} (move {})", value(load), loss.load + 1);
    Some(format!("{late} goes back to {stale} and wipes out {}.", enumerated(&phrases)))
}

/// `9 updates of T1 (1 to 9)`; the noun is omitted after the first worker.
fn updates(nth: usize, worker: u32, values: &[u32]) -> String {
    let many = match nth {
        0 => counted(values.len() as u64, "update"),
        _ => values.len().to_string(),
    };
    format!("{many} of T{worker} ({})", listed(values))
}

fn listed(values: &[u32]) -> String {
    let rises = values.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    match values {
        [first, _, .., last] if rises => format!("{first} to {last}"),
        [shown @ .., _] if shown.len() >= VALUES_MAX => {
            let shown: Vec<String> = shown[..VALUES_MAX].iter().map(u32::to_string).collect();
            format!("{}, …", shown.join(", "))
        }
        few => few.iter().map(u32::to_string).collect::<Vec<String>>().join(", "),
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
