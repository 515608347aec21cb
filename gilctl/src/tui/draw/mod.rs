//! Drawing of the state onto a screen of any size. Pure; no line is wider than the screen.

pub mod bars;
mod help;
pub mod job;
pub mod list;
pub mod look;
pub mod painted;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::tui::draw::list::ListKind;
use crate::tui::draw::look::Look;
use crate::tui::draw::painted::{Room, put};
use crate::tui::state::{Pane, State};
use view::render::format::color::Color;

/// Least columns of a screen.
pub const COLUMNS_MIN: u16 = 40;
/// Least rows.
pub const ROWS_MIN: u16 = 8;
/// Columns from which a job's table and its picture stand side by side.
const COLUMNS_OF_TWO: u16 = 160;
/// Columns between them.
const GAP: u16 = 2;
/// Rows of the screen for one line about the lab.
const ROWS_OF_LAB_LINE: u16 = 10;
/// Rows of the screen for each row of the list.
const ROWS_OF_LIST_LINE: u16 = 3;
/// Least rows of the list, its heading among them.
const LIST_ROWS_MIN: u16 = 3;

/// A drawn screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    /// Its characters.
    pub buffer: Buffer,
    /// Lines by which what it shows of a job can be scrolled.
    pub scroll_most: usize,
}

/// Draws the state onto a screen of this size.
pub fn draw(state: &State, look: &Look, size: (u16, u16)) -> Canvas {
    let (columns, rows) = size;
    let area = Rect::new(0, 0, columns, rows);
    let mut pen = Pen { buffer: Buffer::empty(area), look, scroll_most: 0 };
    if columns < COLUMNS_MIN || rows < ROWS_MIN {
        let line = format!("needs {COLUMNS_MIN}x{ROWS_MIN}, has {columns}x{rows}");
        pen.line(area, &line, Style::new());
    } else {
        pen.screen(state, area);
    }
    Canvas { buffer: pen.buffer, scroll_most: pen.scroll_most }
}

/// Draws lines from the top of an area to its bottom.
struct Pen<'a> {
    buffer: Buffer,
    look: &'a Look,
    scroll_most: usize,
}

impl Pen<'_> {
    fn screen(&mut self, state: &State, area: Rect) {
        let columns = usize::from(area.width);
        let (body, last) = split_bottom(area);
        let body = self.bar(body, &bars::title(state, self.look));
        if state.shows_help() {
            self.lines(body, &help::lines(self.look, columns));
        } else {
            let body = if state.pane() == Pane::Jobs { self.jobs(state, body, area) } else { body };
            self.job(state, body);
        }
        let style = if state.asked().is_some() { self.loud() } else { Style::new() };
        self.line(last, &bars::status(state, columns), style);
    }

    /// The lab, the jobs and the line below them; what is left of the area.
    fn jobs(&mut self, state: &State, body: Rect, screen: Rect) -> Rect {
        let columns = usize::from(body.width);
        let mut lab = bars::lab(state, columns);
        lab.truncate(usize::from(screen.height / ROWS_OF_LAB_LINE));
        let body = self.lines(body, &lab);
        let lines = list::lines(state, columns);
        let rows = usize::from((screen.height / ROWS_OF_LIST_LINE).max(LIST_ROWS_MIN));
        let mut body = body;
        for line in list::window(&lines, rows.min(usize::from(body.height))) {
            let style = match line.kind {
                ListKind::Heading => self.heading(),
                ListKind::Job => Style::new(),
                ListKind::Selected => self.loud(),
            };
            body = self.next_line(body, &line.text, style);
        }
        self.next_line(body, &bars::rule(state, columns), Style::new())
    }

    /// The selected job, scrolled; its picture below, or at its right where there is room.
    fn job(&mut self, state: &State, area: Rect) {
        let side_by_side = area.width >= COLUMNS_OF_TWO;
        let half = (area.width.saturating_sub(GAP)) / 2;
        let width = if side_by_side { half } else { area.width };
        let mut left = job::lines(state, self.look, width.into());
        let picture = job::picture(state, self.look, width.into());
        let mut right = Vec::new();
        if side_by_side {
            right = picture;
        } else if !picture.is_empty() {
            left.push(String::new());
            left.extend(picture);
        }
        let lines = left.len().max(right.len());
        self.scroll_most = lines.saturating_sub(area.height.into());
        let from = state.scroll().min(self.scroll_most);
        let rest = |lines: &[String]| lines.get(from..).unwrap_or_default().to_vec();
        self.lines(Rect { width, ..area }, &rest(&left));
        if side_by_side {
            let x = area.x + half + GAP;
            self.lines(Rect { x, width: half, ..area }, &rest(&right));
        }
    }

    /// A line in the style of the title; the area below it.
    fn bar(&mut self, area: Rect, line: &str) -> Rect {
        let style = self.loud();
        let padding = usize::from(area.width).saturating_sub(line.chars().count());
        self.next_line(area, &format!("{line}{:padding$}", ""), style)
    }

    /// As many lines as fit; the area below them.
    fn lines(&mut self, mut area: Rect, lines: &[String]) -> Rect {
        for line in lines {
            area = self.next_line(area, line, Style::new());
        }
        area
    }

    fn next_line(&mut self, area: Rect, line: &str, style: Style) -> Rect {
        self.line(area, line, style);
        let y = area.y.saturating_add(1).min(area.bottom());
        Rect { y, height: area.height.saturating_sub(1), ..area }
    }

    /// A line at the top of an area.
    fn line(&mut self, area: Rect, line: &str, style: Style) {
        if area.height > 0 {
            let room = Room { x: area.x, y: area.y, width: area.width };
            put(&mut self.buffer, room, line, style, self.look);
        }
    }

    fn heading(&self) -> Style {
        self.with(Modifier::BOLD)
    }

    fn loud(&self) -> Style {
        self.with(Modifier::REVERSED)
    }

    /// A style with this modifier; without colours text alone.
    fn with(&self, modifier: Modifier) -> Style {
        match self.look.color {
            Color::Ansi => Style::new().add_modifier(modifier),
            Color::Plain => Style::new(),
        }
    }
}

/// All but the last row, and the last row.
fn split_bottom(area: Rect) -> (Rect, Rect) {
    let height = area.height.saturating_sub(1);
    let last = Rect { y: area.y + height, height: area.height.min(1), ..area };
    (Rect { height, ..area }, last)
}
