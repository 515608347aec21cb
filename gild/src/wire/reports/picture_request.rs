//! Requests for pictures: names of jobs, the kind, the cell.

use proto::v1;
use strategies::program::limit::{LimitError, within};
use strategies::program::sanitize::VALUE_LETTERS_MAX;

use crate::limits::COMPARED_MAX;
use crate::wire::request::{EXPLORATIONS, compared_ids, exploration_id, sweep_id};
use engine::picture::data::PictureKind;

/// A request for a picture whose names and kind are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureRequest {
    /// Ids of one exploration, or of one or several sweeps, each once.
    pub ids: Vec<String>,
    /// Whether the id is of an exploration.
    pub is_exploration: bool,
    /// The kind; `None` for the one that fits.
    pub kind: Option<PictureKind>,
    /// The text that names cells, at most 120 letters.
    pub cell: Option<String>,
}

/// Reads a request.
///
/// # Errors
/// The first field that breaks a limit.
pub fn asked(request: v1::GetPictureRequest) -> Result<PictureRequest, LimitError> {
    let v1::GetPictureRequest { names, kind: wire, cell } = request;
    within("names", names.len(), 1, COMPARED_MAX)?;
    let explored = names.iter().find(|name| name.starts_with(EXPLORATIONS));
    let refuse = |field, value: &str, reason: &str, way_out: &str| {
        let (value, reason) = (value.to_owned(), reason.to_owned());
        Err(LimitError { field, value, reason, way_out: way_out.to_owned().into() })
    };
    if let Some(explored) = explored.filter(|_| names.len() > 1) {
        return refuse("names", explored, "is drawn by itself", "name it alone, or name sweeps");
    }
    if cell.as_ref().is_some_and(|cell| cell.chars().count() > VALUE_LETTERS_MAX) {
        let said = format!("has more than {VALUE_LETTERS_MAX} letters");
        return refuse("cell", "a text", &said, "name a position or a strategy");
    }
    if let Some(cell) = cell.as_deref().filter(|_| explored.is_some()) {
        return refuse("cell", cell, "is of a sweep, and an exploration has none", "leave it out");
    }
    let ids = match (names.as_slice(), explored) {
        ([name], Some(_)) => vec![exploration_id(name)?.to_owned()],
        ([name], None) => vec![sweep_id(name)?.to_owned()],
        (several, _) => compared_ids(several)?,
    };
    Ok(PictureRequest { ids, is_exploration: explored.is_some(), kind: kind(wire)?, cell })
}

/// The kind that a request asks for; `None` for the one that fits.
fn kind(wire: i32) -> Result<Option<PictureKind>, LimitError> {
    use v1::PictureKind as Wire;
    let unknown = || LimitError {
        field: "kind",
        value: wire.to_string(),
        reason: "is no kind of picture that this version knows".into(),
        way_out: format!("choose one from 1 to {}", PictureKind::ALL.len()).into(),
    };
    Ok(match Wire::try_from(wire).map_err(|_| unknown())? {
        Wire::Unspecified => None,
        Wire::Rate => Some(PictureKind::Rate),
        Wire::Right => Some(PictureKind::Right),
        Wire::Outcomes => Some(PictureKind::Outcomes),
        Wire::Waits => Some(PictureKind::Waits),
        Wire::Shares => Some(PictureKind::Shares),
        Wire::Rounds => Some(PictureKind::Rounds),
        Wire::Ratios => Some(PictureKind::Ratios),
        Wire::Heatmap => Some(PictureKind::Heatmap),
        Wire::Workers => Some(PictureKind::Workers),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(names: &[&str], kind: i32, cell: Option<&str>) -> String {
        let names = names.iter().map(ToString::to_string).collect();
        let cell = cell.map(str::to_owned);
        let asked = asked(v1::GetPictureRequest { names, kind, cell });
        asked.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn request_that_no_picture_answers_is_refused() {
        let none = refusal(&[], 0, None);
        assert!(none.starts_with("names: 0 is outside"), "{none}");
        let twice = refusal(&["sweeps/a", "sweeps/a"], 0, None);
        assert!(twice.starts_with("names: sweeps/a comes twice"), "{twice}");
        let mixed = refusal(&["sweeps/a", "explorations/b"], 0, None);
        assert_eq!(
            mixed,
            "names: explorations/b is drawn by itself; name it alone, or name sweeps"
        );
        let cell = refusal(&["explorations/b"], 0, Some("3"));
        assert!(cell.starts_with("cell: 3 is of a sweep, and an exploration has none"), "{cell}");
        let long = refusal(&["sweeps/a"], 0, Some(&"x".repeat(VALUE_LETTERS_MAX + 1)));
        assert!(long.starts_with("cell: a text has more than 120 letters"), "{long}");
        let kind = refusal(&["sweeps/a"], 99, None);
        assert_eq!(
            kind,
            "kind: 99 is no kind of picture that this version knows; choose one from 1 to 9"
        );
        assert_eq!(refusal(&["sweeps/a"], 0, Some("mutex")), "");
    }
}
