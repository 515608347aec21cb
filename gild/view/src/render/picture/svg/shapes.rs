//! SVG elements of a picture: lines, marks of points, texts. All text is escaped here, and no script is
//! written. Colours are properties of CSS, so that a page can set its own; there is a set for light and one
//! for dark surroundings.

use std::fmt::Write as _;

use crate::render::format::xml::escaped;

/// The class of the drawing.
const CLASS: &str = "gild-picture";
/// Number of colours; more series begin again, with other shapes.
const COLORS: usize = 8;
/// Number of shapes of points.
const SHAPES: usize = 6;

/// Colours that people with any kind of colour vision tell apart (Okabe and Ito 2008), on white.
const LIGHT: [&str; COLORS] =
    ["#0072b2", "#d55e00", "#007a5a", "#b0457d", "#8a6d00", "#3b7fb0", "#5b4bb0", "#333333"];
/// The same on black.
const DARK: [&str; COLORS] =
    ["#56b4e9", "#ff9a4d", "#3fd0a4", "#f09ac8", "#f0d24a", "#9fd0f5", "#b7a8ff", "#dddddd"];

/// Outlines of the shapes, from the middle on.
const OUTLINES: [&str; SHAPES] = [
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "m-4-4h8v8h-8z",
    "m0-5l5 9h-10z",
    "m0-5l5 5l-5 5l-5-5z",
    "m0 5l5-9h-10z",
    "m-2-5h4v10h-4z",
];

/// A place in pixels, from the upper left.
pub(super) type Spot = (f64, f64);

/// How a text is aligned at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Where a drawing will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// In a file of its own, with all that it needs.
    File,
    /// In a page that has [`style`] once, and the numbers in a table: strokes and marks of one class are
    /// one element, and no mark has a text of its own.
    Page,
}

/// A drawing under construction.
#[derive(Debug)]
pub(super) struct Shapes {
    text: String,
    home: Home,
    /// Strokes and marks that are not written yet, with their class.
    pending: Vec<(String, String)>,
}

impl Shapes {
    /// An empty page with a title and a description.
    pub(super) fn new((width, height): Spot, title: &str, description: &str, home: Home) -> Self {
        let mut shapes = Self { text: String::new(), home, pending: Vec::new() };
        let space = match home {
            Home::File => " xmlns=\"http://www.w3.org/2000/svg\"",
            Home::Page => "",
        };
        shapes.put(format_args!(
            "<svg{space} class=\"{CLASS}\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" font-family=\"sans-serif\" \
             font-size=\"13\">"
        ));
        shapes.put(format_args!("<title>{}</title>", escaped(title)));
        shapes.put(format_args!("<desc>{}</desc>", escaped(description)));
        if home == Home::File {
            shapes.put(format_args!("<style>{}</style>", style()));
        }
        shapes.put(format_args!(
            "<rect class=\"page\" width=\"{width:.0}\" height=\"{height:.0}\"/>"
        ));
        shapes
    }

    /// The drawing.
    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.put(format_args!("</svg>"));
        self.text
    }

    /// A text.
    pub(super) fn text(&mut self, (x, y): Spot, class: &str, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        if self.home == Home::Page {
            let (x, y) = (short(x), short(y));
            // The start is where a text stands anyhow.
            let attribute = match anchor {
                "start" => String::new(),
                anchor => format!(" text-anchor=\"{anchor}\""),
            };
            return self.put(format_args!(
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{attribute}>{text}</text>"
            ));
        }
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// A straight line.
    pub(super) fn line(&mut self, (x1, y1): Spot, (x2, y2): Spot, class: &str) {
        if self.home == Home::Page {
            let (x, y, dx, dy) = (short(x1), short(y1), short(x2 - x1), short(y2 - y1));
            let to = match (dx.as_str(), dy.as_str()) {
                ("0", _) => format!("v{dy}"),
                (_, "0") => format!("h{dx}"),
                _ => format!("l{dx} {dy}"),
            };
            return self.add(class, &format!("M{x} {y}{to}"));
        }
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    /// A line through places.
    pub(super) fn path(&mut self, places: &[Spot], class: &str) {
        self.flush();
        if self.home == Home::Page {
            return self.put(format_args!("<path class=\"{class}\" d=\"{}\"/>", steps(places)));
        }
        let places = joined(places);
        self.put(format_args!("<polyline class=\"{class}\" points=\"{places}\"/>"));
    }

    /// A filled area.
    pub(super) fn area(&mut self, places: &[Spot], class: &str) {
        self.flush();
        if self.home == Home::Page {
            return self.put(format_args!("<path class=\"{class}\" d=\"{}z\"/>", steps(places)));
        }
        let places = joined(places);
        self.put(format_args!("<polygon class=\"{class}\" points=\"{places}\"/>"));
    }

    /// A filled rectangle between two corners.
    pub(super) fn bar(&mut self, one: Spot, other: Spot, class: &str) {
        let (x, y) = (one.0.min(other.0), one.1.min(other.1));
        let (width, height) = ((one.0 - other.0).abs(), (one.1 - other.1).abs());
        if self.home == Home::Page {
            let [x, y, width, height] = [x, y, width, height].map(short);
            return self.put(format_args!(
                "<path class=\"{class}\" d=\"M{x} {y}h{width}v{height}H{x}z\"/>"
            ));
        }
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"/>"
        ));
    }

    /// The mark of a point: each series has its shape; a noisy point is hollow. With a text that shows
    /// under the pointer.
    pub(super) fn mark(&mut self, (x, y): Spot, series: usize, is_noisy: bool, said: &str) {
        let hollow = if is_noisy { " hollow" } else { "" };
        let class = format!("p{}{hollow}", series % COLORS);
        if self.home == Home::Page {
            let outline = OUTLINES[series % SHAPES];
            return self.add(&class, &format!("M{} {}{outline}", short(x), short(y)));
        }
        let at = |dx: f64, dy: f64| format!("{:.1} {:.1}", x + dx, y + dy);
        let shape = match series % SHAPES {
            0 => format!(
                "M{}A4 4 0 1 0 {}A4 4 0 1 0 {}Z",
                at(-4.0, 0.0),
                at(4.0, 0.0),
                at(-4.0, 0.0)
            ),
            1 => {
                format!("M{}L{}L{}L{}Z", at(-4.0, -4.0), at(4.0, -4.0), at(4.0, 4.0), at(-4.0, 4.0))
            }
            2 => format!("M{}L{}L{}Z", at(0.0, -5.0), at(5.0, 4.0), at(-5.0, 4.0)),
            3 => format!("M{}L{}L{}L{}Z", at(0.0, -5.0), at(5.0, 0.0), at(0.0, 5.0), at(-5.0, 0.0)),
            4 => format!("M{}L{}L{}Z", at(0.0, 5.0), at(5.0, -4.0), at(-5.0, -4.0)),
            _ => {
                format!("M{}L{}L{}L{}Z", at(-2.0, -5.0), at(2.0, -5.0), at(2.0, 5.0), at(-2.0, 5.0))
            }
        };
        let said = escaped(said);
        self.put(format_args!(
            "<path class=\"{class}\" d=\"{shape}\"><title>{said}</title></path>"
        ));
    }

    /// Adds to the element of a class.
    fn add(&mut self, class: &str, outline: &str) {
        match self.pending.iter_mut().find(|(of, _)| of == class) {
            Some((_, outlines)) => outlines.push_str(outline),
            None => self.pending.push((class.to_owned(), outline.to_owned())),
        }
    }

    /// Writes what is pending, so that curves that follow are drawn over it.
    fn flush(&mut self) {
        for (class, outlines) in std::mem::take(&mut self.pending) {
            self.put(format_args!("<path class=\"{class}\" d=\"{outlines}\"/>"));
        }
    }

    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// A length in as few letters as tenths of a pixel need.
fn short(length: f64) -> String {
    let text = format!("{length:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// An outline through places in as few letters as steps from each to the next need.
fn steps(places: &[Spot]) -> String {
    let tenths = |length: f64| (length * 10.0).round() / 10.0;
    let (mut text, mut last) = (String::new(), (0.0, 0.0));
    for (at, (x, y)) in places.iter().enumerate() {
        let (x, y) = (tenths(*x), tenths(*y));
        let (dx, dy) = (short(x - last.0), short(y - last.1));
        let letter = if at == 0 { 'M' } else { 'l' };
        let space = if dy.starts_with('-') { "" } else { " " };
        let _ = write!(text, "{letter}{dx}{space}{dy}");
        last = (x, y);
    }
    text
}

/// The class of lines, or of areas and bars, of a series.
pub(super) fn class(kind: &str, series: usize) -> String {
    let dashes = match series / COLORS % 3 {
        0 => "",
        1 => " dashed",
        _ => " dotted",
    };
    format!("{kind}{}{dashes}", series % COLORS)
}

fn joined(places: &[Spot]) -> String {
    let places: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    places.join(" ")
}

/// The style sheet: each colour with its name and, if the page has not set that, its value. All of it is
/// about elements inside the drawing's own class, so that a page around it keeps its style.
pub(super) fn style() -> String {
    let mut light = "--page:#fff;--ink:#1a1a1a;--soft:#595959;--grid:#dddddd".to_owned();
    let mut dark = "--page:#16181c;--ink:#f0f0f0;--soft:#b4b4b4;--grid:#3a3d44".to_owned();
    let mut rules: Vec<(String, String)> = [
        (".page", "fill:var(--page)"),
        ("text", "fill:var(--ink)"),
        (".soft", "fill:var(--soft)"),
        (".title", "font-size:18px;font-weight:bold"),
        (".axis", "stroke:var(--ink);stroke-width:1"),
        (".grid", "stroke:var(--grid);stroke-width:1"),
        (".mark", "stroke:var(--soft);stroke-width:1.5;stroke-dasharray:6 4"),
    ]
    .map(|(of, set)| (of.to_owned(), set.to_owned()))
    .into();
    for at in 0..COLORS {
        let _ = write!(light, ";--s{at}:{}", LIGHT[at]);
        let _ = write!(dark, ";--s{at}:{}", DARK[at]);
        let color = format!("var(--s{at})");
        rules.extend([
            (format!(".l{at}"), format!("stroke:{color};stroke-width:2;fill:none")),
            (format!(".b{at}"), format!("fill:{color};fill-opacity:.3")),
            (format!(".p{at}"), format!("fill:{color};stroke:{color};stroke-width:1.5")),
        ]);
    }
    let after = [
        (".thin", "stroke-width:1"),
        (".h0", "fill:none;stroke:var(--grid)"),
        (".h1", "fill:var(--s1);fill-opacity:.1;stroke:var(--grid)"),
        (".h2", "fill:var(--s1);fill-opacity:.22;stroke:var(--grid)"),
        (".h3", "fill:var(--s1);fill-opacity:.36;stroke:var(--grid)"),
        (".h4", "fill:var(--s1);fill-opacity:.5;stroke:var(--grid)"),
        (".hollow", "fill:var(--page)"),
        (".dashed", "stroke-dasharray:7 4"),
        (".dotted", "stroke-dasharray:2 3"),
    ];
    rules.extend(after.map(|(of, set)| (of.to_owned(), set.to_owned())));
    let rule = |(of, set): &(String, String)| format!(".{CLASS} {of}{{{set}}}");
    let rules = rules.iter().map(rule).collect::<Vec<_>>().concat();
    // Paper is light, whatever the screen is.
    let media = "@media screen and (prefers-color-scheme:dark)";
    format!(".{CLASS}{{{light}}}{media}{{.{CLASS}{{{dark}}}}}{rules}")
}
