//! Answers of the lab to single requests: pictures, and jobs that are to be cancelled.

use proto::v1::{GetPictureRequest, PictureKind, SweepState};
use tokio::sync::{mpsc, watch};

use crate::client::failures::{from_status, no_exploration, no_sweep};
use crate::client::lab::Lab;
use crate::error::Failure;
use crate::ids::Kind;
use crate::tui::event::Event;
use crate::tui::feed::sending::send;

/// Asks for the picture of the job that was named last, until it is dropped. A picture of another job that
/// is still being drawn is given up.
pub(super) async fn draw(
    lab: &Lab,
    events: &mpsc::Sender<Event>,
    mut asked: watch::Receiver<Option<String>>,
) {
    while asked.changed().await.is_ok() {
        let Some(name) = asked.borrow_and_update().clone() else { continue };
        let kind = PictureKind::Unspecified.into();
        let request = GetPictureRequest { names: vec![name.clone()], kind, cell: None };
        tokio::select! {
            drawn = lab.picture(request) => {
                let answer = drawn.map(Box::new).map_err(|why| why.reason().to_owned());
                send(events, Event::Drawn { name, answer }).await;
            }
            changed = asked.changed() => {
                if changed.is_ok() {
                    asked.mark_changed();
                }
            }
        }
    }
}

/// Cancels job after job, until it is dropped.
pub(super) async fn cancel(
    lab: &Lab,
    events: &mpsc::Sender<Event>,
    mut asked: mpsc::Receiver<String>,
) {
    while let Some(name) = asked.recv().await {
        let answer = cancelled(lab, &name).await.map_err(|why| why.reason().to_owned());
        send(events, Event::Cancelled { name, answer }).await;
    }
}

async fn cancelled(lab: &Lab, name: &str) -> Result<SweepState, Failure> {
    Ok(match Kind::of(name) {
        Kind::Sweep => {
            let answer = lab.cancel(name).await.map_err(|status| from_status(&status))?;
            answer.ok_or_else(|| no_sweep("CancelSweep"))?.state()
        }
        Kind::Exploration => {
            let answer = lab.cancel_exploration(name).await;
            let answer = answer.map_err(|status| from_status(&status))?;
            answer.ok_or_else(|| no_exploration("CancelExploration"))?.state()
        }
    })
}
