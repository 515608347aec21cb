//! Malformed requests: HTTP/2 resets their streams below the services, and the only trace is a frame
//! that the server writes. Finds that frame and formats its reason for the log.

use std::fmt;

use crate::server::auth::peer::Peer;

/// Bytes of a frame's header (RFC 9113, section 4.1).
const HEADER_BYTES: usize = 9;
/// Type of a frame that resets a stream (section 6.4).
const RST_STREAM: u8 = 3;
/// Error code of a malformed request (sections 7 and 8.1.1).
const PROTOCOL_ERROR: u32 = 1;

/// Follows the frames that a server writes, in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct ResetScanner {
    header: [u8; HEADER_BYTES],
    /// Bytes of the header that were written.
    header_length: usize,
    /// Bytes of the frame's payload that are still to come.
    payload_left: usize,
    /// The last four bytes of the payload: of a reset, its error code.
    code: u32,
}

impl ResetScanner {
    /// Takes in the next bytes; true if a stream's reset with `PROTOCOL_ERROR` ends among them.
    pub(crate) fn scan(&mut self, mut bytes: &[u8]) -> bool {
        let mut found = false;
        while !bytes.is_empty() {
            let in_header = self.header_length < HEADER_BYTES;
            let wanted =
                if in_header { HEADER_BYTES - self.header_length } else { self.payload_left };
            let (piece, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            if in_header {
                self.take_header(piece);
            } else {
                self.take_payload(piece);
            }
            if self.header_length == HEADER_BYTES && self.payload_left == 0 {
                found |= self.header[3] == RST_STREAM && self.code == PROTOCOL_ERROR;
                self.header_length = 0;
            }
        }
        found
    }

    fn take_header(&mut self, piece: &[u8]) {
        let end = self.header_length + piece.len();
        self.header[self.header_length..end].copy_from_slice(piece);
        self.header_length = end;
        let [high, middle, low, ..] = self.header.map(usize::from);
        self.payload_left = (high << 16) | (middle << 8) | low;
        self.code = 0;
    }

    fn take_payload(&mut self, piece: &[u8]) {
        self.payload_left -= piece.len();
        if self.header[3] == RST_STREAM {
            for &byte in piece {
                self.code = (self.code << 8) | u32::from(byte);
            }
        }
    }
}

/// Log text of a malformed request, with the remedy for the common cause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MalformedRequest(pub(crate) Peer);

impl fmt::Display for MalformedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its request is malformed and was reset (HTTP/2 PROTOCOL_ERROR)")?;
        match self.0 {
            Peer::Process { .. } => f.write_str(
                "; clients on gRPC's C core (Python, C++, Ruby, PHP) send the path of the socket \
                 as :authority: set their channel option grpc.default_authority=localhost",
            ),
            Peer::Address(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("a short frame");
        [&[0, 0, length, kind, 0, 0, 0, 0, 1], payload].concat()
    }

    fn found(bytes: &[u8], piece: usize) -> bool {
        let mut scanner = ResetScanner::default();
        bytes.chunks(piece).map(|piece| scanner.scan(piece)).fold(false, |any, now| any | now)
    }

    #[test]
    fn protocol_error_is_found_in_pieces_of_any_size() {
        let settings = [frame(4, &[0, 3, 0, 0, 0, 100]), frame(4, &[])].concat();
        let reset = [settings, frame(RST_STREAM, &[0, 0, 0, 1])].concat();
        for piece in 1..=reset.len() {
            assert!(found(&reset, piece), "pieces of {piece}");
            assert!(!found(&reset[..reset.len() - 1], piece), "pieces of {piece}, one byte short");
        }
    }

    #[test]
    fn other_frames_are_not_taken_for_it() {
        let data = frame(0, &frame(RST_STREAM, &[0, 0, 0, 1]));
        let cancelled = frame(RST_STREAM, &[0, 0, 0, 8]);
        let shutdown = frame(7, &[0, 0, 0, 0, 0, 0, 0, 1]);
        assert!(!found(&[data, cancelled, shutdown].concat(), 5));
    }
}
