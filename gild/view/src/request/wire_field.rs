//! The flag of a field of a request.

/// Suffixes of fields that count in a unit; a flag has none.
const UNITS: [&str; 5] = ["_ns", "_ps", "_percent", "_permille", "_per_s"];
/// What a command takes without a flag, or a request without a field of that name.
pub const FLAGLESS: [&str; 6] = ["", "chunk", "spec", "name", "names", "script"];

/// The flag of a field of a request, as it is typed.
pub fn flag_of(field: &str) -> String {
    match field {
        "strategies" => "--strategy".to_owned(),
        "eras" => "--era".to_owned(),
        "bodies" => "--body".to_owned(),
        "labels" => "--label".to_owned(),
        "io_calls" => "--io".to_owned(),
        "python" | "pythons" => "--python".to_owned(),
        "after_sequence" => "--after".to_owned(),
        "keep_duration_ns" => "--keep".to_owned(),
        "kind" => "--picture".to_owned(),
        _ if FLAGLESS.contains(&field) => field.to_owned(),
        _ => {
            let bare = UNITS.iter().find_map(|unit| field.strip_suffix(unit)).unwrap_or(field);
            format!("--{}", bare.replace('_', "-"))
        }
    }
}
