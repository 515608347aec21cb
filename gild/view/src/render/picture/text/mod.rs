//! The pen for terminals: characters in lines of a given width. Each series has a letter, so that no colour
//! is needed.

mod canvas;
mod heatmap;
mod legend;
mod numbered;
pub mod page;
mod rows;

use proto::v1::Picture;

use crate::render::format::color::Emphasis;
use crate::render::format::wrap::wrapped;
use crate::render::picture::layout::is_in_rows;
use crate::render::picture::shades::is_heatmap;
use crate::render::picture::text::page::{TextPage, WIDTH_MAX, WIDTH_MIN};

/// The lines of a picture.
pub fn lines(picture: &Picture, page: TextPage) -> Vec<String> {
    let width = page.width.clamp(WIDTH_MIN, WIDTH_MAX);
    let page = TextPage { width, ..page };
    let title = wrapped(&picture.title, width);
    let mut lines: Vec<String> =
        title.iter().map(|line| page.color.paint(Emphasis::Heading, line)).collect();
    lines.push(String::new());
    if is_heatmap(picture) {
        lines.extend(heatmap::lines(picture, page));
    } else if is_in_rows(picture) {
        lines.extend(rows::lines(picture, page));
    } else {
        lines.extend(numbered::lines(picture, page));
    }
    lines.extend(legend::lines(picture, page));
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}
