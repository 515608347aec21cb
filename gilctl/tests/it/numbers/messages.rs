//! Messages in which every field of 64 bits has one value, made of the wire's own description: a
//! field that the wire gains is in them by itself.

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};

/// Id of the sweep of [`Messages`].
pub(crate) const SWEEP: &str = "06a1f0zzzz9k3v7q2m8x4abcde";
/// Id of the exploration of [`Messages`].
pub(crate) const EXPLORATION: &str = "06a1f1zzzz9k3v7q2m8x4fghij";

/// The messages of the wire, filled.
#[derive(Debug)]
pub(crate) struct Messages {
    types: Vec<DescriptorProto>,
    enums: Vec<EnumDescriptorProto>,
    /// Input and output of each method, by its path.
    methods: Vec<(String, String)>,
    whole: u64,
    text: &'static str,
}

impl Messages {
    /// Messages whose fields of 64 bits are `whole`, and whose texts are `text`.
    pub(crate) fn filled_with(whole: u64, text: &'static str) -> Self {
        let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let files = || set.file.iter().filter(|file| file.package() == "gild.v1");
        let methods = files().flat_map(|file| &file.service).flat_map(|service| {
            service.method.iter().map(|method| {
                let path = format!("/gild.v1.{}/{}", service.name(), method.name());
                (path, short(method.output_type()).to_owned())
            })
        });
        Self {
            types: files().flat_map(|file| file.message_type.clone()).collect(),
            enums: files().flat_map(enums_of).collect(),
            methods: methods.collect(),
            whole,
            text,
        }
    }

    /// The encoded answers of a method: one, or one for each kind of event, numbered after
    /// `sequence`.
    pub(crate) fn answers(&self, path: &str, sequence: u64) -> Vec<Vec<u8>> {
        let (_, output) = self.methods.iter().find(|(known, _)| known == path).expect("an rpc");
        let event = self.message(output).field.iter().find(|field| field.name() == "event");
        let Some(event) = event else { return vec![self.encoded(output, 0)] };
        let event_type = short(event.type_name());
        let choices = self.message(event_type).field.iter();
        let choices = choices.filter(|field| field.oneof_index.is_some()).count();
        let numbered = (0..choices).zip(sequence + 1..=u64::MAX).map(|(choice, sequence)| {
            let mut body = self.encoded(event_type, choice);
            // Of a field that comes twice, the last is taken.
            key(&mut body, 1, 0);
            varint(&mut body, sequence);
            let mut answer = Vec::new();
            bytes(&mut answer, event.number(), &body);
            answer
        });
        numbered.collect()
    }

    fn message(&self, name: &str) -> &DescriptorProto {
        self.types.iter().find(|it| it.name() == name).expect("a message of the wire")
    }

    /// A message with every field; of alternatives, the one of that number.
    fn encoded(&self, name: &str, choice: usize) -> Vec<u8> {
        let mut body = Vec::new();
        let mut alternative = 0;
        for field in &self.message(name).field {
            let is_alternative = field.oneof_index.is_some() && !field.proto3_optional();
            alternative += usize::from(is_alternative);
            if !is_alternative || alternative == choice + 1 {
                self.put(&mut body, name, field);
            }
        }
        body
    }

    /// A cell that is modelled and takes tasks: it has other fields than one of an interpreter, or
    /// with a duration.
    fn plain_cell(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for field in &self.message("Cell").field {
            let is_of_another = field.proto3_optional()
                || matches!(field.name(), "cell" | "python_version" | "python" | "io_call");
            if !is_of_another {
                self.put(&mut body, "Cell", field);
            }
        }
        body
    }

    fn put(&self, body: &mut Vec<u8>, message: &str, field: &FieldDescriptorProto) {
        let number = field.number();
        let is_list = field.label() == Label::Repeated;
        match field.r#type() {
            // Two where there is a list. Packed or not, readers take both.
            Type::Uint64 => (0..=u8::from(is_list)).for_each(|_| {
                key(body, number, 0);
                varint(body, self.whole);
            }),
            Type::Fixed64 => (0..=u8::from(is_list)).for_each(|_| {
                key(body, number, 1);
                body.extend(self.whole.to_le_bytes());
            }),
            Type::Uint32 => {
                key(body, number, 0);
                varint(body, u32::MAX.into());
            }
            Type::Bool => {
                key(body, number, 0);
                varint(body, 1);
            }
            Type::Enum => {
                key(body, number, 0);
                varint(body, self.enum_value(short(field.type_name())));
            }
            Type::Double => {
                key(body, number, 1);
                body.extend(f64::MAX.to_le_bytes());
            }
            Type::String => bytes(body, number, self.text(message, field.name()).as_bytes()),
            Type::Bytes => bytes(body, number, b"x"),
            Type::Message => {
                let name = short(field.type_name());
                bytes(body, number, &self.encoded(name, 0));
                if is_list && name == "Cell" {
                    bytes(body, number, &self.plain_cell());
                }
            }
            other => panic!("{message}.{}: no test fills a field of {other:?}", field.name()),
        }
    }

    fn text(&self, message: &str, field: &str) -> String {
        match (message, field) {
            ("Sweep", "name") | (_, "names") => format!("sweeps/{SWEEP}"),
            ("Exploration", "name") => format!("explorations/{EXPLORATION}"),
            // The last page.
            (_, "next_page_token") => String::new(),
            _ => self.text.to_owned(),
        }
    }

    /// A state that has ended, or the last value.
    fn enum_value(&self, name: &str) -> u64 {
        let values = &self.enums.iter().find(|it| it.name() == name).expect("an enum").value;
        let ended = values.iter().find(|it| it.name().ends_with("_SUCCEEDED"));
        let value = ended.or(values.last()).expect("an enum has values");
        value.number().try_into().expect("not negative")
    }
}

/// The enums of a file, also those within messages.
fn enums_of(file: &FileDescriptorProto) -> Vec<EnumDescriptorProto> {
    let nested = file.message_type.iter().flat_map(|message| &message.enum_type);
    file.enum_type.iter().chain(nested).cloned().collect()
}

/// `.gild.v1.Sweep` is `Sweep`.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn key(body: &mut Vec<u8>, number: i32, kind: u64) {
    varint(body, u64::from(number.unsigned_abs()) << 3 | kind);
}

fn varint(body: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        body.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    body.push(value.to_le_bytes()[0]);
}

fn bytes(body: &mut Vec<u8>, number: i32, content: &[u8]) {
    key(body, number, 2);
    varint(body, content.len() as u64);
    body.extend(content);
}
