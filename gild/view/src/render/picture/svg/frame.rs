//! Sizes of the drawing, and the frame of the plot on the page.

use proto::v1::PicturePoint;

use crate::render::picture::numbers::value;
use crate::render::picture::svg::shapes::{Shapes, Spot};

/// Width of the page in pixels.
pub(super) const WIDTH: f64 = 860.0;
pub(super) const MARGIN: f64 = 20.0;
/// Height of a line of text, and of one of the title.
pub(super) const LINE: f64 = 19.0;
pub(super) const TITLE_LINE: f64 = 26.0;
/// Greatest width of a letter, used only for room and for wrapping.
pub(super) const LETTER: f64 = 7.6;
pub(super) const TITLE_LETTER: f64 = 11.0;
/// Where the plot stands on the page, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn x(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }

    pub(super) fn y(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }
}

/// Letters that have room in a width.
pub(super) fn letters(width: f64, letter: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small")]
    let letters = (width / letter) as usize;
    letters.max(8)
}

pub(super) fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// What a point says under the pointer.
pub(super) fn said(name: &str, unit: &str, point: &PicturePoint) -> String {
    let noisy = if point.is_noisy { ", noisy" } else { "" };
    format!("{name}: {}{noisy}", value(unit, point))
}

/// The interval of a point as a line with ends, from one place to another.
pub(super) fn interval(shapes: &mut Shapes, ends: [Spot; 2], across: Spot, class: &str) {
    shapes.line(ends[0], ends[1], class);
    for (x, y) in ends {
        shapes.line((x - across.0, y - across.1), (x + across.0, y + across.1), class);
    }
}
