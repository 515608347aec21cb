//! Pictures as text and as SVG.

use proto::v1::{Picture, PicturePoint};
use view::render::format::color::Color;
use view::render::format::document::{Document as _, text};
use view::render::picture::document::PictureDocument;
use view::render::picture::svg;
use view::render::picture::text::lines;
use view::render::picture::text::page::{Charset, TextPage};
use view::request::output::Output;

use crate::support::pages::NARROW_PAGE;
use crate::support::pictures::{all, rates, right};

fn drawn(picture: &Picture, width: usize, charset: Charset) -> String {
    let page = TextPage { width, charset, color: Color::Plain };
    let lines = lines(picture, page);
    for line in &lines {
        assert!(line.chars().count() <= width, "{} letters: {line}", line.chars().count());
    }
    lines.join("\n") + "\n"
}

/// All pictures in one snapshot, each under its name.
fn gallery(width: usize, charset: Charset) -> String {
    let one = |(name, picture): (&str, Picture)| {
        format!("-- {name} --\n{}", drawn(&picture, width, charset))
    };
    all().into_iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn pictures_in_unicode_fit_60_columns() {
    insta::assert_snapshot!(gallery(60, Charset::Unicode));
}

#[test]
fn pictures_in_unicode_fit_100_columns() {
    insta::assert_snapshot!(gallery(100, Charset::Unicode));
}

#[test]
fn pictures_in_ascii_fit_60_columns() {
    let gallery = gallery(60, Charset::Ascii);
    assert!(gallery.is_ascii());
    insta::assert_snapshot!(gallery);
}

#[test]
fn pictures_in_ascii_fit_100_columns() {
    let gallery = gallery(100, Charset::Ascii);
    assert!(gallery.is_ascii());
    insta::assert_snapshot!(gallery);
}

#[test]
fn pictures_fit_40_columns() {
    insta::assert_snapshot!(gallery(40, Charset::Unicode));
}

/// Letters tell series apart; colour only points out what is wrong.
#[test]
fn colour_adds_nothing_that_letters_do_not_say() {
    for (name, picture) in all() {
        let page = TextPage { width: 60, charset: Charset::Unicode, color: Color::Ansi };
        let painted = lines(&picture, page).join("\n") + "\n";
        let bare = ["\u{1b}[31m", "\u{1b}[1m", "\u{1b}[0m"];
        let bare = bare.iter().fold(painted, |text, code| text.replace(code, ""));
        assert_eq!(bare, drawn(&picture, 60, Charset::Unicode), "{name}");
    }
}

/// A faulty daemon's numbers: no panic, and no line too long.
#[test]
fn numbers_that_no_lab_sends_are_drawn_without_them() {
    let strange = [f64::NAN, f64::INFINITY, -1.0, 0.0, f64::MIN_POSITIVE, f64::MAX, 1e300];
    for (_, mut picture) in all() {
        for (at, series) in picture.series.iter_mut().enumerate() {
            for value in strange {
                let (low, high) = (Some(-value), Some(value));
                let point =
                    PicturePoint { x: value, y: value, low, high, ..PicturePoint::default() };
                series.points.insert(at.min(series.points.len()), point);
            }
        }
        drawn(&picture, 60, Charset::Ascii);
        svg::drawing(&picture);
        drawn(&Picture { x: None, y: None, ..picture }, 60, Charset::Unicode);
    }
    drawn(&Picture::default(), 60, Charset::Unicode);
    svg::drawing(&Picture::default());
}

#[test]
fn svg_of_every_kind_is_as_recorded() {
    for (name, picture) in all() {
        let drawing = svg::drawing(&picture);
        assert_eq!(drawing, svg::drawing(&picture), "equal pictures give equal bytes");
        insta::assert_snapshot!(format!("svg_{name}"), drawing);
    }
}

/// A path without a space, as the name of an interpreter's cell has it.
#[test]
fn long_names_are_folded() {
    let path = "/opt/interpreters/".repeat(10);
    for (_, mut picture) in all() {
        picture.title.clone_from(&path);
        picture.notes.push(path.clone());
        picture.series.iter_mut().for_each(|series| series.name.clone_from(&path));
        if let Some(x) = &mut picture.x {
            x.categories.iter_mut().for_each(|name| name.clone_from(&path));
        }
        drawn(&picture, 40, Charset::Ascii);
        drawn(&picture, 100, Charset::Unicode);
        let drawing = svg::drawing(&picture);
        assert!(!drawing.contains(&format!("\">{path}</text>")), "no line holds it all");
    }
}

/// For people who cannot see it, and for pages in the dark; names from elsewhere are no markup.
#[test]
fn svg_has_title_description_role_and_both_colours() {
    for (name, picture) in all() {
        let drawing = svg::drawing(&picture);
        for part in [
            "role=\"img\"",
            &format!("<title>{}</title>", picture.title),
            &format!("<desc>{}</desc>", picture.description),
            "prefers-color-scheme:dark",
        ] {
            assert!(drawing.contains(part), "{name} has no {part}");
        }
        assert!(!drawing.contains("<parameters>") && !drawing.contains("<script"), "{name}");
    }
}

/// The places of texts, and of the rectangle of the plot, from the numbers in the drawing.
#[test]
fn texts_of_an_svg_stand_outside_the_plot() {
    let number = |line: &str, name: &str| -> f64 {
        let begin = line.find(&format!(" {name}=\"")).expect("it is there") + name.len() + 3;
        let rest = &line[begin..];
        rest[..rest.find('"').expect("an end")].parse().expect("a number")
    };
    for (name, picture) in
        all().into_iter().filter(|(_, it)| it.x.as_ref().is_some_and(|x| x.categories.is_empty()))
    {
        let drawing = svg::drawing(&picture);
        let axes: Vec<&str> =
            drawing.lines().filter(|line| line.starts_with("<line class=\"axis\"")).collect();
        let left = axes.iter().map(|line| number(line, "x1")).fold(f64::MAX, f64::min);
        let top = axes.iter().map(|line| number(line, "y1")).fold(f64::MAX, f64::min);
        let bottom = number(axes.last().expect("axes"), "y2");
        for text in drawing.lines().filter(|line| line.starts_with("<text")) {
            let (x, y) = (number(text, "x"), number(text, "y"));
            let is_right_of = if text.contains("\"end\"") { x < left } else { x < left - 1.0 };
            assert!(is_right_of || y < top || y > bottom, "{name}: {text} lies in the plot");
        }
    }
}

#[test]
fn document_has_every_number_of_the_picture() {
    let of = |picture| PictureDocument {
        names: vec!["sweeps/06a1f0zzzz9k3v7q2m8x4abcde".into()],
        picture,
        charset: Charset::Ascii,
    };
    let document = of(right());
    let json = text(&document, Output::Json, NARROW_PAGE);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["picture"], "right");
    assert_eq!(json["x"]["categories"][1], "unlocked (lost updates)");
    assert_eq!(json["series"][0]["points"][1]["y"], 48.0);
    assert_eq!(json["series"][0]["points"][1]["low"], 38.5);
    let csv = text(&document, Output::Csv, NARROW_PAGE);
    assert!(csv.starts_with("series,category,x,y,low,high,observations,is_noisy,label\n"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    assert_eq!(of(rates()).records().len(), 1 + 4 + 15 + 4);
    let markdown = text(&document, Output::Markdown, NARROW_PAGE);
    assert!(markdown.starts_with("```text\nShare that is right\n"), "{markdown}");
}
