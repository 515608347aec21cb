//! Table of outcomes with a row per value. Every figure is the daemon's.

use proto::v1::Outcome;
use strategies::model::ratio::grouped;

use crate::follow::exploration_log::ExplorationView;
use crate::render::format::color::Emphasis;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::quantity::{probability, rounded};
use crate::render::format::wrap::sentence;
use crate::render::sweep::axis::NOT_APPLICABLE;

/// Most rows without `-v`.
pub const ROWS_MAX: usize = 40;
/// Columns of a bar, at most and at least; with less room there is none.
const BAR: (usize, usize) = (24, 10);
/// A part of a bar.
const FULL: &str = "█";

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutcomeColumn {
    Value,
    Count,
    RoundedCount,
    Probability,
    Preemptions,
    Fraction,
    Witness,
}

impl OutcomeColumn {
    /// The columns; [`OutcomeColumn::RoundedCount`] only replaces a count that is too wide.
    const ALL: [Self; 6] = [
        Self::Value,
        Self::Count,
        Self::Probability,
        Self::Preemptions,
        Self::Fraction,
        Self::Witness,
    ];

    fn heading(self) -> (&'static str, Align) {
        match self {
            Self::Value => ("VALUE", Align::Right),
            Self::Count => ("EXACT COUNT", Align::Right),
            Self::RoundedCount => ("COUNT", Align::Right),
            Self::Probability => ("PROBABILITY", Align::Right),
            Self::Preemptions => ("FEWEST\nPREEMPTIONS", Align::Right),
            Self::Fraction => ("EXACTLY", Align::Right),
            Self::Witness => ("WITNESS", Align::Left),
        }
    }

    /// The text for an outcome; absent where it does not apply.
    fn text(self, outcome: &Outcome) -> Option<String> {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        match self {
            Self::Value => Some(outcome.value.to_string()),
            Self::Count => some(&outcome.count).map(|digits| grouped(&digits)),
            Self::RoundedCount => some(&outcome.count).map(|digits| rounded(&digits)),
            Self::Probability => is_counted(outcome)
                .then(|| probability(outcome.probability, outcome.probability_log10)),
            Self::Preemptions => outcome.fewest_preemptions.map(|fewest| fewest.to_string()),
            Self::Fraction => some(&outcome.numerator)
                .map(|top| format!("{}/{}", grouped(&top), grouped(&outcome.denominator))),
            Self::Witness => some(&outcome.witness),
        }
    }
}

/// Whether how likely a value is was computed: a closed form says only that it can come out.
pub fn is_counted(outcome: &Outcome) -> bool {
    !outcome.count.is_empty() || outcome.probability > 0.0
}

/// The table, and notes on omitted rows and columns.
pub fn table(view: &ExplorationView, page: Page) -> Vec<String> {
    let outcomes = &view.exploration.outcomes;
    let shown = match page.extent {
        Extent::Screenful => &outcomes[..outcomes.len().min(ROWS_MAX)],
        Extent::Everything => &outcomes[..],
    };
    let mut columns = applicable(outcomes);
    let squeezed = match (page.width, page.extent) {
        (Width::Most(most), Extent::Screenful) => squeeze(shown, &mut columns, most),
        _ => Vec::new(),
    };
    let mut lines = with_bars(set(shown, &columns), shown, page).fitted(page.width, page.color);
    let more = outcomes.len() - shown.len();
    if more > 0 {
        let omitted = format!("({more} more of {} values; -v shows all)", outcomes.len());
        lines.extend(sentence(&omitted, page.width));
    }
    if !squeezed.is_empty() {
        let omitted = format!("(too wide for: {}; -v shows all)", squeezed.join(", "));
        lines.extend(sentence(&omitted, page.width));
    }
    lines
}

/// The table with a bar for each probability, where there is room: the full one is the likeliest value
/// of the rows.
fn with_bars(grid: Grid, shown: &[Outcome], page: Page) -> Grid {
    let (most, least) = BAR;
    let room = page.width.most().saturating_sub(grid.width() + grid.gap()).min(most);
    let likeliest = shown.iter().map(|outcome| outcome.probability).fold(0.0, f64::max);
    if shown.len() < 2 || room < least || likeliest <= 0.0 {
        return grid;
    }
    let bar = |outcome: &Outcome| {
        // A share of at most 1 of a few columns.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 24")]
        let columns = (outcome.probability / likeliest * room as f64).round() as usize;
        FULL.repeat(columns.min(room))
    };
    grid.with_column("OF THE\nLIKELIEST", Align::Left, shown.iter().map(bar))
}

/// Omits or shortens columns until the table fits; returns their names.
fn squeeze(shown: &[Outcome], columns: &mut Vec<OutcomeColumn>, most: usize) -> Vec<&'static str> {
    let steps = [
        (OutcomeColumn::Witness, None, "WITNESS"),
        (OutcomeColumn::Count, Some(OutcomeColumn::RoundedCount), "every digit of the counts"),
        (OutcomeColumn::Fraction, None, "EXACTLY"),
    ];
    let mut squeezed = Vec::new();
    for (column, instead, name) in steps {
        let Some(at) = columns.iter().position(|it| *it == column) else { continue };
        if set(shown, columns).width() <= most {
            break;
        }
        columns.splice(at..=at, instead);
        squeezed.push(name);
    }
    squeezed
}

/// The table in Markdown, all of it.
pub fn markdown(view: &ExplorationView) -> String {
    let outcomes = &view.exploration.outcomes;
    set(outcomes, &applicable(outcomes)).markdown()
}

/// Columns that apply to some outcome.
fn applicable(outcomes: &[Outcome]) -> Vec<OutcomeColumn> {
    let says = |column: &OutcomeColumn| outcomes.iter().any(|it| column.text(it).is_some());
    OutcomeColumn::ALL.into_iter().filter(says).collect()
}

fn set(outcomes: &[Outcome], columns: &[OutcomeColumn]) -> Grid {
    let mut grid = Grid::new(columns.iter().map(|column| column.heading()));
    for outcome in outcomes {
        let text =
            |column: &OutcomeColumn| column.text(outcome).unwrap_or(NOT_APPLICABLE.to_owned());
        grid.push(columns.iter().map(text), Emphasis::None);
    }
    grid
}
