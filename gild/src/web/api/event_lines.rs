//! Lines of NDJSON that the events of a log make, as gilctl prints them.

use prost::Message as _;
use proto::v1;
use view::follow::cursor::FollowError;
use view::follow::exploration_log::ExplorationLog;
use view::follow::sweep_log::SweepLog;
use view::render::explore::record;
use view::render::format::color::Color;
use view::render::format::page::Width;
use view::render::sweep::columns::Columns;
use view::render::sweep::json::Turns;
use view::render::sweep::printer::Printer;
use view::render::sweep::table::Style;
use view::request::output::Output;

/// An event that cannot be read, or that does not follow the one before it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    #[error("a stored event cannot be decoded: {0}")]
    Undecodable(#[from] prost::DecodeError),
    #[error(transparent)]
    OutOfOrder(#[from] FollowError),
    #[error("a line cannot be written: {0}")]
    Unwritable(#[from] std::io::Error),
}

/// The lines of one job.
pub(crate) trait Lines: Send {
    /// Cells whose state is kept meanwhile; an exploration is as one.
    fn cells(&self) -> usize;
    /// The lines before any event.
    fn opening(&mut self) -> Vec<String>;
    /// The lines that the next event makes, from its stored bytes.
    fn on_event(&mut self, body: &[u8]) -> Result<Vec<String>, LineError>;
}

/// The lines of a sweep, with its turns.
pub(crate) struct SweepLines {
    log: SweepLog,
    printer: Printer<Vec<u8>>,
}

impl SweepLines {
    /// Before the first event of that sweep.
    pub(crate) fn new(sweep: v1::Sweep) -> Self {
        let style = Style { color: Color::Plain, width: Width::Any, columns: Columns::Usual };
        let mut lines = Self {
            log: SweepLog::new(sweep, 0),
            printer: Printer::new(Vec::new(), Output::Ndjson, Turns::Shown, style),
        };
        // Writing to memory does not fail.
        let _ = lines.printer.open(lines.log.view());
        lines
    }
}

impl Lines for SweepLines {
    fn cells(&self) -> usize {
        self.log.view().rows.len()
    }

    fn opening(&mut self) -> Vec<String> {
        taken(&mut self.printer)
    }

    fn on_event(&mut self, body: &[u8]) -> Result<Vec<String>, LineError> {
        // Where the opening was not asked for it is left out.
        taken(&mut self.printer);
        let change = self.log.apply(v1::SweepEvent::decode(body)?)?;
        self.printer.change(self.log.view(), change)?;
        Ok(taken(&mut self.printer))
    }
}

fn taken(printer: &mut Printer<Vec<u8>>) -> Vec<String> {
    let bytes = std::mem::take(printer.out());
    String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
}

/// The lines of an exploration.
pub(crate) struct ExplorationLines(pub(crate) ExplorationLog);

impl Lines for ExplorationLines {
    fn cells(&self) -> usize {
        1
    }

    fn opening(&mut self) -> Vec<String> {
        vec![record::opening(self.0.view()).line()]
    }

    fn on_event(&mut self, body: &[u8]) -> Result<Vec<String>, LineError> {
        let change = self.0.apply(v1::ExplorationEvent::decode(body)?)?;
        Ok(vec![record::on_event(self.0.view(), change).line()])
    }
}
