//! SVG shapes and texts. All text is escaped here, and no scripts are written.

use std::fmt::Write as _;

use crate::render::format::xml::escaped;

/// A point, from the upper left.
type Point = (usize, usize);

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineStyle {
    /// A lifeline.
    Lifeline,
    /// An ordinary read or write.
    Plain,
    /// A stale value.
    Red,
    /// An overwritten write.
    Lost,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextStyle {
    /// The title.
    Title,
    /// A heading over a lifeline.
    Head,
    /// An ordinary description.
    Plain,
    /// The read or write of a loss.
    Red,
    /// An overwritten write: red and struck through.
    Struck,
    /// Numbers of moves, legends.
    Small,
}

/// A drawing under construction.
#[derive(Debug)]
pub(super) struct SvgBuilder {
    text: String,
}

/// Radius of a dot, and the distance of an arrow head from its lifeline.
const DOT: usize = 4;
const RED: &str = "#b00020";
const BLACK: &str = "#1a1a1a";
const GREY: &str = "#767676";

impl SvgBuilder {
    /// A white page.
    pub(super) fn new(width: usize, height: usize, title: &str) -> Self {
        let mut svg = Self { text: String::new() };
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\">"
        ));
        svg.put(format_args!("<title>{}</title>", escaped(title)));
        svg.put(format_args!("<defs>"));
        for (id, colour) in [("plain", GREY), ("red", RED)] {
            svg.put(format_args!(
                "<marker id=\"{id}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
                 markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
                 <path d=\"M0 0L10 5L0 10Z\" fill=\"{colour}\"/></marker>"
            ));
        }
        svg.put(format_args!("</defs>"));
        svg.put(format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"));
        svg
    }

    /// The drawing.
    pub(super) fn finish(mut self) -> String {
        self.put(format_args!("</svg>"));
        self.text
    }

    /// A text.
    pub(super) fn text(&mut self, x: usize, y: usize, words: TextStyle, text: &str) {
        let set = match words {
            TextStyle::Title => "font-size=\"20\" font-weight=\"bold\" fill=\"#1a1a1a\"",
            TextStyle::Head => {
                "font-size=\"18\" font-weight=\"bold\" text-anchor=\"middle\" fill=\"#1a1a1a\""
            }
            TextStyle::Plain => "font-size=\"16\" fill=\"#1a1a1a\"",
            TextStyle::Red => "font-size=\"16\" font-weight=\"bold\" fill=\"#b00020\"",
            TextStyle::Struck => {
                "font-size=\"16\" fill=\"#b00020\" text-decoration=\"line-through\""
            }
            TextStyle::Small => "font-size=\"15\" fill=\"#595959\"",
        };
        let text = escaped(text);
        self.put(format_args!("<text x=\"{x}\" y=\"{y}\" {set}>{text}</text>"));
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: Point, to: Point, stroke: LineStyle) {
        self.stroke(from, to, stroke, "");
    }

    /// An arrow.
    pub(super) fn arrow(&mut self, from: Point, to: Point, stroke: LineStyle) {
        let head = match stroke {
            LineStyle::Red | LineStyle::Lost => " marker-end=\"url(#red)\"",
            LineStyle::Plain | LineStyle::Lifeline => " marker-end=\"url(#plain)\"",
        };
        let x = if to.0 > from.0 { to.0 - DOT } else { to.0 + DOT };
        self.stroke(from, (x, to.1), stroke, head);
    }

    /// A path of a stale value through these points, with a head.
    pub(super) fn path(&mut self, points: &[Point]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        self.put(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{RED}\" stroke-width=\"3\" \
             marker-end=\"url(#red)\"/>",
            points.join(" ")
        ));
    }

    /// A dot.
    pub(super) fn dot(&mut self, x: usize, y: usize, stroke: LineStyle) {
        let colour = if stroke == LineStyle::Red { RED } else { BLACK };
        self.put(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{DOT}\" fill=\"{colour}\"/>"));
    }

    /// A cross over an overwritten write.
    pub(super) fn cross(&mut self, x: usize, y: usize) {
        const ARM: usize = 7;
        let (left, right, above, below) = (x - ARM, x + ARM, y - ARM, y + ARM);
        self.put(format_args!(
            "<path d=\"M{left} {above}L{right} {below}M{left} {below}L{right} {above}\" \
             stroke=\"{RED}\" stroke-width=\"3\"/>"
        ));
    }

    fn stroke(&mut self, (x1, y1): Point, (x2, y2): Point, stroke: LineStyle, head: &str) {
        let set = match stroke {
            LineStyle::Lifeline => "stroke=\"#1a1a1a\" stroke-width=\"2\"",
            LineStyle::Plain => "stroke=\"#767676\" stroke-width=\"1\"",
            LineStyle::Red => "stroke=\"#b00020\" stroke-width=\"3\"",
            LineStyle::Lost => "stroke=\"#b00020\" stroke-width=\"1\" stroke-dasharray=\"6 4\"",
        };
        self.put(format_args!(
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" {set}{head}/>"
        ));
    }

    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = writeln!(self.text, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_is_escaped() {
        let mut svg = SvgBuilder::new(10, 10, "</title><script>");
        svg.text(1, 2, TextStyle::Plain, "]]><x");
        let svg = svg.finish();
        assert!(!svg.contains("<script") && !svg.contains("<x"), "{svg}");
    }
}
