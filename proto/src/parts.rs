//! Messages in parts: an encoded message cut between its fields, so that its parts, merged in order as
//! protobuf merges messages, are the message. Knows no schema but the fields that a caller names.

use prost::DecodeError;
use prost::bytes::{Buf as _, Bytes};
use prost::encoding::{
    DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field,
};

/// Most bytes of a field's key and length.
const HEADER_BYTES_MAX: usize = 16;

/// A field that may be cut itself: its number, which is that of a singular message, and the fields in
/// that message that may be cut in turn. Fields of other kinds are never cut: a text that comes twice
/// replaces the first, and a repeated message that comes in two parts is two messages.
#[derive(Debug, Clone, Copy)]
pub struct Cut(pub u32, pub &'static [Cut]);

/// One field of an encoded message.
struct Field<'a> {
    number: u32,
    /// With key and length.
    whole: &'a [u8],
    /// Without them, where it has a length.
    content: Option<&'a [u8]>,
}

/// The parts of an encoded message, none longer than `most` bytes, unless a field is that may not be
/// cut. At least one part.
///
/// # Errors
///
/// Refuses what is not an encoded message.
pub fn split(message: &Bytes, cuts: &[Cut], most: usize) -> Result<Vec<Bytes>, DecodeError> {
    if message.len() <= most {
        return Ok(vec![message.clone()]);
    }
    Ok(split_fields(message, cuts, most)?.into_iter().map(Bytes::from).collect())
}

fn split_fields(message: &[u8], cuts: &[Cut], most: usize) -> Result<Vec<Vec<u8>>, DecodeError> {
    let mut parts = vec![Vec::new()];
    let mut put = |field: &[u8]| {
        let last = parts.last_mut().expect("there is always one");
        if last.is_empty() || last.len() + field.len() <= most {
            last.extend_from_slice(field);
        } else {
            parts.push(field.to_vec());
        }
    };
    let mut rest = message;
    while !rest.is_empty() {
        let field = next_field(&mut rest)?;
        let cut = cuts.iter().find(|cut| cut.0 == field.number && field.whole.len() > most);
        match (cut, field.content) {
            (Some(Cut(number, inner)), Some(content)) => {
                for part in split_fields(content, inner, most.saturating_sub(HEADER_BYTES_MAX))? {
                    put(&delimited(*number, &part));
                }
            }
            _ => put(field.whole),
        }
    }
    Ok(parts)
}

/// Takes the next field off an encoded message.
fn next_field<'a>(rest: &mut &'a [u8]) -> Result<Field<'a>, DecodeError> {
    let all = *rest;
    let (number, wire_type) = decode_key(rest)?;
    let after_key = *rest;
    skip_field(wire_type, number, rest, DecodeContext::default())?;
    let whole = &all[..all.len() - rest.len()];
    let content = if wire_type == WireType::LengthDelimited {
        let mut content = after_key;
        decode_varint(&mut content)?;
        Some(&content[..content.remaining() - rest.len()])
    } else {
        None
    };
    Ok(Field { number, whole, content })
}

/// An embedded message with its key and length.
fn delimited(number: u32, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::with_capacity(HEADER_BYTES_MAX + content.len());
    encode_key(number, WireType::LengthDelimited, &mut field);
    encode_varint(content.len() as u64, &mut field);
    field.extend_from_slice(content);
    field
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::v1;

    const CUTS: &[Cut] = &[Cut(1, &[Cut(16, &[])])];

    /// An exploration with many values and a long trace.
    fn found() -> v1::GetExplorationResponse {
        let outcome = |value| v1::Outcome { value, count: "9".repeat(90), ..Default::default() };
        let event = |counter| v1::TraceEvent { counter, letter: "L".into(), ..Default::default() };
        let trace = v1::Trace {
            events: (0..500).map(event).collect(),
            script: "T0x2".repeat(20),
            ..v1::Trace::default()
        };
        v1::GetExplorationResponse {
            exploration: Some(v1::Exploration {
                name: "explorations/a".into(),
                outcomes: (0..100).map(outcome).collect(),
                trace: Some(trace),
                owner: "local".into(),
                ..v1::Exploration::default()
            }),
        }
    }

    fn merged(parts: &[Bytes]) -> v1::GetExplorationResponse {
        let mut whole = v1::GetExplorationResponse::default();
        for part in parts {
            whole.merge(part.clone()).expect("a part");
        }
        whole
    }

    #[test]
    fn parts_of_any_size_merge_into_the_message() {
        let message = Bytes::from(found().encode_to_vec());
        for most in [200, 333, 1000, 4096, message.len() - 1] {
            let parts = split(&message, CUTS, most).expect("a message");
            assert!(parts.iter().all(|part| part.len() <= most), "{most}");
            assert!(parts.len() >= message.len().div_ceil(most), "{} of {most}", parts.len());
            assert_eq!(merged(&parts), found(), "{most}");
        }
    }

    #[test]
    fn message_that_fits_is_its_only_part() {
        let message = Bytes::from(found().encode_to_vec());
        assert_eq!(split(&message, CUTS, message.len()), Ok(vec![message.clone()]));
        assert_eq!(split(&Bytes::new(), CUTS, 10), Ok(vec![Bytes::new()]));
    }

    #[test]
    fn field_that_may_not_be_cut_is_a_part_of_its_own() {
        let message = Bytes::from(found().encode_to_vec());
        let parts = split(&message, &[Cut(1, &[])], 1000).expect("a message");
        let longest = parts.iter().map(Bytes::len).max();
        assert!(longest > Some(1000), "the trace: {longest:?}");
        assert_eq!(merged(&parts), found());
    }

    #[test]
    fn bytes_that_are_no_message_are_refused() {
        assert!(split(&Bytes::from_static(&[0xff; 64]), CUTS, 10).is_err());
        assert!(split(&Bytes::from_static(&[0x0a, 0x7f, 0, 0, 0]), CUTS, 2).is_err());
    }
}
