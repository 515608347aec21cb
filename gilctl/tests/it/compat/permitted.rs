//! Differences from the records of 2c8d602 that documents for programs may have: added fields and
//! columns, numbers that became strings of the same digits, and the schema's name. All of it is undone
//! here, so that the remaining text can be compared byte by byte.

use std::fmt;

use crate::compat::record::Record;

/// A document cut at its brackets and commas, with each scalar as it is spelled.
#[derive(Debug, PartialEq, Eq)]
enum Json<'a> {
    Object(Vec<(&'a str, Json<'a>)>),
    Array(Vec<Json<'a>>),
    Scalar(&'a str),
}

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
    let [recorded, printed] = [recorded, printed].map(|text| {
        let (json, rest) = Json::read(text);
        assert!(rest.is_empty(), "{rest} after a document");
        json
    });
    recorded.undone_in("", printed).to_string()
}

fn csv_as_recorded(recorded: &str, printed: &str) -> String {
    let known = csv::Reader::from_reader(recorded.as_bytes()).headers().cloned();
    let known = known.expect("a header");
    let mut reader = csv::Reader::from_reader(printed.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let is_kept: Vec<bool> =
        header.iter().map(|name| known.iter().any(|known| known == name)).collect();
    if is_kept.iter().all(|is_kept| *is_kept) {
        return printed.to_owned();
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in [header].into_iter().chain(reader.records().map(|row| row.expect("a row"))) {
        let kept = row.iter().zip(&is_kept).filter(|(_, is_kept)| **is_kept);
        writer.write_record(kept.map(|(cell, _)| cell)).expect("written to memory");
    }
    String::from_utf8(writer.into_inner().expect("written to memory")).expect("text")
}

impl<'a> Json<'a> {
    /// A value without spaces, as gilctl prints it, and the text after it.
    fn read(text: &'a str) -> (Self, &'a str) {
        match text.as_bytes().first() {
            Some(b'{') => {
                let (items, rest) = list(&text[1..], '}', |text| {
                    let (name, rest) = split_scalar(text);
                    let (value, rest) = Self::read(rest.strip_prefix(':').expect("a colon"));
                    ((name, value), rest)
                });
                (Self::Object(items), rest)
            }
            Some(b'[') => {
                let (items, rest) = list(&text[1..], ']', Self::read);
                (Self::Array(items), rest)
            }
            Some(_) | None => {
                let (scalar, rest) = split_scalar(text);
                (Self::Scalar(scalar), rest)
            }
        }
    }

    /// `printed` in the place of this value, with the permitted differences undone.
    fn undone_in(&self, name: &str, printed: Self) -> Self {
        match (self, printed) {
            (Self::Object(recorded), Self::Object(printed)) => {
                let kept = printed.into_iter().filter_map(|(name, value)| {
                    let (_, recorded) = recorded.iter().find(|(known, _)| *known == name)?;
                    Some((name, recorded.undone_in(name, value)))
                });
                Self::Object(kept.collect())
            }
            (Self::Array(recorded), Self::Array(printed)) if recorded.len() == printed.len() => {
                let both = recorded.iter().zip(printed);
                Self::Array(both.map(|(recorded, it)| recorded.undone_in(name, it)).collect())
            }
            (Self::Scalar(recorded), Self::Scalar(printed)) => {
                let is_permitted =
                    is_digits_of(recorded, printed) || is_new_schema(name, recorded, printed);
                Self::Scalar(if is_permitted { recorded } else { printed })
            }
            (_, printed) => printed,
        }
    }
}

/// Whether a whole number became a string of the same digits.
fn is_digits_of(recorded: &str, printed: &str) -> bool {
    recorded.bytes().all(|byte| byte.is_ascii_digit()) && printed == format!("\"{recorded}\"")
}

fn is_new_schema(name: &str, recorded: &str, printed: &str) -> bool {
    (name, recorded, printed) == ("\"schema\"", "\"gild.v1\"", "\"gild.v2\"")
}

/// Items up to the closing bracket, and the text after it.
fn list<'a, T>(
    text: &'a str,
    end: char,
    read: impl Fn(&'a str) -> (T, &'a str),
) -> (Vec<T>, &'a str) {
    let (mut items, mut rest) = (Vec::new(), text);
    loop {
        if let Some(rest) = rest.strip_prefix(end) {
            return (items, rest);
        }
        let (item, after) = read(rest.strip_prefix(',').unwrap_or(rest));
        items.push(item);
        rest = after;
    }
}

/// A string with its quotes, a number or a word, and the text after it.
fn split_scalar(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let end = if bytes.first() == Some(&b'"') {
        let mut at = 1;
        while bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at + 1
    } else {
        text.find([',', ']', '}']).unwrap_or(text.len())
    };
    text.split_at(end)
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}:{value}")).collect();
                write!(f, "{{{}}}", fields.join(","))
            }
        }
    }
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
}

/// Each pair is a record and a document that is not permitted in its place.
#[test]
fn any_other_difference_is_left() {
    let pairs = [
        ("{\"seed\":20}", "{\"seed\":\"21\"}"),
        ("{\"seed\":20}", "{\"seed\":\"020\"}"),
        ("{\"seed\":20}", "{\"seed\":20.0}"),
        ("{\"rate\":0.5}", "{\"rate\":\"0.5\"}"),
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
    let tables = [("a,b\n1,2\n", "b,a\n2,1\n"), ("a\n1\n", "a,c\n2,1\n"), ("a,b\n1,2\n", "a\n1\n")];
    for (recorded, printed) in tables {
        assert_ne!(shown_as("csv", recorded, printed), recorded, "{printed}");
    }
}
