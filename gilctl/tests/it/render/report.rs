//! Reports as HTML and Markdown.

use std::path::Path;

use proto::v1::{Cell, Picture, PicturePoint, SweepState};
use view::render::report::content::{Compared, Report, SweepSection};
use view::render::report::{html, markdown};

use crate::support::comparisons::{compared, different};
use crate::support::markup::{tags, texts};
use crate::support::pictures;
use crate::support::sweeps::{broken_measurements, comparison, view_of};

const HOSTILE: &str = "<script>alert('&amp;')</script> & \"quoted\" \u{1b}";

fn drawn() -> Vec<Picture> {
    let of_sweeps = |(name, _): &(&str, Picture)| !["ratios", "explored"].contains(name);
    pictures::all().into_iter().filter(of_sweeps).map(|(_, picture)| picture).collect()
}

fn section() -> SweepSection {
    let view = view_of(comparison(), broken_measurements(), SweepState::Succeeded);
    SweepSection::new(&view, drawn())
}

fn several() -> Report {
    let comparison = Compared::new(&compared(), Some(pictures::ratios()));
    Report::new(Some(comparison), vec![section(), section()])
}

/// Levels of the headings, from top to bottom.
fn levels(page: &str) -> Vec<u32> {
    let level = |name: &str| name.strip_prefix('h').and_then(|level| level.parse().ok());
    tags(page).iter().filter_map(|tag| level(&tag.name)).collect()
}

#[test]
fn page_is_well_formed_and_asks_no_network() {
    for report in [Report::new(None, vec![section()]), several()] {
        let page = html::page(&report);
        let tags = tags(&page);
        for forbidden in ["http:", "https:", "<script", "url(", "@import", " src=", " href="] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        let root = tags.iter().find(|tag| tag.name == "html").expect("a root");
        assert_eq!(root.attributes, "lang=\"en\"");
        // Without ids none can be there twice.
        assert!(tags.iter().all(|tag| !tag.attributes.contains("id=\"")));
        assert_eq!(texts(&page, "h1"), [report.title.as_str()]);
        assert_eq!(texts(&page, "title")[0], report.title);
        let levels = levels(&page);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        assert!(page.contains("prefers-color-scheme:dark") && page.contains("@media print"));
    }
}

#[test]
fn each_picture_is_a_figure_with_caption_title_description_and_numbers() {
    let page = html::page(&several());
    let count = |name: &str| tags(&page).iter().filter(|tag| tag.name == name).count();
    let pictures = 1 + 2 * drawn().len();
    for name in ["figure", "figcaption", "svg", "desc", "details"] {
        assert_eq!(count(name), pictures, "{name}");
    }
    // The page's own title is the other one; single marks have none.
    assert_eq!(count("title"), pictures + 1);
    let page_with_one = html::page(&Report::new(None, vec![section()]));
    let place = |text: &str| page_with_one.find(text).unwrap_or_else(|| panic!("{text}"));
    let order =
        ["class=\"verdict\"", ">Figures<", ">Pictures<", ">Notes<", ">How it was measured<"];
    assert!(order.map(place).is_sorted());
}

#[test]
fn texts_of_others_are_escaped_everywhere() {
    let mut sweep = comparison();
    sweep.cells[1] = Cell { strategy: HOSTILE.into(), ..sweep.cells[1].clone() };
    sweep.skipped[0].reason = HOSTILE.into();
    sweep.machine.as_mut().expect("a machine").cpu_model = HOSTILE.into();
    let mut view = view_of(sweep, broken_measurements(), SweepState::Succeeded);
    view.verdict = HOSTILE.into();
    view.notes = vec![HOSTILE.into(), "an odd ` is text".into()];
    let mut picture = pictures::rates();
    picture.title = HOSTILE.into();
    picture.series[0].name = HOSTILE.into();
    let report = Report::new(None, vec![SweepSection::new(&view, vec![picture])]);
    let page = html::page(&report);
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    let shown = HOSTILE.replace('\u{1b}', "\u{fffd}");
    assert_eq!(texts(&page, "p")[0], shown);
    assert!(texts(&page, "td").contains(&shown));
    assert!(texts(&page, "li").iter().any(|it| it == "an odd ` is text"));
    let (text, _) = markdown::page(&report, Path::new("report"));
    assert!(!text.replace("\\<script", "").contains("<script"), "{text}");
}

#[test]
fn markdown_names_its_drawings() {
    let (text, drawings) = markdown::page(&Report::new(None, vec![section()]), Path::new("a b"));
    let suffixes: Vec<&str> = drawings.iter().map(|it| it.suffix.as_str()).collect();
    assert_eq!(suffixes, ["rate", "right", "outcomes", "waits", "shares", "rounds", "heatmap"]);
    for drawing in &drawings {
        assert!(text.contains(&format!("](a%20b-{}.svg)", drawing.suffix)), "{text}");
        assert!(drawing.svg.starts_with("<svg xmlns="));
    }
    let (text, drawings) = markdown::page(&several(), Path::new("both"));
    assert_eq!(drawings[0].suffix, "ratios");
    assert_eq!(drawings[1].suffix, "4abcde-rate");
    assert!(text.starts_with("# Comparison of 2 sweeps\n\n"), "{text}");
}

#[test]
fn sweeps_that_are_not_comparable_are_reported_with_what_differs() {
    let report = Report::new(Some(Compared::new(&different(), None)), vec![section(), section()]);
    let page = html::page(&report);
    assert!(texts(&page, "th").contains(&"FIELD".to_owned()), "{page}");
    assert_eq!(texts(&page, "h2").len(), 3);
}

#[test]
fn what_limits_leave_out_is_said() {
    let mut picture = pictures::rounds();
    let point = |x: f64| PicturePoint { x, y: x + 1.0, count: Some(1), ..PicturePoint::default() };
    picture.series[0].points = (0..4_800_u32).map(|x| point(x.into())).collect();
    picture.series[0].name = "a long name of a series ".repeat(4);
    let mut long = pictures::right();
    let names = (0..4_000).map(|at| format!("cell number {at} of very many"));
    long.x.as_mut().expect("an axis").categories = names.collect();
    long.series.truncate(1);
    long.series[0].points = (0..4_000_u32).map(|x| point(x.into())).collect();
    let view = view_of(comparison(), broken_measurements(), SweepState::Succeeded);
    let page = html::page(&Report::new(None, vec![SweepSection::new(&view, vec![picture, long])]));
    assert!(page.contains("The first 128 of 4800 points; <code>gilctl plot 4abcde"), "{page}");
    assert!(page.contains("The drawing is left out: it has "), "{page}");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn very_many_cells_are_cut_to_what_a_page_has() {
    let mut sweep = comparison();
    let cell = sweep.cells[1].clone();
    sweep.cells =
        (0..5_000).map(|at| Cell { cell: at, workers: at % 64, ..cell.clone() }).collect();
    let measurements = vec![broken_measurements()[1].clone(); 5_000];
    let view = view_of(sweep, measurements, SweepState::Succeeded);
    let page = html::page(&Report::new(None, vec![SweepSection::new(&view, Vec::new())]));
    let said = "The first 1000 of 5000 rows; <code>gilctl show 4abcde --output csv</code> has all.";
    assert!(page.contains(said));
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
