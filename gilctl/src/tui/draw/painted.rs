//! Painted lines: text of the renderers, with their colours, onto the screen. What a terminal would obey is
//! spelled out.

use ratatui::buffer::Buffer;
use ratatui::style::{Color as Ink, Modifier, Style};
use strategies::program::sanitize::shown;

use crate::output::screen::ascii;
use crate::tui::draw::look::Look;
use view::render::format::color::{Color, Emphasis};
use view::render::picture::text::page::Charset;

/// The emphases that lines are painted with.
const EMPHASES: [Emphasis; 3] = [Emphasis::Heading, Emphasis::Lost, Emphasis::Broken];

/// Where a line begins, and how wide it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Column of its first character.
    pub x: u16,
    /// Its row.
    pub y: u16,
    /// Its columns.
    pub width: u16,
}

/// Draws a line; what does not fit is left out.
pub fn put(buffer: &mut Buffer, room: Room, line: &str, base: Style, look: &Look) {
    let end = room.x.saturating_add(room.width);
    let mut x = room.x;
    for (style, text) in pieces(line) {
        let text = if text.is_empty() { continue } else { shown(text, usize::MAX) };
        let text = match look.charset {
            Charset::Ascii => ascii(&text),
            Charset::Unicode => text.into_owned(),
        };
        let left = usize::from(end.saturating_sub(x));
        (x, _) = buffer.set_stringn(x, room.y, text, left, base.patch(style));
    }
}

/// The parts of a painted line, each with its style.
fn pieces(line: &str) -> Vec<(Style, &str)> {
    let codes = EMPHASES.map(|emphasis| {
        let painted = Color::Ansi.paint(emphasis, "");
        let (begin, end) = painted.split_at(painted.rfind('\u{1b}').unwrap_or_default());
        (style(emphasis), begin.to_owned(), end.to_owned())
    });
    let mut found = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let begins = codes.iter().filter_map(|code| Some((rest.find(&code.1)?, code)));
        let Some((at, (style, begin, end))) = begins.min_by_key(|(at, _)| *at) else { break };
        let after = &rest[at + begin.len()..];
        let length = after.find(end.as_str()).unwrap_or(after.len());
        found.push((Style::new(), &rest[..at]));
        found.push((*style, &after[..length]));
        rest = after.get(length + end.len()..).unwrap_or_default();
    }
    found.push((Style::new(), rest));
    found
}

/// The same emphasis as that of lines on stdout.
fn style(emphasis: Emphasis) -> Style {
    match emphasis {
        Emphasis::None => Style::new(),
        Emphasis::Heading => Style::new().add_modifier(Modifier::BOLD),
        Emphasis::Lost => Style::new().fg(Ink::Red),
        Emphasis::Broken => Style::new().fg(Ink::White).bg(Ink::Red).add_modifier(Modifier::BOLD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emphasis_of_a_part_ends_with_it() {
        let line = format!("a {} b", Color::Ansi.paint(Emphasis::Lost, "red"));
        let texts: Vec<&str> = pieces(&line).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["a ", "red", " b"]);
        assert_eq!(pieces(&line)[1].0, style(Emphasis::Lost));
        assert_eq!(pieces("plain"), [(Style::new(), "plain")]);
        assert_eq!(pieces("\u{1b}[1munended")[1].1, "unended");
    }
}
