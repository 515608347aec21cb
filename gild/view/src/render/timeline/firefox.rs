//! A timeline in the processed format of the Firefox Profiler: a thread per track, a marker per slice
//! with the schema of its kind, and the notes among the profile's extra information.

use std::time::Duration;

use fxprof_processed_profile::{
    CategoryColor, CategoryHandle, GraphColor, Marker, MarkerFieldFlags, MarkerFieldFormat,
    MarkerGraphType, MarkerLocations, MarkerTiming, MarkerTypeHandle, Profile, ReferenceTimestamp,
    RuntimeSchemaMarkerField, RuntimeSchemaMarkerGraph, RuntimeSchemaMarkerSchema,
    SamplingInterval, StringHandle, ThreadHandle, Timestamp,
};
use serde_json::{Value, json};

use crate::render::timeline::data::{FieldFormat, Figure, Slice, SliceField, SliceKind, Timeline};

/// The process of all threads.
const PROCESS: u32 = 1;
/// The format's unit of lengths of time, in nanoseconds.
const UNIT_NS: f64 = 1_000_000.0;
/// The field that every marker has: its name.
const LABEL: &str = "label";
/// Threads that the Profiler shows at first.
const VISIBLE_MAX: usize = 64;

/// The file's text.
///
/// # Errors
///
/// Says what could not be written as JSON.
pub fn text(timeline: &Timeline) -> Result<String, serde_json::Error> {
    let mut writer = Writer::new(timeline);
    let process = writer.profile.add_process(&timeline.title, PROCESS, at(0));
    for (number, track) in (1..).zip(&timeline.tracks) {
        // The first track is about all of them; the Profiler names it after the process.
        let thread = writer.profile.add_thread(process, number, at(0), number == 1);
        writer.profile.set_thread_name(thread, &track.name);
        writer.profile.set_thread_show_markers_in_timeline(thread, true);
        if number as usize <= VISIBLE_MAX {
            writer.profile.add_initial_visible_thread(thread);
        }
        track.slices.iter().for_each(|slice| writer.add(thread, slice));
    }
    let mut file = serde_json::to_value(&writer.profile)?;
    file["meta"]["importedFrom"] = json!("gild");
    file["meta"]["keepProfileThreadOrder"] = json!(true);
    file["meta"]["extra"] = extra(timeline);
    Ok(format!("{file}\n"))
}

/// The notes, as a section of the profile's information.
fn extra(timeline: &Timeline) -> Value {
    let entry =
        |(name, text): &(&str, String)| json!({"label": name, "format": "string", "value": text});
    let entries: Vec<Value> = timeline.notes.iter().map(entry).collect();
    json!([{"label": timeline.title, "entries": entries}])
}

fn at(nanoseconds: u64) -> Timestamp {
    Timestamp::from_nanos_since_reference(nanoseconds)
}

/// A profile with the types of its markers.
struct Writer {
    profile: Profile,
    types: Vec<(MarkerTypeHandle, CategoryHandle)>,
}

impl Writer {
    fn new(timeline: &Timeline) -> Self {
        let origin = Duration::from_nanos(timeline.origin_ns);
        let origin = ReferenceTimestamp::from_duration_since_unix_epoch(origin);
        let interval = SamplingInterval::from_millis(1);
        let mut profile = Profile::new(&timeline.title, origin, interval);
        profile.set_symbolicated(true);
        let types = SliceKind::ALL.map(|kind| {
            let category = profile.add_category(kind.category(), color(kind));
            (profile.register_marker_type(schema(kind)), category)
        });
        Self { profile, types: types.to_vec() }
    }

    fn add(&mut self, thread: ThreadHandle, slice: &Slice) {
        let position = SliceKind::ALL.iter().position(|kind| *kind == slice.kind);
        let (kind, category) = self.types[position.unwrap_or_default()];
        let name = self.profile.intern_string(&slice.group);
        let label = self.profile.intern_string(&slice.name);
        let empty = self.profile.intern_string("");
        let texts = slice.values.iter().map(|value| match value {
            Some(Figure::Text(text)) => self.profile.intern_string(text),
            _ => empty,
        });
        let texts = texts.collect();
        let marker = SliceMarker { kind, category, name, label, texts, values: &slice.values };
        let timing = MarkerTiming::Interval(at(slice.start_ns), at(slice.end_ns()));
        self.profile.add_marker(thread, timing, marker);
    }
}

/// A slice as a marker.
struct SliceMarker<'a> {
    kind: MarkerTypeHandle,
    category: CategoryHandle,
    /// Markers of one name are one row.
    name: StringHandle,
    /// What stands in the box, and in the first of the fields.
    label: StringHandle,
    texts: Vec<StringHandle>,
    values: &'a [Option<Figure>],
}

impl Marker for SliceMarker<'_> {
    fn marker_type(&self, _: &mut Profile) -> MarkerTypeHandle {
        self.kind
    }

    fn name(&self, _: &mut Profile) -> StringHandle {
        self.name
    }

    fn category(&self, _: &mut Profile) -> CategoryHandle {
        self.category
    }

    fn string_field_value(&self, field_index: u32) -> StringHandle {
        (field_index as usize).checked_sub(1).map_or(self.label, |at| self.texts[at])
    }

    /// Not a number, which JSON has as null, where the field does not apply.
    fn number_field_value(&self, field_index: u32) -> f64 {
        match (field_index as usize).checked_sub(1).and_then(|at| self.values[at].as_ref()) {
            Some(Figure::Count(count)) => *count as f64,
            Some(Figure::Share(share)) => *share,
            Some(Figure::Nanoseconds(length)) => *length as f64 / UNIT_NS,
            Some(Figure::Text(_)) | None => f64::NAN,
        }
    }
}

fn schema(kind: SliceKind) -> RuntimeSchemaMarkerSchema {
    let graph = |field: &SliceField| RuntimeSchemaMarkerGraph {
        key: field.key.to_owned(),
        graph_type: MarkerGraphType::Line,
        color: Some(GraphColor::Blue),
    };
    let field = |key: &str, label: &str, format| RuntimeSchemaMarkerField {
        key: key.to_owned(),
        label: label.to_owned(),
        format,
        flags: MarkerFieldFlags::SEARCHABLE,
    };
    let fields = kind.fields();
    let own = fields.iter().map(|it| field(it.key, it.label, format_of(it.format)));
    let label = field(LABEL, "Name", MarkerFieldFormat::String);
    let shown = Some(format!("{{marker.data.{LABEL}}}"));
    RuntimeSchemaMarkerSchema {
        type_name: kind.name().to_owned(),
        description: None,
        locations: MarkerLocations::MARKER_CHART
            | MarkerLocations::MARKER_TABLE
            | MarkerLocations::TIMELINE_OVERVIEW,
        chart_label: shown.clone(),
        tooltip_label: shown.clone(),
        table_label: shown,
        fields: std::iter::once(label).chain(own).collect(),
        graphs: fields.iter().filter(|field| field.curve.is_some()).map(graph).collect(),
    }
}

fn format_of(format: FieldFormat) -> MarkerFieldFormat {
    match format {
        FieldFormat::Count => MarkerFieldFormat::Integer,
        FieldFormat::Share => MarkerFieldFormat::Percentage,
        FieldFormat::Nanoseconds => MarkerFieldFormat::Duration,
        FieldFormat::Text => MarkerFieldFormat::String,
    }
}

fn color(kind: SliceKind) -> CategoryColor {
    match kind {
        SliceKind::Turn => CategoryColor::Blue,
        SliceKind::Round => CategoryColor::Gray,
        SliceKind::Move | SliceKind::Counter => CategoryColor::Purple,
        // As the sampling profiler of CPython has them.
        SliceKind::Opcode => CategoryColor::Magenta,
        SliceKind::Gil => CategoryColor::Green,
    }
}
