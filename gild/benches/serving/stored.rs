//! Events stored per second, held against a bare loop that inserts the same bytes into SQLite in
//! batches of the same size, as durably.

use std::time::Instant;

use engine::jobs::event::sink::EventSink;
use engine::jobs::event::sweep::SweepEvent;
use engine::jobs::state::State;
use gild::limits::HISTORY_GROUP_MAX;
use gild::store::Store;
use gild::store::codec;
use rusqlite::Connection;

use crate::page::{Page, cpu_s};
use crate::sample;

const ROUNDS: usize = 31;
const EVENTS: u32 = 4000;

/// What a bare loop writes.
#[derive(Clone, Copy)]
enum Rows {
    /// The rows that the history writes too: of events, attempts and turns.
    Same,
    /// Those of events alone.
    Events,
}

pub(super) fn run(page: &mut Page) {
    page.part(
        "Events stored",
        "4000 turns of five attempts each, until all are durable: the \
                                history (which also encodes each event) over a bare loop that \
                                inserts the same encoded events in transactions of as many, with \
                                rows of attempts and turns as the history has them, and without; \
                                all with WAL and synchronous=FULL, on one disk, interleaved.",
    );
    let happenings = sample::happenings(EVENTS);
    let bodies: Vec<Vec<u8>> = happenings
        .iter()
        .zip(1..)
        .map(|(one, n)| codec::encode(&one.clone().into(), &[], n, 1_700_000_000_000_000_000))
        .collect();
    let mut columns = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for at in 0..columns.len() {
            let which = (at + round) % columns.len();
            columns[which].push(match which {
                0 => history(&happenings),
                1 => bare(&bodies, Rows::Same),
                _ => bare(&bodies, Rows::Events),
            });
        }
    }
    let [ours, same, events] = columns;
    let over = |theirs: &[Run]| {
        ours.iter().zip(theirs).map(|(one, other)| one.rate / other.rate).collect()
    };
    let ratios: [Vec<f64>; 2] = [over(&same), over(&events)];
    let cpu = ours.iter().zip(&same).map(|(one, other)| one.cpu_us / other.cpu_us).collect();
    let rates = |runs: &[Run]| runs.iter().map(|run| run.rate).collect();
    page.figure("history", rates(&ours), 0, " events/s");
    page.figure("bare SQLite, the same rows", rates(&same), 0, " events/s");
    page.figure("bare SQLite, events alone", rates(&events), 0, " events/s");
    let [same, events] = ratios;
    page.figure("history / bare, the same rows", same, 2, "");
    page.figure("history / bare, events alone", events, 2, "");
    page.figure("processor time of history / bare, the same rows", cpu, 2, "");
}

/// What a side came to: events per second, and processor time per event.
struct Run {
    rate: f64,
    cpu_us: f64,
}

/// A run of so many events, timed.
fn timed(events: usize, run: impl FnOnce()) -> Run {
    let (begun, cpu) = (Instant::now(), cpu_s());
    run();
    let rate = events as f64 / begun.elapsed().as_secs_f64();
    Run { rate, cpu_us: (cpu_s() - cpu) * 1e6 / events as f64 }
}

fn history(happenings: &[SweepEvent]) -> Run {
    let history = Store::temporary().expect("a directory");
    let record = history.create(sample::work("a", EVENTS)).expect("stored");
    let copies = happenings.to_vec();
    timed(happenings.len(), || {
        for one in copies {
            history.append(&record.id, one.into()).expect("stored");
        }
        let (verdict, error) = (String::new(), String::new());
        let last = SweepEvent::Ended { state: State::Succeeded, verdict, notes: Vec::new(), error };
        history.append(&record.id, last.into()).expect("stored");
    })
}

const INSERT_WORK: &str = "INSERT INTO works (id, kind, state, owner, queue_rank, create_time_ns, \
                           version, \
                           brief, created) VALUES ('a', 'sweep', 'running', 'local', 1, 1, '0', \
                           x'00', x'00')";
const INSERT_EVENT: &str = "INSERT INTO events VALUES (1, ?1, ?1, 'turn', 0, ?2)";
const INSERT_ATTEMPT: &str = "INSERT INTO attempts VALUES \
    (1, 0, ?1, ?2, ?1, 100, 1000000, 98000.5, 0.9, 0.99, 100, 0, 0, 41, 0, 1500000, 20000, NULL, \
    NULL)";
const INSERT_TURN: &str = "INSERT INTO turns VALUES (1, ?1, 0, ?1, ?1, 5, 500, 0, 0, \
                           '[0,0,0,0,0,0,0,0]', \
    '{\"bodies\":0}', '{\"noise\":null}', NULL, NULL, NULL, NULL, NULL, NULL)";

fn bare(bodies: &[Vec<u8>], rows: Rows) -> Run {
    let directory = tempfile::tempdir().expect("a directory");
    let database = Connection::open(directory.path().join("bare.db")).expect("it opens");
    database.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    database.pragma_update(None, "synchronous", "FULL").expect("FULL");
    database
        .execute_batch(include_str!("../../src/store/sqlite/migrations/schema_1.sql"))
        .expect("tables");
    database.execute(INSERT_WORK, []).expect("inserted");
    timed(bodies.len(), || insert(&database, bodies, rows))
}

fn insert(database: &Connection, bodies: &[Vec<u8>], rows: Rows) {
    let mut sequence = 0_i64;
    for batch in bodies.chunks(HISTORY_GROUP_MAX) {
        let transaction = database.unchecked_transaction().expect("a transaction");
        for body in batch {
            sequence += 1;
            let insert = |sql, values: &[&dyn rusqlite::ToSql]| {
                let mut statement = transaction.prepare_cached(sql).expect("a statement");
                statement.execute(values).expect("inserted");
            };
            insert(INSERT_EVENT, &[&sequence, body]);
            if matches!(rows, Rows::Same) {
                for attempt in 0..i64::from(sample::ATTEMPTS) {
                    insert(INSERT_ATTEMPT, &[&(sequence * 5 + attempt), &sequence]);
                }
                insert(INSERT_TURN, &[&sequence]);
            }
        }
        transaction.commit().expect("committed");
    }
}
