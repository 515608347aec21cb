//! The rules of the wire, held over the descriptors: every rpc has its own request and response,
//! zero enum values are unspecified, and everything has a comment.

use prost_types::{EnumDescriptorProto, FileDescriptorProto, ServiceDescriptorProto};

use crate::fresh::descriptors;

fn files() -> Vec<FileDescriptorProto> {
    let files = descriptors().file;
    assert!(files.iter().all(|file| file.package() == "gild.v1"), "one package, versioned");
    files
}

fn check_service(service: &ServiceDescriptorProto) {
    assert!(service.name().ends_with("Service"), "{}", service.name());
    for rpc in &service.method {
        let name = rpc.name();
        assert_eq!(rpc.input_type(), format!(".gild.v1.{name}Request"));
        assert_eq!(rpc.output_type(), format!(".gild.v1.{name}Response"));
    }
}

fn check_enum(wanted: &EnumDescriptorProto) {
    let mut prefix = String::new();
    for letter in wanted.name().chars() {
        if letter.is_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    for value in &wanted.value {
        assert!(value.name().starts_with(&prefix), "{} in {}", value.name(), wanted.name());
    }
    assert_eq!(wanted.value[0].name(), format!("{prefix}_UNSPECIFIED"));
}

#[test]
fn services_and_enums_follow_the_rules() {
    for file in files() {
        file.service.iter().for_each(check_service);
        file.enum_type.iter().for_each(check_enum);
    }
}

#[test]
fn every_service_rpc_message_field_and_value_has_a_comment() {
    for file in files() {
        let info = file.source_code_info.as_ref().expect("compiled with source info");
        for location in &info.location {
            // Paths of even length name an element: 4 message, 5 enum, 6 service, 2 field or rpc.
            let names_element = matches!(location.path.as_slice(), [4..=6, _] | [4..=6, _, 2, _]);
            let commented = location.leading_comments.as_ref().is_some_and(|text| !text.is_empty());
            assert!(commented || !names_element, "{}: {:?}", file.name(), location.path);
        }
    }
}

/// A duration without its unit is a bug waiting for a reader.
#[test]
fn times_carry_their_unit() {
    for file in files() {
        for message in &file.message_type {
            for field in &message.field {
                let name = field.name();
                let is_time =
                    ["interval", "duration", "_time", "cost"].iter().any(|w| name.contains(w));
                let has_unit = ["_ns", "_ps"].iter().any(|unit| name.contains(unit));
                assert!(!is_time || has_unit, "{}.{name}", message.name());
            }
        }
    }
}
