//! Client of HTTP/1.1 that sends what no browser would: any head, any path, any body.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::auth::fixtures::LOOPBACK;
use crate::daemon::{Daemon, PATIENCE};

/// Media type of a body.
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// A daemon whose port needs no token.
pub(crate) fn open_daemon() -> Daemon {
    Daemon::start(&[&LOOPBACK[..], &["--insecure-loopback"]].concat())
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The fields of a refusal, which is a problem document confined as the page is.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for field in ["type", "title", "detail", "code"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        problem
    }

    /// The pair of the cookie that the answer sets, as a browser sends it back.
    #[track_caller]
    pub(crate) fn cookie(&self) -> &str {
        let cookie = self.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {self:?}"));
        cookie.split(';').next().expect("split yields one")
    }
}

/// The head of a request, with the port as its host unless `headers` have one.
pub(crate) fn head(port: &str, line: &str, headers: &[(&str, &str)]) -> String {
    let has_host = headers.iter().any(|(name, _)| *name == "host");
    let own = (!has_host).then_some(("host", port));
    let fields = own.iter().chain(headers).map(|(name, value)| format!("{name}: {value}\r\n"));
    format!("{line} HTTP/1.1\r\n{}\r\n", fields.collect::<String>())
}

/// A connection on which reading and writing end in errors after [`PATIENCE`].
pub(crate) fn connected(port: &str) -> TcpStream {
    let stream = TcpStream::connect(port).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time");
    stream
}

/// What is answered to a request of this line, e.g. `GET /`.
pub(crate) fn ask(daemon: &Daemon, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let port = daemon.port();
    let length = body.len().to_string();
    let fixed = [("connection", "close"), ("content-length", length.as_str())];
    let head = head(&port, line, &[headers, &fixed].concat());
    exchange(connected(&port), &format!("{head}{body}"))
}

/// The same without a body or headers of its own.
pub(crate) fn get(daemon: &Daemon, path: &str) -> Answer {
    ask(daemon, &format!("GET {path}"), &[], "")
}

/// Sends a request and reads the answer to its end.
pub(crate) fn exchange(mut stream: impl Read + Write, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut reader = BufReader::new(stream);
    let (status, head) = read_head(&mut reader);
    let mut bytes = Vec::new();
    // A peer that ends TLS without saying so has sent everything that its head announced.
    let _ = reader.read_to_end(&mut bytes);
    let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    let bytes = if is_chunked { joined(&bytes) } else { bytes };
    Answer { status, head, body: String::from_utf8(bytes).expect("text") }
}

/// The status, and the lines with the headers.
pub(crate) fn read_head(reader: &mut impl BufRead) -> (u16, String) {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("it answers");
        assert!(!line.is_empty(), "the answer ended in its head: {head:?}");
        if line == "\r\n" {
            break;
        }
        head += &line;
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("not a status line: {head}")), head)
}

/// The next chunk of a body (RFC 9112, section 7.1); `None` at its end or when the connection is cut.
pub(crate) fn read_chunk(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let length = usize::from_str_radix(line.trim(), 16).ok().filter(|length| *length > 0)?;
    let mut chunk = vec![0; length + 2];
    reader.read_exact(&mut chunk).ok()?;
    chunk.truncate(length);
    Some(chunk)
}

fn joined(mut bytes: &[u8]) -> Vec<u8> {
    std::iter::from_fn(|| read_chunk(&mut bytes)).flatten().collect()
}
