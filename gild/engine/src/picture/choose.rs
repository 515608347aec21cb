//! Which pictures a sweep can give, which one fits, and the refusal of any other.

use crate::picture::data::{Picture, PictureKind, RefusedPicture};
use crate::picture::figures::{CellFigures, SweepFigures};
use crate::picture::kinds::{heatmap, outcomes, rate, right, rounds, shares, waits, workers};
use crate::picture::names::{names, spellings};
use crate::picture::thin::thinned;
use crate::picture::words::description;
use crate::stats::format::list;
use strategies::program::limit::LimitError;

/// Most cells that an error names.
const NAMED_MAX: usize = 6;

/// The picture of one sweep, of this kind or of the one that fits.
///
/// # Errors
/// A kind that the sweep cannot give.
pub fn picture(kind: Option<PictureKind>, sweep: &SweepFigures) -> Result<Picture, RefusedPicture> {
    let cells: Vec<&CellFigures> = sweep.cells.iter().filter(|cell| cell.is_drawn()).collect();
    let kind = kind.unwrap_or_else(|| fitting(sweep.axes, &cells));
    if let Some(reason) = reason_against(kind, sweep.axes, &cells) {
        let possible = PictureKind::ALL.into_iter();
        let possible =
            possible.filter(|kind| reason_against(*kind, sweep.axes, &cells).is_none()).collect();
        return Err(RefusedPicture { kind, reason: reason.to_owned(), possible });
    }
    let drawn = match kind {
        PictureKind::Rate => rate::picture(sweep.axes, &cells),
        PictureKind::Right => right::picture(sweep.axes, &cells),
        PictureKind::Waits => waits::picture(sweep.axes, &cells),
        PictureKind::Shares => shares::picture(sweep.axes, &cells),
        PictureKind::Rounds => rounds::picture(sweep.axes, &cells),
        PictureKind::Heatmap => heatmap::picture(sweep.axes, &cells),
        PictureKind::Workers => workers::picture(sweep.axes, &cells),
        PictureKind::Outcomes | PictureKind::Ratios => outcomes::picture(sweep.axes, &cells),
    };
    let mut picture = thinned(drawn);
    let count = |is_so: fn(&CellFigures) -> bool| sweep.cells.iter().filter(|it| is_so(it)).count();
    let requesting = count(|cell| cell.is_measured() && cell.only_requests);
    if requesting > 0 {
        let of = if requesting == 1 { "1 cell has" } else { &format!("{requesting} cells have") };
        picture
            .notes
            .push(format!("{of} no worker that increments, and no share in this picture."));
    }
    let unmeasured = count(|cell| !cell.is_measured());
    if unmeasured > 0 {
        picture.notes.push(format!("{unmeasured} cells have no attempt yet and are not drawn."));
    }
    if !sweep.has_ended {
        picture.notes.push("The sweep has not ended: these figures are not final.".into());
    }
    if cells.iter().any(|cell| cell.is_noisy()) {
        let noisy = cells.iter().filter(|cell| cell.is_noisy()).count();
        let cells = if noisy == 1 { "1 cell is".to_owned() } else { format!("{noisy} cells are") };
        picture.notes.push(format!("{cells} noisy: others kept the machine busy."));
    }
    picture.description = description(&picture);
    Ok(picture)
}

/// The sweep with only the cells that a text names: the cell of that position, those with that word in
/// their names, or else those with that text in them.
///
/// # Errors
/// A text that names no cell.
pub fn only(sweep: SweepFigures, text: &str) -> Result<SweepFigures, LimitError> {
    let all: Vec<&CellFigures> = sweep.cells.iter().collect();
    let names = names(sweep.axes, &all, &[]);
    let spelled: Vec<Vec<String>> =
        all.iter().zip(&names).map(|(cell, name)| spellings(cell, name)).collect();
    let wanted = text.trim();
    let has_word = |name: &str| name == wanted || name.split_whitespace().any(|it| it == wanted);
    let has_text = |name: &str| !wanted.is_empty() && name.contains(wanted);
    let those = |is_meant: &dyn Fn(&str) -> bool| {
        let is_meant = |all: &Vec<String>| all.iter().any(|name| is_meant(name));
        spelled.iter().map(is_meant).collect::<Vec<bool>>()
    };
    let by_word = those(&has_word);
    let chosen = match wanted.parse::<usize>() {
        Ok(position) => all.iter().map(|cell| cell.cell == position).collect(),
        Err(_) if by_word.contains(&true) => by_word,
        Err(_) => those(&has_text),
    };
    if !chosen.contains(&true) {
        return Err(LimitError {
            field: "cell",
            value: text.to_owned(),
            reason: format!("names none of the {} cells", names.len()),
            way_out: format!(
                "name a position up to {} or a part of: {}",
                names.len().saturating_sub(1),
                list(&names, NAMED_MAX)
            )
            .into(),
        });
    }
    let mut chosen = chosen.into_iter();
    let cells = sweep.cells.into_iter().filter(|_| chosen.next() == Some(true)).collect();
    Ok(SweepFigures { cells, ..sweep })
}

/// Whether the picture is of single attempts or rounds, which a sweep's figures need not have otherwise.
pub fn needs_rounds(kind: Option<PictureKind>, sweep: &SweepFigures) -> bool {
    let cells: Vec<&CellFigures> = sweep.cells.iter().filter(|cell| cell.is_drawn()).collect();
    let kind = kind.unwrap_or_else(|| fitting(sweep.axes, &cells));
    matches!(kind, PictureKind::Outcomes | PictureKind::Rounds | PictureKind::Heatmap)
}

/// The kind that says most about a sweep.
fn fitting(axes: &[&str], cells: &[&CellFigures]) -> PictureKind {
    let is_wrong = |cell: &&CellFigures| cell.flaw().is_some();
    match cells {
        [only] if is_wrong(only) && only.expected > 0 => PictureKind::Outcomes,
        _ if heatmap::crosses_eras_and_bodies(axes, cells) => PictureKind::Heatmap,
        [first, ..] if differ(first, cells) => PictureKind::Right,
        _ => PictureKind::Rate,
    }
}

/// Whether the share that is right is not the same in all cells.
fn differ(first: &CellFigures, cells: &[&CellFigures]) -> bool {
    let is_other = |cell: &&CellFigures| {
        cell.right.share.fraction.total_cmp(&first.right.share.fraction).is_ne()
    };
    cells.iter().any(is_other)
}

/// Why these cells cannot give a kind of picture; `None` if they can.
fn reason_against(
    kind: PictureKind,
    axes: &[&str],
    cells: &[&CellFigures],
) -> Option<&'static str> {
    if cells.is_empty() {
        return Some("nothing is measured yet, or no worker increments");
    }
    let any = |has: fn(&CellFigures) -> bool| cells.iter().any(|cell| has(cell));
    let (is_possible, reason) = match kind {
        PictureKind::Rate => (any(|cell| cell.rate.0 > 0.0), "no cell has a rate above 0"),
        PictureKind::Right => (true, ""),
        PictureKind::Outcomes => (
            any(|cell| cell.expected > 0),
            "a time or requests end its attempts, whose final values differ by their length alone",
        ),
        PictureKind::Heatmap => (
            heatmap::has_columns(axes, cells),
            "its columns are bodies, and all cells have the same",
        ),
        PictureKind::Ratios => (false, "ratios are between sweeps, and this is one"),
        PictureKind::Waits => (any(|cell| cell.waits.count > 0), "no wait was timed"),
        PictureKind::Workers => (
            any(workers::has_shares),
            "no cell with several workers has ended, or an earlier version measured it, which kept no share of each",
        ),
        PictureKind::Shares => (any(|cell| cell.workers > 1), "each cell has one worker"),
        PictureKind::Rounds => (any(|cell| !cell.round_rates.is_empty()), "no round is kept"),
    };
    (!is_possible).then_some(reason)
}

#[cfg(test)]
#[path = "tests/choose.rs"]
mod tests;
