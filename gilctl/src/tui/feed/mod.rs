//! Feed of the live terminal: calls and streams of the lab, turned into events. Each goes on by itself, so
//! that a picture that takes long holds nothing up.

mod answers;
mod jobs;
mod sending;
mod stream;

use tokio::sync::{mpsc, watch};

use crate::client::lab::Lab;
use crate::tui::event::{Effect, Event};

/// Events that may wait for the screen; more wait in the daemon.
const EVENTS_MAX: usize = 256;
/// Jobs that may wait to be cancelled.
const CANCELS_MAX: usize = 16;

/// Passes what the state asks for to the feed.
#[derive(Debug)]
pub struct Requests {
    follow: watch::Sender<Option<String>>,
    draw: watch::Sender<Option<String>>,
    cancel: mpsc::Sender<String>,
}

/// What the feed is asked for, and where its events go.
#[derive(Debug)]
pub struct Feed {
    events: mpsc::Sender<Event>,
    follow: watch::Receiver<Option<String>>,
    draw: watch::Receiver<Option<String>>,
    cancel: mpsc::Receiver<String>,
}

/// A feed, what it is asked through, and what its events come out of.
pub fn connected() -> (Feed, Requests, mpsc::Receiver<Event>) {
    let (events, arriving) = mpsc::channel(EVENTS_MAX);
    let (follow, followed) = watch::channel(None);
    let (draw, drawn) = watch::channel(None);
    let (cancel, cancelled) = mpsc::channel(CANCELS_MAX);
    let feed = Feed { events, follow: followed, draw: drawn, cancel: cancelled };
    (feed, Requests { follow, draw, cancel }, arriving)
}

impl Requests {
    /// Asks for what an effect names; other effects are not the feed's. The newest job that is to be
    /// followed or drawn counts, and more cancels than can wait are left out.
    pub fn pass(&self, effect: &Effect) {
        match effect {
            Effect::Follow(name) => drop(self.follow.send_replace(Some(name.clone()))),
            Effect::Draw(name) => drop(self.draw.send_replace(Some(name.clone()))),
            Effect::Cancel(name) => drop(self.cancel.try_send(name.clone())),
            Effect::Suspend | Effect::Quit => {}
        }
    }
}

impl Feed {
    /// Calls the lab until it is dropped.
    pub async fn run(self, lab: &Lab) {
        let Self { events, follow, draw, cancel } = self;
        tokio::join!(
            jobs::list(lab, &events),
            stream::follow(lab, &events, follow),
            answers::draw(lab, &events, draw),
            answers::cancel(lab, &events, cancel),
        );
    }
}
