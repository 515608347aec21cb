//! Sizes of messages: the largest that each rpc can send or be sent within the lab's limits, computed
//! over the descriptors. An rpc without a row, or a field without a bound, fails the test.

mod bounds;
mod descriptors;
mod real;

use gild::limits::{MESSAGE_BYTES_MAX, PART_BYTES_MAX, WHOLE_BYTES_MAX};
use gild::server::message_guard::WHOLE_RESPONSES;
use prost_types::MethodDescriptorProto;
use proto::encoded::{EVENT_CUTS, EXPLORATION_CUTS, REPEATED_CUTS, REPLAY_CUTS, SWEEP_CUTS};
use proto::parts::Cut;

use descriptors::Wire;

/// How an rpc keeps its responses below the limit.
enum Sent {
    /// Each message is as small by the lab's limits; without these fields, which it leaves empty.
    Small(&'static [&'static str]),
    /// A page of this list, cut where it would be too large; without these fields.
    Paged(&'static str, &'static [&'static str]),
    /// In parts that are cut between fields, also of the first; without the second.
    InParts(&'static [Cut], &'static [&'static str]),
    /// One message for clients that know no parts, without these fields. It has a twin that answers in
    /// parts.
    Whole(&'static [&'static str]),
    /// Events, in parts if the request asks for them.
    Events(&'static [Cut]),
}

use Sent::{Events, InParts, Paged, Small, Whole};

/// What lists of explorations, and what changes them, leave empty.
const BRIEF_EXPLORATION: &[&str] = &["Exploration.outcomes", "Exploration.trace"];
/// A combination is a cell or is left out, and a cell is the larger of the two.
const CELLS_ONLY: &[&str] = &["Sweep.skipped"];
/// What comparisons leave empty.
const COMPARED: &[&str] = &[
    "Measurement.outcomes",
    "Measurement.wait_ns_hdr",
    "Measurement.hand_over_ns_hdr",
    "Measurement.slice_ns_hdr",
    "Measurement.latency_ns_hdr",
    "Measurement.worker_shares",
    "Sweep.cells",
    "Sweep.skipped",
];
/// What is left out of a sweep in one message where it would not fit.
const FITTING: &[&str] = &[
    "Measurement.wait_ns_hdr",
    "Measurement.hand_over_ns_hdr",
    "Measurement.slice_ns_hdr",
    "Measurement.latency_ns_hdr",
    "Measurement.worker_shares",
];
const BRIEF_SWEEP: &[&str] = &["Sweep.cells", "Sweep.skipped"];

/// Every rpc.
const ROWS: &[(&str, Sent)] = &[
    ("GetLab", Small(&[])),
    ("ListStrategies", Small(&[])),
    ("GetBody", Small(&[])),
    ("CalibratePython", Small(&[])),
    ("ExamineMachine", Small(&[])),
    ("GetPicture", Small(&[])),
    ("CreateSignInCode", Small(&[])),
    ("CreateSweep", Small(CELLS_ONLY)),
    ("GetSweep", Whole(FITTING)),
    ("GetSweepInParts", InParts(SWEEP_CUTS, &[])),
    ("ListSweeps", Paged("sweeps", BRIEF_SWEEP)),
    ("CancelSweep", Small(CELLS_ONLY)),
    ("WatchSweep", Small(&[])),
    ("ResumeSweep", Small(CELLS_ONLY)),
    ("LabelSweep", Small(CELLS_ONLY)),
    ("DeleteSweep", Small(&[])),
    ("PruneHistory", Whole(&[])),
    ("PruneHistoryInParts", InParts(REPEATED_CUTS, &[])),
    ("CompareSweeps", Whole(COMPARED)),
    ("CompareSweepsInParts", InParts(REPEATED_CUTS, COMPARED)),
    ("ExportSweep", Small(&[])),
    ("ImportSweep", Small(CELLS_ONLY)),
    ("CreateExploration", Small(BRIEF_EXPLORATION)),
    ("GetExploration", Whole(&[])),
    ("GetExplorationInParts", InParts(EXPLORATION_CUTS, &[])),
    ("ListExplorations", Paged("explorations", BRIEF_EXPLORATION)),
    ("CancelExploration", Small(BRIEF_EXPLORATION)),
    ("WatchExploration", Events(EVENT_CUTS)),
    ("DeleteExploration", Small(&[])),
    ("ReplaySchedule", Whole(&[])),
    ("ReplayScheduleInParts", InParts(REPLAY_CUTS, &[])),
    ("ExplainSweep", Whole(&[])),
    ("ExplainSweepInParts", InParts(REPEATED_CUTS, &[])),
];

#[test]
fn every_rpc_has_a_row() {
    let mut rows: Vec<&str> = ROWS.iter().map(|row| row.0).collect();
    let wire = Wire::read();
    let mut rpcs: Vec<&str> = wire.rpcs().map(MethodDescriptorProto::name).collect();
    rows.sort_unstable();
    rpcs.sort_unstable();
    assert_eq!(rows, rpcs);
}

#[test]
fn every_bound_is_of_a_field() {
    let wire = Wire::read();
    let named = bounds::FIELDS.iter().chain(bounds::LISTS).map(|bound| bound.0);
    let unknown: Vec<_> = named.filter(|field| !wire.has_field(field)).collect();
    assert!(unknown.is_empty(), "{unknown:?} bound nothing");
}

#[test]
fn largest_response_of_every_rpc_fits_a_message() {
    let wire = Wire::read();
    for (rpc, sent) in ROWS {
        let (response, whole) = (format!("{rpc}Response"), |without| {
            let response = format!("{rpc}Response");
            wire.largest(&response, without)
        });
        match *sent {
            Small(without) => check(rpc, "response", whole(without), MESSAGE_BYTES_MAX),
            Paged(list, without) => {
                // The page is cut; what is left is one item, and the token.
                check(rpc, "item", wire.largest_item(&response, list, without), PART_BYTES_MAX);
                let list = format!("{response}.{list}");
                let rest = wire.largest(&response, &[list.as_str()]);
                check(rpc, "page", PART_BYTES_MAX + rest, MESSAGE_BYTES_MAX);
            }
            InParts(cuts, without) => {
                let whole = rpc.trim_end_matches("InParts");
                let atom = wire.largest_atom(&format!("{whole}Response"), cuts, without);
                check(rpc, "part", atom, PART_BYTES_MAX);
            }
            Whole(without) => {
                let twin = format!("{rpc}InParts");
                assert!(ROWS.iter().any(|row| row.0 == twin), "{rpc} has no twin");
                check(rpc, "response", whole(without), WHOLE_BYTES_MAX);
            }
            Events(cuts) => {
                assert!(wire.has_field(&format!("{rpc}Request.in_parts")), "{rpc}");
                check(
                    rpc,
                    "part",
                    wire.largest_atom("ExplorationEvent", cuts, &[]),
                    PART_BYTES_MAX,
                );
                check(rpc, "response", whole(&["Exploration.outcomes"]), WHOLE_BYTES_MAX);
            }
        }
    }
}

#[test]
fn largest_request_of_every_rpc_is_accepted() {
    let wire = Wire::read();
    for rpc in wire.rpcs() {
        let request = format!("{}Request", rpc.name());
        check(rpc.name(), "request", wire.largest(&request, &[]), MESSAGE_BYTES_MAX);
    }
}

#[test]
fn guard_permits_larger_messages_only_where_there_are_parts() {
    let wire = Wire::read();
    let has_parts = |name: &str| {
        ROWS.iter().any(|(rpc, sent)| *rpc == name && matches!(sent, Whole(_) | Events(_)))
    };
    let mut wanted: Vec<_> = wire.paths().filter(|(_, rpc)| has_parts(rpc)).collect();
    let mut found: Vec<_> = WHOLE_RESPONSES.map(str::to_owned).into();
    wanted.sort_unstable();
    found.sort_unstable();
    let wanted: Vec<_> = wanted.into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, wanted);
}

/// Only the fields of singular messages merge when they come in parts.
#[test]
fn every_cut_is_a_singular_message() {
    let wire = Wire::read();
    for (rpc, sent) in ROWS {
        match sent {
            InParts(cuts, _) => wire.check_cuts(rpc.trim_end_matches("InParts"), "Response", cuts),
            Events(cuts) => wire.check_cuts("ExplorationEvent", "", cuts),
            Small(_) | Paged(..) | Whole(_) => {}
        }
    }
}

#[track_caller]
fn check(rpc: &str, what: &str, bytes: usize, limit: usize) {
    assert!(bytes <= limit, "{rpc}: a {what} may take {bytes} bytes, more than {limit}");
}
