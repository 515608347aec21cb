//! A trace as a space-time diagram in SVG: time runs down, a lifeline a worker and one for the
//! counter. The same trace is the same bytes: no font is measured, no clock and no randomness is
//! asked.

mod builder;

use proto::v1::Trace;

use crate::render::explore::narrative;
use crate::render::explore::segments::{Part, Play, Segment, SegmentKind, WriteFate};
use crate::render::explore::svg::builder::{LineStyle, SvgBuilder, TextStyle};
use crate::render::format::page::Extent;
use crate::render::format::wrap::wrapped;

/// Most rows that are drawn; what is between the first and the last of them is left out.
pub const ROWS_MAX: usize = 200;
const ROW_HEIGHT: usize = 36;
const WORKER_WIDTH: usize = 270;
/// Room for the numbers of moves, left of the first lifeline.
const LEFT: usize = 110;
/// Room for the counter's values, right of its lifeline.
const RIGHT: usize = 110;
const MARGIN: usize = 20;
const LINE_HEIGHT: usize = 22;
const TITLE_LINE_HEIGHT: usize = 28;
/// About as wide as a letter is, at most: text is wrapped by it, and nothing else depends on it.
const LETTER_WIDTH: usize = 9;
const TITLE_LETTER_WIDTH: usize = 12;
/// How far left of its lifeline a stale read's path runs.
const DETOUR: usize = 18;

/// The diagram of a trace under a title.
pub fn diagram(title: &str, trace: &Trace) -> String {
    Diagram::new(title, trace).draw()
}

/// Rows and where they are.
struct Diagram<'a> {
    trace: &'a Trace,
    play: Play,
    title: String,
    title_lines: Vec<String>,
    width: usize,
    /// Scenes of the beginning and of the end that are drawn.
    shown: (usize, usize),
}

impl<'a> Diagram<'a> {
    fn new(title: &str, trace: &'a Trace) -> Self {
        let play = Play::new(trace);
        let (value, expected) = (trace.value, trace.expected);
        let title = format!("{title}: the counter ends at {value} of {expected}");
        let width = LEFT + play.workers.max(1) * WORKER_WIDTH + RIGHT;
        let title_lines = wrapped(&title, (width - 2 * MARGIN) / TITLE_LETTER_WIDTH);
        let shown = play.scenes.len().min(ROWS_MAX);
        let shown = (shown.div_ceil(2), shown / 2);
        Self { trace, play, title, title_lines, width, shown }
    }

    fn draw(&self) -> String {
        let notes = self.notes();
        let legend_top = self.bottom() + ROW_HEIGHT;
        let height = legend_top + (LEGEND.len() + notes.len() + 2) * LINE_HEIGHT;
        let mut pen = SvgBuilder::new(self.width, height, &self.title);
        for (line, text) in self.title_lines.iter().enumerate() {
            pen.text(MARGIN, MARGIN + 16 + line * TITLE_LINE_HEIGHT, TextStyle::Title, text);
        }
        self.lifelines(&mut pen);
        for (at, scene) in self.play.scenes.iter().enumerate() {
            if self.is_shown(at) {
                self.scene(&mut pen, at, scene);
            }
        }
        self.gap(&mut pen);
        legend(&mut pen, legend_top);
        for (line, text) in (LEGEND.len() + 1..).zip(&notes) {
            pen.text(MARGIN, legend_top + line * LINE_HEIGHT, TextStyle::Plain, text);
        }
        pen.finish()
    }

    fn hidden(&self) -> usize {
        self.play.scenes.len() - self.shown.0 - self.shown.1
    }

    fn is_shown(&self, at: usize) -> bool {
        at < self.shown.0 || at >= self.play.scenes.len() - self.shown.1
    }

    /// The height of the start; scenes follow below.
    fn top(&self) -> usize {
        MARGIN + self.title_lines.len() * TITLE_LINE_HEIGHT + 2 * LINE_HEIGHT + ROW_HEIGHT
    }

    /// The height of a scene; all that are left out are at one height.
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
        let last = self.play.scenes.len().saturating_sub(1);
        self.y(last) + ROW_HEIGHT / 2
    }

    /// Workers without a place, if there could be any, are drawn at the last.
    fn x(&self, worker: usize) -> usize {
        LEFT + worker.min(self.play.workers.saturating_sub(1)) * WORKER_WIDTH
    }

    fn counter_x(&self) -> usize {
        LEFT + self.play.workers.max(1) * WORKER_WIDTH
    }

    fn lifelines(&self, pen: &mut SvgBuilder) {
        let (top, bottom) = (self.top(), self.bottom());
        for worker in 0..self.play.workers {
            pen.line((self.x(worker), top - 20), (self.x(worker), bottom), LineStyle::Lifeline);
            pen.text(self.x(worker), top - 28, TextStyle::Head, &format!("T{worker}"));
        }
        pen.line((self.counter_x(), top - 20), (self.counter_x(), bottom), LineStyle::Lifeline);
        pen.text(self.counter_x(), top - 28, TextStyle::Head, "counter");
        pen.text(MARGIN, top - 28, TextStyle::Small, "moves");
        pen.text(MARGIN, top + 5, TextStyle::Small, "start");
        pen.dot(self.counter_x(), top, LineStyle::Plain);
        pen.text(self.counter_x() + 14, top + 5, TextStyle::Plain, "0");
    }

    fn scene(&self, pen: &mut SvgBuilder, at: usize, scene: &Segment) {
        let (x, y, counter_x) = (self.x(scene.worker), self.y(at), self.counter_x());
        pen.text(MARGIN, y + 5, TextStyle::Small, &scene.moves());
        let is_lost = scene.fate == WriteFate::Lost;
        let words = match (scene.part, scene.fate) {
            (_, WriteFate::Lost) => TextStyle::Struck,
            (Part::Bystander, _) => TextStyle::Plain,
            _ => TextStyle::Red,
        };
        let said = if is_lost { scene.what.words() } else { scene.words() };
        // A stale read's arrow comes from above; its words stand below.
        let baseline = match scene.part {
            Part::StaleRead { .. } => y + 17,
            Part::Bystander | Part::LateWrite { .. } => y - 6,
        };
        pen.text(x + 14, baseline, words, &said);
        match (scene.part, scene.what) {
            (Part::StaleRead { source, .. }, _) => {
                let from = source.map_or(self.top(), |source| self.y(source));
                pen.arrow((counter_x, from), (x, y), LineStyle::Red);
            }
            (Part::LateWrite { since }, _) => {
                self.detour(pen, scene.worker, since, y);
                pen.arrow((x, y), (counter_x, y), LineStyle::Red);
            }
            (Part::Bystander, SegmentKind::Reads(_)) => {
                pen.arrow((counter_x, y), (x, y), LineStyle::Plain);
            }
            (
                Part::Bystander,
                SegmentKind::Writes(_) | SegmentKind::Adds(_) | SegmentKind::Increments { .. },
            ) => {
                let stroke = if is_lost { LineStyle::Lost } else { LineStyle::Plain };
                pen.arrow((x, y), (counter_x, y), stroke);
            }
            (Part::Bystander, SegmentKind::Steps(_) | SegmentKind::Other(_)) => {}
        }
        if is_lost {
            pen.cross(counter_x - 26, y);
        }
        pen.dot(x, y, if scene.is_marked() { LineStyle::Red } else { LineStyle::Plain });
        if !matches!(
            scene.what,
            SegmentKind::Reads(_) | SegmentKind::Steps(_) | SegmentKind::Other(_)
        ) {
            pen.dot(counter_x, y, LineStyle::Plain);
            pen.text(counter_x + 14, y + 5, TextStyle::Plain, &scene.counter.to_string());
        }
    }

    /// From a stale read down to the write that goes back to it, beside the lifeline.
    fn detour(&self, pen: &mut SvgBuilder, worker: usize, since: usize, to: usize) {
        let (x, from) = (self.x(worker), self.y(since));
        pen.path(&[(x, from), (x - DETOUR, from), (x - DETOUR, to), (x - 4, to)]);
    }

    fn gap(&self, pen: &mut SvgBuilder) {
        if self.hidden() > 0 {
            let y = self.y(self.shown.0);
            let text = format!("… {} more rows are not drawn …", self.hidden());
            pen.text(LEFT + 14, y + 5, TextStyle::Small, &text);
        }
    }

    /// What was lost, how it ends, and how rows were made, in sentences.
    fn notes(&self) -> Vec<String> {
        let is_folded =
            |scene: &Segment| matches!(scene.what, SegmentKind::Increments { many: 2.., .. });
        let mut notes = narrative::losses(self.trace, Extent::Screenful);
        notes.push(narrative::ending(self.trace));
        if self.play.scenes.iter().any(is_folded) {
            notes.push("Whole increments that nobody interrupts are drawn as one row.".to_owned());
        }
        let most = (self.width - 2 * MARGIN) / LETTER_WIDTH;
        notes.iter().flat_map(|note| wrapped(note, most)).collect()
    }
}

/// What the arrows mean.
const LEGEND: [(LineStyle, &str); 3] = [
    (LineStyle::Plain, "to a worker: it reads; to the counter: it writes, or reads and writes"),
    (LineStyle::Red, "a value that is stale when it is used: its source, its read, the late write"),
    (LineStyle::Lost, "a write that the late one wipes out"),
];

fn legend(pen: &mut SvgBuilder, top: usize) {
    const SAMPLE: usize = 60;
    for (line, (stroke, text)) in LEGEND.into_iter().enumerate() {
        let y = top + line * LINE_HEIGHT;
        pen.arrow((MARGIN, y - 5), (MARGIN + SAMPLE, y - 5), stroke);
        if stroke == LineStyle::Lost {
            pen.cross(MARGIN + SAMPLE / 2, y - 5);
        }
        pen.text(MARGIN + SAMPLE + 14, y, TextStyle::Small, text);
    }
}
