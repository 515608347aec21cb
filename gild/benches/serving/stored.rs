//! Events stored per second, held against a bare loop that inserts the same bytes into SQLite in batches
//! of the same size, as durably.

use std::time::Instant;

use gild::config::HISTORY_GROUP_MAX;
use gild::history::History;
use gild::life::State;
use gild::store::{Happening, Happens, Store};
use rusqlite::{Connection, params};

use crate::page::Page;
use crate::sample;

const ROUNDS: usize = 7;
const EVENTS: u32 = 4000;

pub(super) fn run(page: &mut Page) {
    page.part("Events stored", "4000 turns of five attempts each, until all are durable: the history (which also encodes each event and writes a row for each attempt and turn) over a bare loop that inserts the same encoded events and nothing else, in transactions of as many, both with WAL and synchronous=FULL, on one disk, interleaved.");
    let happenings = sample::happenings(EVENTS);
    let bodies: Vec<Vec<u8>> = happenings
        .iter()
        .zip(1..)
        .map(|(one, n)| one.encode(&[], n, 1_700_000_000_000_000_000))
        .collect();
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (one, other) = if round % 2 == 0 {
            let first = history(&happenings);
            (first, bare(&bodies))
        } else {
            let first = bare(&bodies);
            (history(&happenings), first)
        };
        ours.push(one);
        theirs.push(other);
        ratios.push(one / other);
    }
    page.figure("history", ours, 0, " events/s");
    page.figure("bare SQLite", theirs, 0, " events/s");
    page.figure("history / bare", ratios, 2, "");
}

fn history(happenings: &[Happening]) -> f64 {
    let history = History::temporary().expect("a directory");
    let record = history.create(sample::work("a", EVENTS)).expect("stored");
    let copies = happenings.to_vec();
    let begun = Instant::now();
    for one in copies {
        history.append(&record.id, one).expect("stored");
    }
    let (verdict, error) = (String::new(), String::new());
    let last = Happening::Ended { state: State::Succeeded, verdict, notes: Vec::new(), error };
    history.append(&record.id, last).expect("stored");
    happenings.len() as f64 / begun.elapsed().as_secs_f64()
}

fn bare(bodies: &[Vec<u8>]) -> f64 {
    let directory = tempfile::tempdir().expect("a directory");
    let database = Connection::open(directory.path().join("bare.db")).expect("it opens");
    database.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    database.pragma_update(None, "synchronous", "FULL").expect("FULL");
    let table = "CREATE TABLE events (work INTEGER, sequence INTEGER, time_ns INTEGER, kind TEXT, body BLOB, \
                 UNIQUE (work, sequence)) STRICT";
    database.execute_batch(table).expect("a table");
    let begun = Instant::now();
    let mut sequence = 0_i64;
    for batch in bodies.chunks(HISTORY_GROUP_MAX) {
        let transaction = database.unchecked_transaction().expect("a transaction");
        let mut insert = transaction
            .prepare_cached("INSERT INTO events VALUES (1, ?, ?, 'turn', ?)")
            .expect("a statement");
        for body in batch {
            sequence += 1;
            insert.execute(params![sequence, sequence, body]).expect("inserted");
        }
        drop(insert);
        transaction.commit().expect("committed");
    }
    bodies.len() as f64 / begun.elapsed().as_secs_f64()
}
