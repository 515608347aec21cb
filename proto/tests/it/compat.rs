//! The wire of commit 2c8d602: each message field, enum value and rpc of its descriptors is still
//! there with the same number, type and label.

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};

const RECORDED: &str = include_str!("../data/2c8d602/descriptors.txt");

fn field(message: &str, it: &FieldDescriptorProto, of: &DescriptorProto) -> String {
    let label = match it.label() {
        Label::Repeated => "repeated ",
        Label::Required => "required ",
        Label::Optional if it.proto3_optional() => "optional ",
        Label::Optional => "",
    };
    let r#type = match it.r#type() {
        Type::Message | Type::Enum => it.type_name().trim_start_matches('.').to_owned(),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    // Of an optional field prost's oneof is made up, and its name means nothing.
    let oneof = it.oneof_index.filter(|_| !it.proto3_optional());
    let oneof = oneof.and_then(|index| of.oneof_decl.get(usize::try_from(index).ok()?));
    let oneof = oneof.map(|oneof| format!(" of oneof {}", oneof.name())).unwrap_or_default();
    format!("{message}.{} = {}: {label}{}{oneof}", it.name(), it.number(), r#type)
}

fn message(scope: &str, it: &DescriptorProto, lines: &mut Vec<String>) {
    let name = format!("{scope}.{}", it.name());
    lines.push(format!("message {name}"));
    lines.extend(it.field.iter().map(|each| field(&name, each, it)));
    it.enum_type.iter().for_each(|each| enumeration(&name, each, lines));
    it.nested_type.iter().for_each(|each| message(&name, each, lines));
}

fn enumeration(scope: &str, it: &EnumDescriptorProto, lines: &mut Vec<String>) {
    let name = format!("{scope}.{}", it.name());
    lines.push(format!("enum {name}"));
    lines.extend(
        it.value.iter().map(|value| format!("{name}.{} = {}", value.name(), value.number())),
    );
}

/// One line for each message, field, enum, value and rpc.
fn listing(descriptors: &FileDescriptorSet) -> Vec<String> {
    let mut lines = Vec::new();
    for file in &descriptors.file {
        let package = file.package();
        file.message_type.iter().for_each(|each| message(package, each, &mut lines));
        file.enum_type.iter().for_each(|each| enumeration(package, each, &mut lines));
        for service in &file.service {
            for rpc in &service.method {
                let stream = |is_stream: bool| if is_stream { "stream " } else { "" };
                let (asks, answers) = (rpc.client_streaming(), rpc.server_streaming());
                lines.push(format!(
                    "rpc {package}.{}/{}: {}{} -> {}{}",
                    service.name(),
                    rpc.name(),
                    stream(asks),
                    rpc.input_type().trim_start_matches('.'),
                    stream(answers),
                    rpc.output_type().trim_start_matches('.'),
                ));
            }
        }
    }
    lines
}

#[test]
fn recorded_descriptors_are_unchanged() {
    let descriptors = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let present = listing(&descriptors);
    let lost: Vec<&str> =
        RECORDED.lines().filter(|line| !present.iter().any(|it| it == line)).collect();
    assert!(lost.is_empty(), "no longer as in 2c8d602: {lost:#?}");
}
