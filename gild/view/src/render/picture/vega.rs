//! A picture as a specification of Vega-Lite 5, which notebooks and web pages draw.

use proto::v1::{
    Picture, PictureAxis, PictureMark, PicturePoint, PictureScale, PictureSeries, PictureStyle,
};
use serde_json::{Map, Value, json};

use crate::render::picture::layout::{axis, category};
use crate::render::picture::shades::is_heatmap;

/// Colours of the least and the greatest number of a heat map.
const SHADES: [&str; 2] = ["#ffffff", "#e69050"];

const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v5.json";

/// The specification, of one layer for each series, one for the intervals and one for each mark; all
/// points are its data.
pub fn specification(picture: &Picture) -> String {
    let (x, y) = (axis(picture.x.as_ref()), axis(picture.y.as_ref()));
    let layers = if is_heatmap(picture) {
        rectangles(picture, &x, &y)
    } else {
        let place = json!({ "x": channel(&x, "x"), "y": channel(&y, "y") });
        let series = picture.series.iter().map(|series| layer(series, &x, &place));
        let marks = picture.marks.iter().map(|mark| rule(mark, &place));
        series.chain([intervals(&x, &place)]).chain(marks).collect()
    };
    let points = picture
        .series
        .iter()
        .flat_map(|series| series.points.iter().map(|point| datum(&x, &series.name, point)));
    let specification = json!({
        "$schema": SCHEMA,
        "title": picture.title,
        "description": picture.description,
        "usermeta": { "notes": picture.notes },
        "width": 640,
        "height": 360,
        "data": { "values": points.collect::<Vec<Value>>() },
        "layer": layers,
    });
    format!("{specification:#}\n")
}

/// A point as a row of the data.
fn datum(x: &PictureAxis, series: &str, point: &PicturePoint) -> Value {
    let mut row = Map::new();
    row.insert("series".into(), series.into());
    let category = category(&x.categories, point);
    row.insert("x".into(), category.map_or(point.x.into(), Value::from));
    row.insert("y".into(), point.y.into());
    let known = [("low", point.low.map(Value::from)), ("high", point.high.map(Value::from))];
    let count = ("observations", point.count.map(Value::from));
    let label = ("label", (!point.label.is_empty()).then(|| point.label.as_str().into()));
    for (name, value) in known.into_iter().chain([count, label]) {
        row.extend(value.map(|value| (name.to_owned(), value)));
    }
    row.insert("is_noisy".into(), point.is_noisy.into());
    Value::Object(row)
}

/// An axis as a channel of the encoding.
fn channel(axis: &PictureAxis, field: &str) -> Value {
    let title = match axis.unit.as_str() {
        // Labels of rates say what they are of.
        "" | "1/s" => axis.label.clone(),
        unit => format!("{} in {unit}", axis.label),
    };
    match axis.scale() {
        // In the order of the picture.
        PictureScale::Category => {
            json!({ "field": field, "type": "nominal", "sort": axis.categories, "title": title })
        }
        PictureScale::Log => {
            json!({ "field": field, "type": "quantitative", "title": title,
                    "scale": { "type": "log" } })
        }
        PictureScale::Linear | PictureScale::Unspecified => {
            json!({ "field": field, "type": "quantitative", "title": title })
        }
    }
}

/// The layers of a heat map: the rectangles of each row, and the numbers in them, black on colours that are
/// never dark.
fn rectangles(picture: &Picture, x: &PictureAxis, y: &PictureAxis) -> Vec<Value> {
    let names: Vec<&str> = picture.series.iter().map(|series| series.name.as_str()).collect();
    let rows = json!({ "field": "series", "type": "nominal", "sort": names, "title": null });
    let place = json!({ "x": channel(x, "x"), "y": rows });
    let layer = |series: &PictureSeries| {
        let mut encoding = place.clone();
        encoding["color"] = channel(y, "y");
        encoding["color"]["scale"] = json!({ "range": SHADES, "zero": true });
        json!({
            "transform": [{ "filter": { "field": "series", "equal": series.name } }],
            "mark": "rect",
            "encoding": encoding,
        })
    };
    let mut encoding = place.clone();
    encoding["text"] = json!({ "field": "y", "type": "quantitative", "format": ".3~g" });
    let numbers = json!({ "mark": { "type": "text", "color": "black" }, "encoding": encoding });
    picture.series.iter().map(layer).chain([numbers]).collect()
}

/// The encoding of a layer: the places, and the colour of its series.
fn encoding(x: &PictureAxis, place: &Value) -> Value {
    let mut encoding = place.clone();
    encoding["color"] = json!({ "field": "series", "type": "nominal" });
    if x.scale() == PictureScale::Category {
        encoding["xOffset"] = json!({ "field": "series", "type": "nominal" });
    }
    encoding
}

fn layer(series: &PictureSeries, x: &PictureAxis, place: &Value) -> Value {
    let mark = match series.style() {
        PictureStyle::Line => json!({ "type": "line", "point": is_measured(series) }),
        PictureStyle::Steps => json!({ "type": "line", "interpolate": "step-after" }),
        PictureStyle::Bars => json!({ "type": "bar" }),
        PictureStyle::Points | PictureStyle::Cells | PictureStyle::Unspecified => {
            json!({ "type": "point" })
        }
    };
    let mut encoding = encoding(x, place);
    // Points that others disturbed are pale.
    encoding["opacity"] =
        json!({ "condition": { "test": "datum.is_noisy", "value": 0.5 }, "value": 1 });
    json!({
        "transform": [{ "filter": { "field": "series", "equal": series.name } }],
        "mark": mark,
        "encoding": encoding,
    })
}

/// A fitted curve comes from no observation of its own.
fn is_measured(series: &PictureSeries) -> bool {
    series.points.iter().any(|point| point.count.is_some())
}

fn intervals(x: &PictureAxis, place: &Value) -> Value {
    let mut encoding = encoding(x, place);
    encoding["y"]["field"] = "low".into();
    encoding["y2"] = json!({ "field": "high" });
    json!({
        "transform": [{ "filter": "isValid(datum.low) && isValid(datum.high)" }],
        "mark": { "type": "rule" },
        "encoding": encoding,
    })
}

/// A mark as a line across the picture, or as a point.
fn rule(mark: &PictureMark, place: &Value) -> Value {
    let mut encoding = Map::new();
    for (channel, value) in [("x", mark.x), ("y", mark.y)] {
        if let Some(value) = value {
            let mut at = place[channel].clone();
            if let Some(at) = at.as_object_mut() {
                at.remove("field");
                at.insert("datum".into(), value.into());
            }
            encoding.insert(channel.into(), at);
        }
    }
    let shape = if mark.x.is_some() && mark.y.is_some() { "point" } else { "rule" };
    json!({
        "data": { "values": [{}] },
        "mark": { "type": shape, "strokeDash": [4, 4], "tooltip": mark.label },
        "encoding": encoding,
    })
}
