//! Shapes of messages: whether bytes are an encoded message of a type, found without decoding it. What a
//! shape accepts can be decoded; what it does not accept may be unusual and valid all the same.

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};

use crate::FILE_DESCRIPTOR_SET;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Not known: of any wire type.
    Unknown,
    Varint,
    Fixed32,
    Fixed64,
    Bytes,
    Text,
    /// The message at that position.
    Message(usize),
}

/// One field: what it holds, and whether it repeats, then perhaps packed.
#[derive(Debug, Clone, Copy)]
struct Field {
    kind: Kind,
    repeats: bool,
}

const UNKNOWN: Field = Field { kind: Kind::Unknown, repeats: false };

/// The shape of a message and of those in it.
#[derive(Debug)]
pub struct Shape {
    /// Fields of each message by their number; the message itself comes first.
    messages: Vec<Vec<Field>>,
}

impl Shape {
    /// The shape of a message of this package, e.g. `SweepEvent`. One that the package does not have
    /// accepts any fields.
    pub fn of(name: &str) -> Self {
        let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap_or_default();
        let mut shape = Self { messages: Vec::new() };
        shape.add(&files, &mut vec![format!(".gild.v1.{name}")], 0);
        shape
    }

    /// Adds the messages from position `at` on, and those that they name.
    fn add(&mut self, files: &FileDescriptorSet, names: &mut Vec<String>, at: usize) {
        let Some(name) = names.get(at).cloned() else { return };
        let mut fields = Vec::new();
        for field in find(files, &name).iter().flat_map(|message| &message.field) {
            let number = usize::try_from(field.number()).unwrap_or(0);
            if fields.len() <= number {
                fields.resize(number + 1, UNKNOWN);
            }
            let kind = match field.r#type() {
                Type::Double | Type::Fixed64 | Type::Sfixed64 => Kind::Fixed64,
                Type::Float | Type::Fixed32 | Type::Sfixed32 => Kind::Fixed32,
                Type::String => Kind::Text,
                Type::Bytes => Kind::Bytes,
                Type::Message | Type::Group => Kind::Message(position(names, field.type_name())),
                _ => Kind::Varint,
            };
            fields[number] = Field { kind, repeats: field.label() == Label::Repeated };
        }
        self.messages.push(fields);
        self.add(files, names, at + 1);
    }

    /// Whether bytes can be decoded as that message.
    pub fn accepts(&self, bytes: &[u8]) -> bool {
        self.accepts_message(0, bytes, DEPTH_MAX).is_some()
    }

    fn accepts_message(&self, at: usize, mut rest: &[u8], depth: u32) -> Option<()> {
        let (fields, depth) = (&self.messages[at], depth.checked_sub(1)?);
        while !rest.is_empty() {
            let key = u32::try_from(varint(&mut rest)?).ok()?;
            let (number, wire_type) = ((key >> 3) as usize, key & 7);
            if number == 0 {
                return None;
            }
            let Field { kind, repeats } = fields.get(number).copied().unwrap_or(UNKNOWN);
            match (wire_type, kind) {
                (VARINT, Kind::Varint | Kind::Unknown) => drop(varint(&mut rest)?),
                (FIXED64, Kind::Fixed64 | Kind::Unknown) => drop(take(&mut rest, 8)?),
                (FIXED32, Kind::Fixed32 | Kind::Unknown) => drop(take(&mut rest, 4)?),
                (DELIMITED, kind) => {
                    let length = usize::try_from(varint(&mut rest)?).ok()?;
                    let content = take(&mut rest, length)?;
                    self.accepts_content(kind, repeats, content, depth)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// Whether that is what stands behind a length.
    fn accepts_content(
        &self,
        kind: Kind,
        repeats: bool,
        mut content: &[u8],
        depth: u32,
    ) -> Option<()> {
        match kind {
            Kind::Bytes | Kind::Unknown => Some(()),
            Kind::Text => std::str::from_utf8(content).ok().map(drop),
            Kind::Message(at) => self.accepts_message(at, content, depth),
            Kind::Fixed64 => (repeats && content.len().is_multiple_of(8)).then_some(()),
            Kind::Fixed32 => (repeats && content.len().is_multiple_of(4)).then_some(()),
            Kind::Varint if repeats => {
                while !content.is_empty() {
                    varint(&mut content)?;
                }
                Some(())
            }
            Kind::Varint => None,
        }
    }
}

/// Deepest nesting that is accepted; a decoder allows a hundred.
const DEPTH_MAX: u32 = 50;

/// Wire types, <https://protobuf.dev/programming-guides/encoding>.
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const DELIMITED: u32 = 2;
const FIXED32: u32 = 5;

fn find<'a>(files: &'a FileDescriptorSet, name: &str) -> Option<&'a DescriptorProto> {
    let of_file = files.file.iter().flat_map(|file| &file.message_type);
    let name = name.strip_prefix(".gild.v1.")?;
    of_file.into_iter().find(|message| message.name() == name)
}

/// The position of a message that is named, which is added if it is new.
fn position(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// Takes a number off; `None` where it has more than 64 bits or is cut off.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for at in 0..10 {
        let byte = *rest.get(at)?;
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            *rest = &rest[at + 1..];
            // The tenth byte has one bit.
            return (at < 9 || byte < 2).then_some(number);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1;

    /// An event with numbers, texts, bytes, packed numbers and messages in messages.
    fn event() -> v1::SweepEvent {
        let measurement = v1::Measurement {
            attempts: 5,
            jain: 0.5,
            wait_ns_hdr: Some(vec![0xff; 9]),
            wait_ranks: vec![1, 1 << 60, 0],
            outcomes: vec![v1::SeenValue { value: 7, ..Default::default() }; 2],
            ..v1::Measurement::default()
        };
        let turn = v1::Turn {
            finals: vec![100, 99],
            measurement: Some(measurement),
            ..v1::Turn::default()
        };
        let happening = Some(v1::sweep_event::Happening::Turn(turn));
        v1::SweepEvent { sequence: 7, time_ns: u64::MAX, happening }
    }

    #[test]
    fn what_a_shape_accepts_can_be_decoded() {
        let (shape, whole) = (Shape::of("SweepEvent"), event().encode_to_vec());
        assert!(shape.accepts(&whole) && shape.accepts(&[]));
        let mut refused = 0;
        // Each byte replaced, each beginning and each end.
        let replaced = (0..whole.len()).flat_map(|at| {
            [0, 1, 7, 0x7f, 0x80, 0xff].map(|byte| {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                bytes
            })
        });
        let cut = (0..whole.len()).flat_map(|at| [whole[..at].to_vec(), whole[at..].to_vec()]);
        for bytes in replaced.chain(cut) {
            let decoded = v1::SweepEvent::decode(&bytes[..]);
            assert!(!shape.accepts(&bytes) || decoded.is_ok(), "{bytes:?}");
            refused += usize::from(decoded.is_err());
        }
        assert!(refused > whole.len(), "{refused}");
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let ended = v1::Ended { verdict: "fair".into(), ..v1::Ended::default() };
        let happening = Some(v1::sweep_event::Happening::Ended(ended));
        let event = v1::SweepEvent { sequence: 1, time_ns: 1, happening };
        let (shape, mut bytes) = (Shape::of("SweepEvent"), event.encode_to_vec());
        assert!(shape.accepts(&bytes));
        *bytes.last_mut().expect("not empty") = 0xff;
        assert!(!shape.accepts(&bytes) && v1::SweepEvent::decode(&bytes[..]).is_err());
    }
}
