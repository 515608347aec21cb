//! Server-sent events of a job: complete, in order, and without gap or repetition after a cut.

use std::io::BufReader;
use std::net::TcpStream;

use crate::daemon::Daemon;
use crate::http::client::{JSON, ask, connected, head, open_daemon, read_chunk, read_head};

/// Some dozens of events, and an end.
const SWEEP: &str =
    r#"{"flags":{"strategy":["atomic","gil"],"workers":["1..=3"],"tasks":["20"],"attempts":"4"}}"#;
/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    id: Option<u64>,
    kind: String,
    data: String,
}

/// A stream that is read an event at a time.
struct Events {
    reader: BufReader<TcpStream>,
    text: String,
}

impl Events {
    /// The events of a sweep, with these headers of the request.
    fn open(daemon: &Daemon, path: &str, headers: &[(&str, &str)]) -> Self {
        let port = daemon.port();
        let mut reader = BufReader::new(connected(&port));
        let request = head(&port, &format!("GET {path}"), headers);
        std::io::Write::write_all(reader.get_mut(), request.as_bytes()).expect("it listens");
        let (status, head) = read_head(&mut reader);
        assert_eq!(status, 200, "{head}");
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        Self { reader, text: String::new() }
    }

    fn of(daemon: &Daemon, id: &str, last: Option<u64>) -> Self {
        let last = last.map(|last| last.to_string());
        let headers: Vec<_> = last.iter().map(|last| ("last-event-id", last.as_str())).collect();
        Self::open(daemon, &format!("/api/v1/sweeps/{id}/events"), &headers)
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let event = parsed(message);
                self.text = rest.to_owned();
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let chunk = read_chunk(&mut self.reader)?;
            self.text += std::str::from_utf8(&chunk).expect("text");
        }
    }
}

/// The event of a message; none in a comment.
fn parsed(message: &str) -> Option<Event> {
    let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
    let kind = field("event: ")?.to_owned();
    let id = field("id: ").map(|id| id.parse().expect("a number"));
    Some(Event { id, kind, data: field("data: ").expect("data").to_owned() })
}

fn created(daemon: &Daemon, sweep: &str) -> String {
    let created = ask(daemon, "POST /api/v1/sweeps", &[JSON], sweep);
    assert_eq!(created.status, 201, "{created:?}");
    created.json()["sweep"]["id"].as_str().expect("an id").to_owned()
}

/// The events of a sweep that ends, from its beginning.
fn whole(daemon: &Daemon, id: &str) -> Vec<Event> {
    Events::of(daemon, id, None).collect()
}

fn ids(events: &[Event]) -> Vec<u64> {
    events.iter().filter_map(|event| event.id).collect()
}

#[test]
fn stream_is_complete_in_order_and_closed_after_the_end() {
    let daemon = open_daemon();
    let id = created(&daemon, SWEEP);
    let events = whole(&daemon, &id);
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds.first(), Some(&"sweep"), "{kinds:?}");
    assert_eq!(kinds[kinds.len() - 2..], ["end", "close"], "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "end").count(), 1, "{kinds:?}");
    assert!(kinds.contains(&"turn") && kinds.contains(&"cell"), "{kinds:?}");
    let ids = ids(&events);
    assert!(ids.is_sorted() && ids.len() > 8, "{ids:?}");
    for event in &events[..events.len() - 1] {
        let line: serde_json::Value = serde_json::from_str(&event.data).expect("JSON");
        assert_eq!(line["kind"], event.kind, "{line}");
    }
    assert_eq!(whole(&daemon, &id), events, "a second reader receives the same");
}

#[test]
fn reconnection_after_any_event_misses_and_repeats_nothing() {
    let daemon = open_daemon();
    let id = created(&daemon, SWEEP);
    let events = whole(&daemon, &id);
    assert!(ids(&events).windows(2).all(|pair| pair[0] < pair[1]), "one message has a number");
    for last in ids(&events) {
        let rest: Vec<Event> = Events::of(&daemon, &id, Some(last)).collect();
        let seen = events.iter().position(|event| event.id == Some(last)).expect("it was seen");
        assert_eq!(rest, events[seen + 1..], "after {last}");
        let path = format!("/api/v1/sweeps/{id}/events?after={last}");
        let by_query: Vec<Event> = Events::open(&daemon, &path, &[]).collect();
        assert_eq!(by_query, rest, "?after={last}");
    }
}

#[test]
fn wrong_last_event_id_is_refused() {
    let daemon = open_daemon();
    let id = created(&daemon, SWEEP);
    let line = format!("GET /api/v1/sweeps/{id}/events");
    for wrong in ["-1", "x", "1.5", "99999999999999999999"] {
        ask(&daemon, &line, &[("last-event-id", wrong)], "").problem(400);
    }
}
