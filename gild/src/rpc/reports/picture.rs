//! The gRPC method that draws stored jobs as data: load, call, answer. Judges nothing.

use proto::v1;
use tonic::Status;

use crate::lab::Lab;
use crate::lab::access::{Access, Caller};
use crate::lab::explorations::StoredOutcomes;
use crate::lab::rounds_cache::StoredRound;
use crate::rpc::records;
use crate::rpc::reports::compare::load;
use crate::rpc::services::Services;
use crate::rpc::status::{damaged, invalid, status};
use crate::store::record::Kind;
use crate::wire::reports::comparison::plain_report;
use crate::wire::reports::picture::{
    LoadedRound, exploration_figures, sweep_figures, wire_picture,
};
use crate::wire::reports::picture_request;
use crate::wire::reports::picture_request::PictureRequest;
use engine::picture::choose;
use engine::picture::data::{Picture, PictureKind, RefusedPicture};
use engine::picture::figures::{RoundFigure, SweepFigures};
use engine::picture::kinds::{exploration, ratios};

impl Services {
    /// See the service.
    pub(crate) async fn picture(
        &self,
        request: v1::GetPictureRequest,
        caller: Caller,
    ) -> Result<v1::GetPictureResponse, Status> {
        let asked = picture_request::asked(request).map_err(invalid)?;
        let lab = self.lab.clone();
        // Never closed.
        let _permit = self.permits.calculations.acquire().await;
        let drawn = tokio::task::spawn_blocking(move || draw(&lab, &caller, &asked));
        let picture = drawn.await.map_err(|panic| Status::internal(panic.to_string()))??;
        Ok(v1::GetPictureResponse { picture: Some(wire_picture(picture)) })
    }
}

fn draw(lab: &Lab, caller: &Caller, asked: &PictureRequest) -> Result<Picture, Status> {
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

fn of_sweep(
    lab: &Lab,
    caller: &Caller,
    id: &str,
    asked: &PictureRequest,
) -> Result<Picture, Status> {
    let loaded = load(lab, caller, id)?;
    let record = lab.authorized(caller, Access::Read, Kind::Sweep, id).map_err(status)?;
    let mut figures = chosen(sweep_figures(&loaded, &[]), asked)?;
    if choose::needs_rounds(asked.kind, &figures) {
        let rounds = lab.rounds(&record).map_err(status)?;
        let rounds: Vec<LoadedRound> = rounds.iter().map(round).collect();
        figures = chosen(sweep_figures(&loaded, &rounds), asked)?;
    }
    choose::picture(asked.kind, &figures).map_err(|refused| invalid(refused.into()))
}

fn chosen(figures: SweepFigures, asked: &PictureRequest) -> Result<SweepFigures, Status> {
    match &asked.cell {
        Some(cell) => choose::only(figures, cell).map_err(invalid),
        None => Ok(figures),
    }
}

fn round(stored: &StoredRound) -> LoadedRound {
    let StoredRound { cell, turn, rate, ref finals, is_noisy } = *stored;
    let attempts = finals.iter().map(|(_, attempts)| attempts).sum();
    let figure = RoundFigure { turn, rate, attempts, is_noisy };
    LoadedRound { cell, figure, finals: finals.clone() }
}

/// The ratios of several sweeps; of a named cell those of that cell of the first.
fn of_sweeps(
    lab: &Lab,
    caller: &Caller,
    ids: &[String],
    asked: &PictureRequest,
) -> Result<Picture, Status> {
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
