//! The gRPC method that draws stored jobs as data: load, call, answer. Judges nothing.

use proto::v1;
use strategies::program::limit::{LimitError, within};
use strategies::program::sanitize::VALUE_LETTERS_MAX;
use tonic::Status;

use crate::lab::Lab;
use crate::lab::access::{Access, Caller};
use crate::lab::explorations::StoredOutcomes;
use crate::lab::rounds::StoredRound;
use crate::limits::COMPARED_MAX;
use crate::rpc::records;
use crate::rpc::reports::compare;
use crate::rpc::reports::compare::load;
use crate::rpc::services::Services;
use crate::rpc::status::{damaged, invalid, status};
use crate::store::record::Kind;
use crate::wire::reports::comparison::plain_report;
use crate::wire::reports::picture::{
    LoadedRound, exploration_figures, kind, sweep_figures, wire_picture,
};
use crate::wire::request::{EXPLORATIONS, exploration_id, sweep_id};
use engine::picture::choose;
use engine::picture::data::{Picture, PictureKind, RefusedPicture};
use engine::picture::figures::{RoundFigure, SweepFigures};
use engine::picture::kinds::{exploration, ratios};

/// What a request asks for.
struct Asked {
    ids: Vec<String>,
    is_exploration: bool,
    kind: Option<PictureKind>,
    cell: Option<String>,
}

impl Services {
    /// See the service.
    pub(crate) async fn picture(
        &self,
        request: v1::GetPictureRequest,
        caller: Caller,
    ) -> Result<v1::GetPictureResponse, Status> {
        let asked = asked(request).map_err(invalid)?;
        let lab = self.lab.clone();
        // Never closed.
        let _permit = self.permits.calculations.acquire().await;
        let drawn = tokio::task::spawn_blocking(move || draw(&lab, &caller, &asked));
        let picture = drawn.await.map_err(|panic| Status::internal(panic.to_string()))??;
        Ok(v1::GetPictureResponse { picture: Some(wire_picture(picture)) })
    }
}

fn asked(request: v1::GetPictureRequest) -> Result<Asked, LimitError> {
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
        (several, _) => compare::ids(several)?,
    };
    Ok(Asked { ids, is_exploration: explored.is_some(), kind: kind(wire)?, cell })
}

fn draw(lab: &Lab, caller: &Caller, asked: &Asked) -> Result<Picture, Status> {
    match asked.ids.as_slice() {
        [id] if asked.is_exploration => of_exploration(lab, caller, id, asked.kind),
        [id] => of_sweep(lab, caller, id, asked),
        ids => of_sweeps(lab, caller, ids, asked),
    }
}

fn of_exploration(
    lab: &Lab,
    caller: &Caller,
    id: &str,
    kind: Option<PictureKind>,
) -> Result<Picture, Status> {
    let record = lab.authorized(caller, Access::Read, Kind::Exploration, id).map_err(status)?;
    let StoredOutcomes { outcomes, ended } = lab.outcomes(&record).map_err(status)?;
    let one = records::exploration(&record, &outcomes, ended.as_deref()).map_err(damaged)?;
    exploration::picture(kind, &exploration_figures(&one)).map_err(|it| invalid(it.into()))
}

fn of_sweep(lab: &Lab, caller: &Caller, id: &str, asked: &Asked) -> Result<Picture, Status> {
    let loaded = load(lab, caller, id)?;
    let record = lab.authorized(caller, Access::Read, Kind::Sweep, id).map_err(status)?;
    let mut figures = chosen(sweep_figures(&loaded, &[]), asked)?;
    if choose::needs_rounds(asked.kind, &figures) {
        let rounds = lab.rounds(&record).map_err(status)?;
        let rounds: Vec<LoadedRound> = rounds.into_iter().map(round).collect();
        figures = chosen(sweep_figures(&loaded, &rounds), asked)?;
    }
    choose::picture(asked.kind, &figures).map_err(|refused| invalid(refused.into()))
}

fn chosen(figures: SweepFigures, asked: &Asked) -> Result<SweepFigures, Status> {
    match &asked.cell {
        Some(cell) => choose::only(figures, cell).map_err(invalid),
        None => Ok(figures),
    }
}

fn round(stored: StoredRound) -> LoadedRound {
    let StoredRound { cell, turn, rate, finals, is_noisy } = stored;
    let figure = RoundFigure { turn, rate, attempts: finals.len() as u64, is_noisy };
    LoadedRound { cell, figure, finals }
}

/// The ratios of several sweeps; of a named cell those of that cell of the first.
fn of_sweeps(lab: &Lab, caller: &Caller, ids: &[String], asked: &Asked) -> Result<Picture, Status> {
    if let Some(kind) = asked.kind.filter(|kind| *kind != PictureKind::Ratios) {
        let reason = "several sweeps have their ratios in one picture, and nothing else".to_owned();
        let refused = RefusedPicture { kind, reason, possible: vec![PictureKind::Ratios] };
        return Err(invalid(refused.into()));
    }
    let loaded = ids.iter().map(|id| load(lab, caller, id)).collect::<Result<Vec<_>, _>>()?;
    let mut report = plain_report(&loaded).map_err(|reason| {
        let way_out = "`gilctl compare` names what differs";
        Status::failed_precondition(format!("{reason} {way_out}"))
    })?;
    let figures: Vec<SweepFigures> = loaded.iter().map(|one| sweep_figures(one, &[])).collect();
    if let Some(cell) = &asked.cell {
        let named = choose::only(figures[0].clone(), cell).map_err(invalid)?;
        report.pairs.retain(|pair| named.cells.iter().any(|cell| cell.cell == pair.first));
        if report.pairs.is_empty() {
            let message = format!("cell {cell} has no counterpart in another sweep; leave it out");
            return Err(Status::failed_precondition(message));
        }
    }
    Ok(ratios::picture(&report, &figures))
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
            "kind: 99 is no kind of picture that this version knows; choose one from 1 to 7"
        );
        assert_eq!(refusal(&["sweeps/a"], 0, Some("mutex")), "");
    }
}
