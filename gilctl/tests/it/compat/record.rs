//! Records of commands of commit 2c8d602, read from `tests/data/2c8d602/*.txt`.

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;

/// A request that a client sent, and the messages that the daemon answered with.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Path of the rpc, e.g. `/gild.v1.SweepService/ListSweeps`.
    pub(crate) path: String,
    /// The encoded request.
    pub(crate) request: Vec<u8>,
    /// The encoded responses: one, or those of a stream.
    pub(crate) responses: Vec<Vec<u8>>,
}

/// One command, its calls and what it printed.
#[derive(Debug)]
pub(crate) struct Record {
    /// Arguments of gilctl, without the flags that choose the lab.
    pub(crate) arguments: Vec<String>,
    /// Exit code.
    pub(crate) exit: i32,
    /// Calls that no record before it made; empty for an embedded lab.
    pub(crate) calls: Vec<Call>,
    /// Standard output.
    pub(crate) stdout: String,
}

impl Record {
    fn of(arguments: &str) -> Self {
        let arguments = arguments.split(' ').map(str::to_owned).collect();
        Self { arguments, exit: 0, calls: Vec::new(), stdout: String::new() }
    }

    fn take(&mut self, mark: &str, rest: &str) {
        match mark {
            "?" => self.exit = rest.parse().expect("an exit code"),
            ">" => {
                let (path, request) = rest.split_once(' ').expect("a path and a request");
                let (path, request) = (path.to_owned(), decoded(request));
                self.calls.push(Call { path, request, responses: Vec::new() });
            }
            "<" => {
                let call = self.calls.last_mut().expect("a response follows its request");
                call.responses.push(decoded(rest));
            }
            "|" => {
                self.stdout.push_str(rest);
                self.stdout.push('\n');
            }
            _ => panic!("a record has no line of {mark:?}"),
        }
    }
}

fn decoded(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).expect("base64")
}

/// Path of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/2c8d602").join(name)
}

/// Text of a fixture.
pub(crate) fn text(name: &str) -> String {
    fs::read_to_string(fixture(name)).expect("a fixture")
}

/// All records of a file, in order.
pub(crate) fn records(name: &str) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for line in text(name).lines() {
        let (mark, rest) = line.split_once(' ').expect("a mark and a rest");
        if mark == "$" {
            records.push(Record::of(rest));
        } else {
            records.last_mut().expect("a record begins with its command").take(mark, rest);
        }
    }
    assert!(!records.is_empty());
    records
}
