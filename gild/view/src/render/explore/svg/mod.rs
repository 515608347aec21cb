//! Space-time diagram of a trace in SVG: time runs down, with a lifeline per worker and one for the
//! counter. Equal traces give equal bytes: no fonts are measured, and no clock or randomness is
//! used.

mod builder;

use proto::v1::Trace;

use crate::render::explore::narrative;
use crate::render::explore::svg::builder::{LineStyle, SvgBuilder, TextStyle};
use crate::render::explore::trace::instructions::MoveInstructions;
use crate::render::explore::trace::segments::{
    Role, Segment, SegmentKind, SegmentedTrace, WriteOutcome,
};
use crate::render::format::page::Extent;
use crate::render::format::wrap::wrapped;

/// Most rows that are drawn; further rows in the middle are omitted.
pub const ROWS_MAX: usize = 200;
const ROW_HEIGHT: usize = 36;
const WORKER_WIDTH: usize = 270;
/// Room for the numbers of moves, left of the first lifeline.
const LEFT: usize = 110;
/// Room for the counter's values, right of its lifeline.
const RIGHT: usize = 110;
/// Room for the holder of a GIL and the instructions, right of the counter's values.
const HOLDER: usize = 60;
const INSTRUCTION: usize = 340;
const MARGIN: usize = 20;
const LINE_HEIGHT: usize = 22;
const TITLE_LINE_HEIGHT: usize = 28;
/// Approximate greatest width of a letter, used only for wrapping.
const LETTER_WIDTH: usize = 9;
const TITLE_LETTER_WIDTH: usize = 12;
/// Distance of a stale read's path from its lifeline.
const DETOUR: usize = 18;

/// The diagram of a trace under a title.
pub fn diagram(title: &str, trace: &Trace) -> String {
    SvgDiagram::new(title, trace).draw()
}

/// Rows and their positions.
struct SvgDiagram<'a> {
    trace: &'a Trace,
    segmented: SegmentedTrace,
    instructions: MoveInstructions,
    title: String,
    title_lines: Vec<String>,
    width: usize,
    /// The numbers of segments drawn at the beginning and at the end.
    shown: (usize, usize),
}

impl<'a> SvgDiagram<'a> {
    fn new(title: &str, trace: &'a Trace) -> Self {
        let segmented = SegmentedTrace::new(trace);
        let (value, expected) = (trace.value, trace.expected);
        let title = format!("{title}: the counter ends at {value} of {expected}");
        let instructions = MoveInstructions::of(trace);
        let beside = if instructions.is_empty() { 0 } else { HOLDER + INSTRUCTION };
        let width = LEFT + segmented.workers.max(1) * WORKER_WIDTH + RIGHT + beside;
        let title_lines = wrapped(&title, (width - 2 * MARGIN) / TITLE_LETTER_WIDTH);
        let shown = segmented.segments.len().min(ROWS_MAX);
        let shown = (shown.div_ceil(2), shown / 2);
        Self { trace, segmented, instructions, title, title_lines, width, shown }
    }

    fn draw(&self) -> String {
        let notes = self.notes();
        let legend_top = self.bottom() + ROW_HEIGHT;
        let height = legend_top + (LEGEND.len() + notes.len() + 2) * LINE_HEIGHT;
        let mut svg = SvgBuilder::new(self.width, height, &self.title);
        for (line, text) in self.title_lines.iter().enumerate() {
            svg.text(MARGIN, MARGIN + 16 + line * TITLE_LINE_HEIGHT, TextStyle::Title, text);
        }
        self.lifelines(&mut svg);
        for (at, segment) in self.segmented.segments.iter().enumerate() {
            if self.is_shown(at) {
                self.segment(&mut svg, at, segment);
            }
        }
        self.gap(&mut svg);
        legend(&mut svg, legend_top);
        for (line, text) in (LEGEND.len() + 1..).zip(&notes) {
            svg.text(MARGIN, legend_top + line * LINE_HEIGHT, TextStyle::Plain, text);
        }
        svg.finish()
    }

    fn hidden(&self) -> usize {
        self.segmented.segments.len() - self.shown.0 - self.shown.1
    }

    fn is_shown(&self, at: usize) -> bool {
        at < self.shown.0 || at >= self.segmented.segments.len() - self.shown.1
    }

    /// The y coordinate of the start; segments follow below.
    fn top(&self) -> usize {
        MARGIN + self.title_lines.len() * TITLE_LINE_HEIGHT + 2 * LINE_HEIGHT + ROW_HEIGHT
    }

    /// The y coordinate of a segment; omitted segments share one.
    fn y(&self, at: usize) -> usize {
        let row = if at < self.shown.0 {
            at
        } else if self.is_shown(at) {
            at - self.hidden() + usize::from(self.hidden() > 0)
        } else {
            self.shown.0
        };
        self.top() + (row + 1) * ROW_HEIGHT
    }

    fn bottom(&self) -> usize {
        let last = self.segmented.segments.len().saturating_sub(1);
        self.y(last) + ROW_HEIGHT / 2
    }

    /// The x coordinate of a worker; a worker outside the diagram is drawn at the last.
    fn x(&self, worker: usize) -> usize {
        LEFT + worker.min(self.segmented.workers.saturating_sub(1)) * WORKER_WIDTH
    }

    fn counter_x(&self) -> usize {
        LEFT + self.segmented.workers.max(1) * WORKER_WIDTH
    }

    /// The x coordinate of the names of holders.
    fn holder_x(&self) -> usize {
        self.counter_x() + RIGHT
    }

    fn lifelines(&self, svg: &mut SvgBuilder) {
        let (top, bottom) = (self.top(), self.bottom());
        for worker in 0..self.segmented.workers {
            svg.line((self.x(worker), top - 20), (self.x(worker), bottom), LineStyle::Lifeline);
            svg.text(self.x(worker), top - 28, TextStyle::Head, &format!("T{worker}"));
        }
        svg.line((self.counter_x(), top - 20), (self.counter_x(), bottom), LineStyle::Lifeline);
        svg.text(self.counter_x(), top - 28, TextStyle::Head, "counter");
        if !self.instructions.is_empty() {
            svg.text(self.holder_x(), top - 28, TextStyle::Small, "GIL");
            svg.text(self.holder_x() + HOLDER, top - 28, TextStyle::Small, "instruction");
        }
        svg.text(MARGIN, top - 28, TextStyle::Small, "moves");
        svg.text(MARGIN, top + 5, TextStyle::Small, "start");
        svg.dot(self.counter_x(), top, LineStyle::Plain);
        svg.text(self.counter_x() + 14, top + 5, TextStyle::Plain, "0");
    }

    fn segment(&self, svg: &mut SvgBuilder, at: usize, segment: &Segment) {
        let (x, y, counter_x) = (self.x(segment.worker), self.y(at), self.counter_x());
        svg.text(MARGIN, y + 5, TextStyle::Small, &segment.moves());
        if !self.instructions.is_empty() {
            let holder = format!("T{}", segment.worker);
            svg.text(self.holder_x(), y + 5, TextStyle::Small, &holder);
            let words = self.instructions.words(&segment.events);
            svg.text(self.holder_x() + HOLDER, y + 5, TextStyle::Small, &words);
        }
        let is_lost = segment.outcome == WriteOutcome::Lost;
        let words = match (segment.role, segment.outcome) {
            (_, WriteOutcome::Lost) => TextStyle::Struck,
            (Role::Bystander, _) => TextStyle::Plain,
            _ => TextStyle::Red,
        };
        let said = if is_lost { segment.kind.words() } else { segment.words() };
        // The arrow of a stale read comes from above, so its text is placed below.
        let baseline = match segment.role {
            Role::StaleRead { .. } => y + 17,
            Role::Bystander | Role::LateWrite { .. } => y - 6,
        };
        svg.text(x + 14, baseline, words, &said);
        match (segment.role, segment.kind) {
            (Role::StaleRead { source, .. }, _) => {
                let from = source.map_or(self.top(), |source| self.y(source));
                svg.arrow((counter_x, from), (x, y), LineStyle::Red);
            }
            (Role::LateWrite { since }, _) => {
                self.detour(svg, segment.worker, since, y);
                svg.arrow((x, y), (counter_x, y), LineStyle::Red);
            }
            (Role::Bystander, SegmentKind::Reads(_)) => {
                svg.arrow((counter_x, y), (x, y), LineStyle::Plain);
            }
            (
                Role::Bystander,
                SegmentKind::Writes(_) | SegmentKind::Adds(_) | SegmentKind::Increments { .. },
            ) => {
                let stroke = if is_lost { LineStyle::Lost } else { LineStyle::Plain };
                svg.arrow((x, y), (counter_x, y), stroke);
            }
            (Role::Bystander, SegmentKind::Steps(_) | SegmentKind::Other(_)) => {}
        }
        if is_lost {
            svg.cross(counter_x - 26, y);
        }
        svg.dot(x, y, if segment.is_marked() { LineStyle::Red } else { LineStyle::Plain });
        if !matches!(
            segment.kind,
            SegmentKind::Reads(_) | SegmentKind::Steps(_) | SegmentKind::Other(_)
        ) {
            svg.dot(counter_x, y, LineStyle::Plain);
            svg.text(counter_x + 14, y + 5, TextStyle::Plain, &segment.counter.to_string());
        }
    }

    /// The path from a stale read down to its late write, beside the lifeline.
    fn detour(&self, svg: &mut SvgBuilder, worker: usize, since: usize, to: usize) {
        let (x, from) = (self.x(worker), self.y(since));
        svg.path(&[(x, from), (x - DETOUR, from), (x - DETOUR, to), (x - 4, to)]);
    }

    fn gap(&self, svg: &mut SvgBuilder) {
        if self.hidden() > 0 {
            let y = self.y(self.shown.0);
            let text = format!("… {} more rows are not drawn …", self.hidden());
            svg.text(LEFT + 14, y + 5, TextStyle::Small, &text);
        }
    }

    /// Sentences about the losses, the end, and combined rows.
    fn notes(&self) -> Vec<String> {
        let is_folded =
            |segment: &Segment| matches!(segment.kind, SegmentKind::Increments { many: 2.., .. });
        let mut notes = narrative::losses(self.trace, Extent::Screenful);
        notes.push(narrative::ending(self.trace));
        if self.segmented.segments.iter().any(is_folded) {
            notes.push("Uninterrupted whole increments are drawn as one row.".to_owned());
        }
        let most = (self.width - 2 * MARGIN) / LETTER_WIDTH;
        notes.iter().flat_map(|note| wrapped(note, most)).collect()
    }
}

/// The legend of the arrows.
const LEGEND: [(LineStyle, &str); 3] = [
    (LineStyle::Plain, "to a worker: it reads; to the counter: it writes, or reads and writes"),
    (LineStyle::Red, "a value that is stale when it is used: its source, its read, the late write"),
    (LineStyle::Lost, "a write that the late one wipes out"),
];

fn legend(svg: &mut SvgBuilder, top: usize) {
    const SAMPLE: usize = 60;
    for (line, (stroke, text)) in LEGEND.into_iter().enumerate() {
        let y = top + line * LINE_HEIGHT;
        svg.arrow((MARGIN, y - 5), (MARGIN + SAMPLE, y - 5), stroke);
        if stroke == LineStyle::Lost {
            svg.cross(MARGIN + SAMPLE / 2, y - 5);
        }
        svg.text(MARGIN + SAMPLE + 14, y, TextStyle::Small, text);
    }
}
