//! The limits that `GetLab` lists for clients. Enforces none of them.

use std::time::Duration;

use proto::v1;
use strategies::model::bounds;
use strategies::model::program::WORKERS_MAX;
use strategies::program::{era, workload};

use crate::limits;
use engine::jobs::scheduler::config::SchedulerConfig;

/// The limits that `GetLab` lists.
pub(crate) fn limits(config: SchedulerConfig) -> Vec<v1::Limit> {
    let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let limit = |name: &str, maximum: u64, unit: &str, motive: &str| v1::Limit {
        name: name.into(),
        maximum,
        unit: unit.into(),
        motive: motive.into(),
    };
    vec![
        limit(
            "workers",
            engine::limits::WORKERS_MAX.into(),
            "workers",
            "threads are kept for good",
        ),
        limit("tasks", workload::TASKS_MAX, "tasks", "one queue"),
        limit("increments", workload::INCREMENTS_MAX, "increments", "an attempt must end"),
        limit(
            "attempts",
            engine::limits::ATTEMPTS_MAX.into(),
            "attempts",
            "each is kept for the medians",
        ),
        limit("cells", engine::limits::CELLS_MAX as u64, "cells", "a grid one can read"),
        limit("switch_interval", era::INTERVAL_MAX_PS, "ps", "no attempt takes longer"),
        limit("switch_ticks", era::TICKS_MAX.into(), "ticking steps", "no attempt takes longer"),
        limit("attempt_time", ns(engine::limits::ATTEMPT_TIME_MAX), "ns", "nothing may hang"),
        limit("queue", config.queue_max as u64, "sweeps and explorations", "waiting has an end"),
        limit(
            "quota",
            config.quota as u64,
            "sweeps and explorations",
            "one owner cannot fill the queue",
        ),
        limit("explored_workers", WORKERS_MAX as u64, "workers", "a state has a place for each"),
        limit("explored_states", bounds::STATES_MAX, "states", "a search must end"),
        limit("explored_bytes", bounds::BYTES_MAX, "bytes", "memory is bounded"),
        limit("message", limits::MESSAGE_BYTES_MAX as u64, "bytes", "memory is bounded"),
        limit("streams", limits::STREAMS_MAX.into(), "requests of a connection", "so is a client"),
        limit("connections", limits::CONNECTIONS_MAX as u64, "connections of a door", "files end"),
        limit("peer_connections", limits::PEER_CONNECTIONS_MAX as u64, "connections", "of others"),
        limit("connection_age", ns(limits::CONNECTION_AGE_MAX), "ns", "certificates change"),
        limit("greeting", ns(limits::HANDSHAKE_TIMEOUT), "ns", "silent connections end"),
        limit("requests", limits::REQUESTS_PER_S.into(), "per second and owner", "others ask too"),
        limit("requests_burst", limits::REQUESTS_BURST.into(), "at once", "watchers come back"),
        limit(
            "played_moves",
            engine::limits::PLAYED_MOVES_MAX as u64,
            "moves",
            "an answer is one message",
        ),
    ]
}
