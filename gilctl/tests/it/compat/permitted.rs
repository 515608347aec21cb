//! Differences from the records of 2c8d602 that documents for programs may have: added fields and
//! columns, numbers that became strings of the same digits, the schema's name, and in CSV `cpython-`
//! before an era. All of it is undone
//! here, so that the remaining text can be compared byte by byte.

use crate::compat::record::Record;
use crate::support::json_text::Json;

/// The printed text of a record, with the permitted differences undone.
pub(crate) fn as_recorded(record: &Record, printed: &str) -> String {
    match record.arguments.last().map(String::as_str) {
        Some("json" | "ndjson") => by_lines(&record.stdout, printed, json_as_recorded),
        Some("csv") => csv_as_recorded(&record.stdout, printed),
        Some(_) | None => printed.to_owned(),
    }
}

/// Lines of the same place, reduced one by one; lines without a counterpart stay.
fn by_lines(recorded: &str, printed: &str, reduced: fn(&str, &str) -> String) -> String {
    let mut counterparts = recorded.split('\n');
    let lines = printed.split('\n').map(|line| match counterparts.next() {
        Some(recorded) if !recorded.is_empty() && !line.is_empty() => reduced(recorded, line),
        Some(_) | None => line.to_owned(),
    });
    lines.collect::<Vec<String>>().join("\n")
}

fn json_as_recorded(recorded: &str, printed: &str) -> String {
    undone("", &Json::of(recorded), Json::of(printed)).to_string()
}

fn csv_as_recorded(recorded: &str, printed: &str) -> String {
    let known = csv::Reader::from_reader(recorded.as_bytes()).headers().cloned();
    let known = known.expect("a header");
    let mut reader = csv::Reader::from_reader(printed.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let is_kept: Vec<bool> =
        header.iter().map(|name| known.iter().any(|known| known == name)).collect();
    let has_era = known.iter().any(|name| name == "era");
    if is_kept.iter().all(|is_kept| *is_kept) && !has_era {
        return printed.to_owned();
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names: Vec<String> = header.iter().map(str::to_owned).collect();
    for row in [header].into_iter().chain(reader.records().map(|row| row.expect("a row"))) {
        let kept = names.iter().zip(&row).zip(&is_kept).filter(|(_, is_kept)| **is_kept);
        let undone = |((name, cell), _): ((&String, &str), &bool)| match name.as_str() {
            "era" => cell.strip_prefix("cpython-").unwrap_or(cell).to_owned(),
            _ => cell.to_owned(),
        };
        writer.write_record(kept.map(undone)).expect("written to memory");
    }
    String::from_utf8(writer.into_inner().expect("written to memory")).expect("text")
}

/// `printed` in the place of `recorded`, with the permitted differences undone.
fn undone<'a>(name: &str, recorded: &Json<'a>, printed: Json<'a>) -> Json<'a> {
    match (recorded, printed) {
        (Json::Object(recorded), Json::Object(printed)) => {
            let kept = printed.into_iter().filter_map(|(name, value)| {
                let (_, recorded) = recorded.iter().find(|(known, _)| *known == name)?;
                Some((name, undone(name, recorded, value)))
            });
            Json::Object(kept.collect())
        }
        (Json::Array(recorded), Json::Array(printed)) if recorded.len() == printed.len() => {
            let both = recorded.iter().zip(printed);
            Json::Array(both.map(|(recorded, it)| undone(name, recorded, it)).collect())
        }
        (Json::Scalar(recorded), Json::Scalar(printed)) => {
            let is_permitted =
                is_digits_of(name, recorded, printed) || is_new_schema(name, recorded, printed);
            Json::Scalar(if is_permitted { recorded } else { printed })
        }
        (_, printed) => printed,
    }
}

/// Fields that are strings since `gild.v2`, as `docs/documents.md` lists them.
const STRINGS: [&str; 6] =
    ["seed", "seeds", "impossible_seed", "create_time_ns", "end_time_ns", "start_time_ns"];

/// Whether one of these became a string of the same digits.
fn is_digits_of(name: &str, recorded: &str, printed: &str) -> bool {
    STRINGS.contains(&name.trim_matches('"'))
        && recorded.bytes().all(|byte| byte.is_ascii_digit())
        && printed == format!("\"{recorded}\"")
}

fn is_new_schema(name: &str, recorded: &str, printed: &str) -> bool {
    (name, recorded, printed) == ("\"schema\"", "\"gild.v1\"", "\"gild.v2\"")
}

#[track_caller]
fn shown_as(format: &str, recorded: &str, printed: &str) -> String {
    let arguments = ["show", "--output", format].map(str::to_owned).into();
    let stdout = recorded.to_owned();
    as_recorded(&Record { arguments, exit: 0, calls: Vec::new(), stdout }, printed)
}

#[test]
fn permitted_differences_are_undone() {
    let recorded =
        "{\"schema\":\"gild.v1\",\"seeds\":[1,20],\"cell\":{\"x\":0.50,\"text\":\"a\\\",]\"}}\n";
    let printed = "{\"schema\":\"gild.v2\",\"new\":[{}],\"seeds\":[\"1\",\"20\"],\
                   \"cell\":{\"x\":0.50,\"y\":\"7\",\"text\":\"a\\\",]\"}}\n";
    for format in ["json", "ndjson"] {
        assert_eq!(shown_as(format, recorded, printed), recorded);
        assert_eq!(shown_as(format, recorded, recorded), recorded);
    }
    assert_eq!(shown_as("csv", "a,b\n1,\"2,3\"\n", "a,c,b\n1,9,\"2,3\"\n"), "a,b\n1,\"2,3\"\n");
    assert_eq!(shown_as("csv", "era,b\n3.9,1\n", "era,b\ncpython-3.9,1\n"), "era,b\n3.9,1\n");
}

/// Each pair is a record and a document that is not permitted in its place.
#[test]
fn any_other_difference_is_left() {
    let pairs = [
        ("{\"seed\":20}", "{\"seed\":\"21\"}"),
        ("{\"seed\":20}", "{\"seed\":\"020\"}"),
        ("{\"seed\":20}", "{\"seed\":20.0}"),
        ("{\"seed\":0.5}", "{\"seed\":\"0.5\"}"),
        ("{\"waits\":20}", "{\"waits\":\"20\"}"),
        ("{\"text\":\"20\"}", "{\"text\":20}"),
        ("{\"text\":\"gild.v1\"}", "{\"text\":\"gild.v2\"}"),
        ("{\"schema\":\"gild.v1\"}", "{\"schema\":\"gild.v3\"}"),
        ("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"),
        ("{\"a\":1,\"b\":2}", "{\"a\":1}"),
        ("{\"seeds\":[1]}", "{\"seeds\":[1,2]}"),
        ("{\"cell\":{\"a\":1}}", "{\"cell\":1}"),
        ("{\"a\":1}\n{\"b\":2}", "{\"a\":1}"),
        ("{\"a\":1}", "{\"a\":1}\n{\"b\":2}"),
    ];
    for (recorded, printed) in pairs {
        assert_ne!(shown_as("ndjson", recorded, printed), recorded, "{printed}");
    }
    let tables = [
        ("a,b\n1,2\n", "b,a\n2,1\n"),
        ("a\n1\n", "a,c\n2,1\n"),
        ("a,b\n1,2\n", "a\n1\n"),
        ("a\n3.9\n", "a\ncpython-3.9\n"),
        ("era\n3.9\n", "era\ncpython-3.1\n"),
    ];
    for (recorded, printed) in tables {
        assert_ne!(shown_as("csv", recorded, printed), recorded, "{printed}");
    }
}
