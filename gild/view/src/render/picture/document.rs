//! A picture as a document: drawn as text, or as named fields. The names are a contract and are never
//! changed.

use proto::v1::{
    Picture, PictureAxis, PictureBand, PictureKind, PictureMark, PicturePoint, PictureScale,
    PictureSeries, PictureStyle,
};

use crate::ids;
use crate::render::format::color::Color;
use crate::render::format::csv;
use crate::render::format::document::{Document, Record};
use crate::render::format::json::{Field, object};
use crate::render::format::page::{Extent, Page, Width};
use crate::render::format::value::Value;
use crate::render::picture::layout::{axis, categories, category};
use crate::render::picture::text::lines;
use crate::render::picture::text::page::{Charset, TextPage};

/// Width of a picture that is not written to a terminal, in characters.
const FILE_WIDTH: usize = 100;

/// A picture of stored jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureDocument {
    /// The jobs, as resource names.
    pub names: Vec<String>,
    /// The picture.
    pub picture: Picture,
    /// Which characters the terminal has.
    pub charset: Charset,
}

impl PictureDocument {
    fn text(&self, page: Page) -> String {
        let width = match page.width {
            Width::Most(width) => width,
            Width::Any => FILE_WIDTH,
        };
        let page = TextPage { width, charset: self.charset, color: page.color };
        lines(&self.picture, page).join("\n") + "\n"
    }
}

impl Document for PictureDocument {
    /// The picture without its series, then each of their points.
    fn records(&self) -> Vec<Record> {
        let mut records = vec![Record::new("picture", self.heading())];
        let point = |series: &PictureSeries, point: &PicturePoint| {
            let mut fields = vec![
                ("series", Some(series.name.as_str().into())),
                ("category", category(categories(&self.picture), point).map(Value::from)),
            ];
            fields.extend(of_point(point));
            Record::new("point", fields)
        };
        for series in &self.picture.series {
            records.extend(series.points.iter().map(|it| point(series, it)));
        }
        records
    }

    fn fields(&self) -> Vec<Field> {
        let Picture { series, bands, marks, .. } = &self.picture;
        let mut fields = self.heading();
        fields.push(("series", Some(series.iter().map(of_series).collect())));
        fields.push(("bands", Some(bands.iter().map(of_band).collect())));
        fields.push(("marks", Some(marks.iter().map(of_mark).collect())));
        fields
    }

    fn table(&self, page: Page) -> String {
        self.text(page)
    }

    fn markdown(&self) -> String {
        let page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };
        format!("```text\n{}```\n", self.text(page))
    }

    /// A row for each point.
    fn csv(&self) -> String {
        let points = self.records().into_iter().filter(|record| record.kind == "point");
        let rows = points.map(|record| record.fields);
        let empty = PicturePoint::default();
        let mut head: Vec<Field> = vec![("series", None), ("category", None)];
        head.extend(of_point(&empty));
        csv::headed(&head, rows)
    }
}

impl PictureDocument {
    fn heading(&self) -> Vec<Field> {
        let Picture { title, description, x, y, notes, .. } = &self.picture;
        vec![
            ("of", Some(self.names.iter().map(|name| Value::from(ids::id(name))).collect())),
            ("picture", Some(kind(self.picture.kind()).into())),
            ("title", Some(title.as_str().into())),
            ("description", Some(description.as_str().into())),
            ("x", Some(of_axis(&axis(x.as_ref())))),
            ("y", Some(of_axis(&axis(y.as_ref())))),
            ("notes", Some(notes.iter().map(|note| Value::from(note.as_str())).collect())),
        ]
    }
}

/// The name of a kind, as `--picture` takes it; empty for one that this version does not know.
pub fn kind(kind: PictureKind) -> &'static str {
    match kind {
        PictureKind::Unspecified => "",
        PictureKind::Rate => "rate",
        PictureKind::Right => "right",
        PictureKind::Outcomes => "outcomes",
        PictureKind::Waits => "waits",
        PictureKind::Shares => "shares",
        PictureKind::Rounds => "rounds",
        PictureKind::Ratios => "ratios",
        PictureKind::Heatmap => "heatmap",
        PictureKind::Workers => "workers",
    }
}

fn of_axis(axis: &PictureAxis) -> Value {
    let scale = match axis.scale() {
        PictureScale::Unspecified | PictureScale::Linear => "linear",
        PictureScale::Log => "log",
        PictureScale::Category => "category",
    };
    let categories = axis.categories.iter().map(|name| Value::from(name.as_str())).collect();
    object([
        ("label", Some(axis.label.as_str().into())),
        ("unit", Some(axis.unit.as_str().into())),
        ("scale", Some(scale.into())),
        ("categories", (!axis.categories.is_empty()).then_some(categories)),
        ("dropped_zeros", Some(axis.dropped_zeros.into())),
    ])
}

fn of_series(series: &PictureSeries) -> Value {
    let style = match series.style() {
        PictureStyle::Unspecified | PictureStyle::Points => "points",
        PictureStyle::Line => "line",
        PictureStyle::Bars => "bars",
        PictureStyle::Steps => "steps",
        PictureStyle::Cells => "cells",
    };
    let points = series.points.iter().map(|point| object(of_point(point))).collect();
    object([
        ("name", Some(series.name.as_str().into())),
        ("style", Some(style.into())),
        ("points", Some(points)),
    ])
}

fn of_point(point: &PicturePoint) -> Vec<Field> {
    let PicturePoint { x, y, low, high, count, is_noisy, label } = point;
    vec![
        ("x", Some((*x).into())),
        ("y", Some((*y).into())),
        ("low", low.map(Value::from)),
        ("high", high.map(Value::from)),
        ("observations", count.map(Value::number)),
        ("is_noisy", Some((*is_noisy).into())),
        ("label", (!label.is_empty()).then(|| label.as_str().into())),
    ]
}

fn of_band(band: &PictureBand) -> Value {
    let point = |it: &proto::v1::PictureBandPoint| {
        object([
            ("x", Some(it.x.into())),
            ("low", Some(it.low.into())),
            ("high", Some(it.high.into())),
        ])
    };
    object([
        ("name", Some(band.name.as_str().into())),
        ("points", Some(band.points.iter().map(point).collect())),
    ])
}

fn of_mark(mark: &PictureMark) -> Value {
    object([
        ("label", Some(mark.label.as_str().into())),
        ("x", mark.x.map(Value::from)),
        ("y", mark.y.map(Value::from)),
    ])
}
