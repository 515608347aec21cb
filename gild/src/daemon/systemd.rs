//! What the service manager hears: `sd_notify(3)`. Where nobody listens, nothing is said. Decides
//! nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;
use tracing::warn;

use crate::lab::Lab;
use crate::limits::STATUS_INTERVAL;

/// Clients can connect.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Settings are read again; [`ready`] ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(problem) => warn!(%problem, "the service manager was not told of a reload"),
    }
}

/// The daemon stops.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// Tells what the lab does whenever that changes, and that it lives as often as the service manager
/// wants to hear it. A lab that does not answer is not alive: then nothing is said.
pub async fn report(lab: Lab) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let watched = sd_notify::watchdog_enabled();
    let mut ticks = tokio::time::interval(interval(watched));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = String::new();
    loop {
        ticks.tick().await;
        let asked = lab.clone();
        let Ok(status) = tokio::task::spawn_blocking(move || status(&asked)).await else {
            continue;
        };
        if watched.is_some() {
            tell(&[NotifyState::Watchdog]);
        }
        if status != told {
            tell(&[NotifyState::Status(&status)]);
            told = status;
        }
    }
}

/// Half of what the service manager waits at most, as `sd_watchdog_enabled(3)` advises.
fn interval(watched: Option<Duration>) -> Duration {
    // An interval of nothing would be a busy loop, and tokio refuses it.
    watched
        .map_or(STATUS_INTERVAL, |most| (most / 2).clamp(Duration::from_millis(1), STATUS_INTERVAL))
}

fn status(lab: &Lab) -> String {
    let waiting = lab.queued();
    let degraded = if lab.scheduler().degraded().is_some() { "degraded; " } else { "" };
    match lab.running() {
        None => format!("{degraded}idle"),
        Some(name) if waiting == 0 => format!("{degraded}{name} runs"),
        Some(name) => format!("{degraded}{name} runs, {waiting} wait"),
    }
}

fn tell(states: &[NotifyState]) {
    if let Err(problem) = sd_notify::notify(states) {
        warn!(%problem, "the service manager cannot be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchdog_is_notified_at_half_its_interval() {
        let interval = |ms| interval(Some(Duration::from_millis(ms))).as_millis();
        assert_eq!((interval(3000), interval(0)), (1500, 1));
        assert_eq!(interval(60_000), STATUS_INTERVAL.as_millis());
        assert_eq!(super::interval(None), STATUS_INTERVAL);
    }
}
