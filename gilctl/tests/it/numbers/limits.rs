//! The limit of each field that is a JSON number: a field that the documents gain has to find its
//! place here, or be a string.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX, SWEEP_ATTEMPTS_MAX, WORKERS_MAX};
use strategies::explore::survey::analysis::COUNTED_STATES_MAX;
use strategies::harness::durations::TIME_MAX_NS;
use strategies::program::era::INTERVAL_MAX_PS;
use strategies::program::workload::{
    ARRIVALS_MAX_PER_S, ATTEMPT_INCREMENTS_MAX, DURATION_NS, INCREMENTS_MAX, REQUESTS_MAX,
    STEP_COST_MAX_NS, STRETCH_MAX_NS, TASKS_MAX,
};
use view::render::format::value::WHOLE_MAX;

use crate::numbers::documents::{Spelling, spellings};

/// Longest attempt, until its workers are abandoned.
const ATTEMPT: Duration = ATTEMPT_TIME_MAX.saturating_add(ABORT_GRACE);
/// Most that workers count in an attempt: each thing takes one of them at least a nanosecond.
const COUNTED: u64 = ATTEMPT.as_secs() * 1_000_000_000 * WORKERS_MAX as u64;
/// Bytes of the largest database of SQLite (281 TB), of which each event takes more than one.
const DATABASE_BYTES: u64 = 1 << 48;
/// Bytes that a process can address.
const ADDRESSED_BYTES: u64 = 1 << 47;

/// Fields and their greatest value.
const LIMITS: [(&[&str], u64); 16] = [
    (&["tasks"], TASKS_MAX),
    (&["increments"], COUNTED),
    (&["step_cost_ns", "step_cost_ns_proposed"], STEP_COST_MAX_NS),
    (&["inside_ns", "outside_ns", "io_ns"], STRETCH_MAX_NS),
    (&["io_every"], INCREMENTS_MAX),
    (&["requests_per_worker"], REQUESTS_MAX),
    (&["arrivals_per_s"], ARRIVALS_MAX_PER_S),
    (&["duration_ns"], *DURATION_NS.end()),
    (&["effective_switch_interval_ns"], INTERVAL_MAX_PS),
    (&["expected"], ATTEMPT_INCREMENTS_MAX),
    // Final values of an attempt, and what it did.
    (&["value", "finals", "observed_min", "observed_max", "impossible_value"], COUNTED),
    (
        &[
            "durations_ns",
            "duration_ns_low",
            "duration_ns_median",
            "duration_ns_high",
            "wait_ns_p50",
            "wait_ns_p99",
            "wait_ns_p999",
            "wait_ns_max",
            "hand_over_ns_p50",
            "hand_over_ns_p99",
            "hand_over_ns_max",
            "slice_ns_p10",
            "slice_ns_p50",
            "slice_ns_p90",
            "slice_ns_max",
            "latency_ns_p50",
            "latency_ns_p99",
            "latency_ns_max",
            "longest_ns",
            "warm_up_ns",
        ],
        TIME_MAX_NS,
    ),
    (&["attempts", "attempts_requested"], SWEEP_ATTEMPTS_MAX),
    (&["states", "deadlocks"], COUNTED_STATES_MAX),
    (&["next_sequence", "history_bytes", "bytes"], DATABASE_BYTES),
    (&["resident_bytes"], ADDRESSED_BYTES),
];

/// Sums over all attempts of a cell. They pass 2^53 after 2^53 nanoseconds (104 days) of its workers'
/// time at the earliest, and are strings then.
const SUMS: [&str; 29] = [
    "cpu_ns_user",
    "cpu_ns_system",
    "switches",
    "switches_forced",
    "switches_voluntary",
    "waits",
    "wait_ranks",
    "slices",
    "hand_overs",
    "requests",
    "context_switches_voluntary",
    "context_switches_forced",
    "watched",
    "ticketed",
    "bypassed",
    "waits_sampled",
    "waits_overtaken",
    "others_most",
    "overlapped",
    "reads",
    "torn_reads",
    "unserved",
    "increments_checked",
    "observations",
    "increments_lost",
    "first_increments_checked",
    "first_increments_lost",
    "second_increments_checked",
    "second_increments_lost",
];

#[test]
fn every_number_has_a_limit_below_2_to_the_53() {
    let numbers = spellings().into_iter().filter(|(_, it)| *it == Spelling::Number);
    let printed: BTreeSet<String> = numbers.map(|(name, _)| name).collect();
    let limited = LIMITS.iter().flat_map(|(names, _)| names.iter());
    let listed = limited.chain(&SUMS);
    let listed: BTreeSet<String> = listed.map(|name| (*name).to_owned()).collect();
    assert_eq!(printed, listed);
    for (names, limit) in LIMITS {
        assert!(limit <= WHOLE_MAX, "{names:?} go up to {limit}");
    }
}
