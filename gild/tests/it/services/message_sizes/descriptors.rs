//! The descriptors of the wire, and the sizes that messages can have within the bounds of their fields.

use std::collections::HashMap;

use prost::Message as _;
use prost::encoding::encoded_len_varint;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
};
use proto::parts::Cut;

use super::bounds::{FIELDS, LISTS, MESSAGES};

/// Longest encoded integer of 32 bits that is not negative, and of 64 bits.
const VARINT_32: usize = 5;
const VARINT_64: usize = 10;

pub(super) struct Wire {
    files: FileDescriptorSet,
    messages: HashMap<String, DescriptorProto>,
}

/// The bound of a field or a message, if it has one.
pub(super) fn bound(bounds: &[(&str, usize)], name: &str) -> Option<usize> {
    bounds.iter().find(|bound| bound.0 == name).map(|bound| bound.1)
}

pub(super) fn is_list(field: &FieldDescriptorProto) -> bool {
    field.label() == Label::Repeated
}

/// The message that a field holds, by its short name.
pub(super) fn held(field: &FieldDescriptorProto) -> Option<String> {
    let name = field.type_name().rsplit('.').next().unwrap_or_default();
    // `ComparedCell.Outcome` is an enum, which has no message.
    (field.r#type() == Type::Message).then(|| name.to_owned())
}

/// Whether the message that holds the field has a bound of its own.
fn is_inside_a_bound(field: &str) -> bool {
    let message = field.split('.').next().unwrap_or_default();
    bound(MESSAGES, message).is_some()
}

impl Wire {
    pub(super) fn read() -> Self {
        let files = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let all = files.file.iter().flat_map(|file| &file.message_type);
        let messages = all.map(|it| (it.name().to_owned(), it.clone())).collect();
        Self { files, messages }
    }

    pub(super) fn rpcs(&self) -> impl Iterator<Item = &MethodDescriptorProto> {
        self.files.file.iter().flat_map(|file| &file.service).flat_map(|service| &service.method)
    }

    /// The path and the name of every rpc.
    pub(super) fn paths(&self) -> impl Iterator<Item = (String, &str)> {
        let services = self.files.file.iter().flat_map(|file| &file.service);
        services.flat_map(|service| {
            let path = |rpc: &str| format!("/gild.v1.{}/{rpc}", service.name());
            service.method.iter().map(move |rpc| (path(rpc.name()), rpc.name()))
        })
    }

    pub(super) fn fields(&self, message: &str) -> &[FieldDescriptorProto] {
        &self.messages.get(message).unwrap_or_else(|| panic!("no message {message}")).field
    }

    /// Whether there is a field, written `Message.field`, or `Message.field[]` for a list's texts.
    pub(super) fn has_field(&self, name: &str) -> bool {
        let (message, field) = name.split_once('.').expect("Message.field");
        let field = field.trim_end_matches("[]");
        let found = self.messages.get(message);
        found.is_some_and(|message| message.field.iter().any(|it| it.name() == field))
    }

    /// Most bytes of a message; the fields `without` are empty in it.
    pub(super) fn largest(&self, message: &str, without: &[&str]) -> usize {
        if let Some(bytes) = bound(MESSAGES, message) {
            return bytes;
        }
        let mut bytes = 0;
        let mut oneofs: HashMap<i32, usize> = HashMap::new();
        for field in self.fields(message) {
            let name = format!("{message}.{}", field.name());
            if without.contains(&name.as_str()) {
                continue;
            }
            let size = self.largest_field(&name, field, without);
            match field.oneof_index {
                Some(index) if !field.proto3_optional() => {
                    let largest = oneofs.entry(index).or_default();
                    *largest = size.max(*largest);
                }
                _ => bytes += size,
            }
        }
        bytes + oneofs.values().sum::<usize>()
    }

    /// Most bytes of a field with all its items.
    fn largest_field(&self, name: &str, field: &FieldDescriptorProto, without: &[&str]) -> usize {
        let item = self.largest_of(name, field, without);
        if !is_list(field) {
            return item;
        }
        let items = bound(FIELDS, name).or_else(|| is_inside_a_bound(name).then_some(0));
        let items = items.unwrap_or_else(|| panic!("{name} has no bound: how many can there be?"));
        bound(LISTS, name).unwrap_or_else(|| items * item)
    }

    /// Most bytes of one item of a list of messages.
    pub(super) fn largest_item(&self, message: &str, list: &str, without: &[&str]) -> usize {
        let field = self.fields(message).iter().find(|field| field.name() == list);
        let field = field.unwrap_or_else(|| panic!("no {list} in {message}"));
        self.largest_of(&format!("{message}.{list}"), field, without)
    }

    /// Most bytes of a field, or of one item of a list, with its key and length.
    fn largest_of(&self, name: &str, field: &FieldDescriptorProto, without: &[&str]) -> usize {
        let number = u64::try_from(field.number()).expect("a number");
        let key = encoded_len_varint(number << 3);
        let delimited = |bytes: usize| encoded_len_varint(bytes as u64) + bytes;
        let texts = if is_list(field) { format!("{name}[]") } else { name.to_owned() };
        key + match field.r#type() {
            Type::Message => delimited(self.largest(&held(field).expect("a message"), without)),
            Type::String | Type::Bytes => delimited(
                bound(FIELDS, &texts)
                    .unwrap_or_else(|| panic!("{texts} has no bound: how long can it be?")),
            ),
            Type::Uint32 => VARINT_32,
            Type::Uint64 => VARINT_64,
            Type::Double | Type::Fixed64 => size_of::<u64>(),
            Type::Bool | Type::Enum => 1,
            other => panic!("{name}: {other:?} is a type that no field had"),
        }
    }

    /// Most bytes of what stays together when a message is cut between its fields, and between those
    /// of `cuts`, if the fields `without` are empty; with the keys and lengths of what surrounds it.
    pub(super) fn largest_atom(&self, message: &str, cuts: &[Cut], without: &[&str]) -> usize {
        let atom = |field: &FieldDescriptorProto| {
            let name = format!("{message}.{}", field.name());
            let cut = cuts.iter().find(|cut| i32::try_from(cut.0) == Ok(field.number()));
            match (cut, held(field)) {
                (Some(Cut(_, inner)), Some(held)) => {
                    self.largest_atom(&held, inner, without) + VARINT_64
                }
                _ => self.largest_of(&name, field, without),
            }
        };
        self.fields(message).iter().map(atom).max().unwrap_or(0)
    }

    /// Asserts that every cut is a field that merges.
    pub(super) fn check_cuts(&self, message: &str, suffix: &str, cuts: &[Cut]) {
        let message = format!("{message}{suffix}");
        for Cut(number, inner) in cuts {
            let of = self.fields(&message).iter();
            let field = of.clone().find(|it| i32::try_from(*number) == Ok(it.number()));
            let field = field.unwrap_or_else(|| panic!("{message} has no field {number}"));
            assert!(!is_list(field), "{message}.{}", field.name());
            self.check_cuts(&held(field).expect("a message"), "", inner);
        }
    }
}
