//! A request whose `:authority` is the percent-encoded path of a socket, as gRPC's C core sends it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crate::daemon::{Daemon, PATIENCE};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A frame that resets stream 1 with `PROTOCOL_ERROR` (RFC 9113, section 6.4).
const RESET: [u8; 13] = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 1];
/// Flags of a request without a body: its headers and the stream end here.
const END_HEADERS_AND_STREAM: u8 = 0x05;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short frame");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// POST over http, with a path and an authority (RFC 7541, section 6.1 and appendix A).
fn headers(path: &str, authority: &str) -> Vec<u8> {
    let literal = |name: u8, value: &str| {
        let length = u8::try_from(value.len()).expect("a short value");
        [&[0x40 | name, length], value.as_bytes()].concat()
    };
    [vec![0x83, 0x86], literal(4, path), literal(1, authority)].concat()
}

#[test]
fn malformed_authority_is_reset_and_logged_once_with_its_cure() {
    let daemon = Daemon::start(&[]);
    let mut stream = UnixStream::connect(daemon.socket()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let request = headers("/gild.v1.LabService/GetLab", "%2Frun%2Fgild.sock");
    let sent = [
        PREFACE.to_vec(),
        frame(4, 0, 0, &[]),
        frame(1, END_HEADERS_AND_STREAM, 1, &request),
        frame(1, END_HEADERS_AND_STREAM, 3, &request),
    ];
    stream.write_all(&sent.concat()).expect("it is open");
    let (mut answer, mut piece) = (Vec::new(), [0; 256]);
    while !answer.windows(RESET.len()).any(|bytes| bytes == RESET) {
        let length = stream.read(&mut piece).expect("it answers in time");
        assert!(length > 0, "it was closed before the reset: {answer:?}");
        answer.extend_from_slice(&piece[..length]);
    }
    let hint =
        ["\"audit\"", "refused", "uid", "PROTOCOL_ERROR", "grpc.default_authority=localhost"];
    daemon.wait_for_log(&hint);
    assert_eq!(daemon.log().matches("PROTOCOL_ERROR").count(), 1);
}
