//! List of the jobs and state of the lab, asked for again and again.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::client::backoff::Backoff;
use crate::client::lab::Lab;
use crate::error::Failure;
use crate::output::clock::now_ns;
use crate::tui::event::{Event, Link};
use crate::tui::feed::sending::{broken, send};
use crate::tui::state::order::JOBS_MAX;
use view::listed::Jobs;

/// Time between an answer and the next question.
const INTERVAL: Duration = Duration::from_secs(1);

/// Lists until it is dropped.
pub(super) async fn list(lab: &Lab, events: &mpsc::Sender<Event>) {
    let mut backoff = Backoff::default();
    loop {
        let wait = match listed(lab).await {
            Ok(event) => {
                backoff.succeeded();
                send(events, Event::Reached(Link::Jobs)).await;
                send(events, event).await;
                INTERVAL
            }
            Err(failure) => {
                send(events, broken(Link::Jobs, &failure)).await;
                backoff.next_wait_of_many()
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn listed(lab: &Lab) -> Result<Event, Failure> {
    let most = u32::try_from(JOBS_MAX).unwrap_or(u32::MAX);
    let sweeps = lab.newest_sweeps(most).await?;
    let explorations = lab.newest_explorations(most).await?;
    let status = lab.status().await?;
    let jobs = Box::new(Jobs { sweeps, explorations });
    Ok(Event::Listed { jobs, lab: Box::new(status), now_ns: now_ns() })
}
