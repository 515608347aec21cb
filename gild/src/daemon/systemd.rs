//! Notifications to the service manager: `sd_notify(3)`. Without a service manager they do nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;
use tracing::warn;

use crate::lab::Lab;
use crate::limits::STATUS_INTERVAL;

/// Reports that clients can connect.
pub fn ready() {
    notify(&[NotifyState::Ready]);
}

/// Reports a reload, which [`ready`] ends.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(problem) => warn!(%problem, "the service manager was not notified of a reload"),
    }
}

/// Reports that the daemon stops.
pub fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// Reports the lab's status whenever it changes, and its liveness at the interval of the watchdog. A
/// lab that does not respond gets no liveness report.
pub async fn report(lab: Lab) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let watched = sd_notify::watchdog_enabled();
    let mut ticks = tokio::time::interval(interval(watched));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reported = String::new();
    loop {
        ticks.tick().await;
        let current = lab.clone();
        let Ok(status) = tokio::task::spawn_blocking(move || status(&current)).await else {
            continue;
        };
        if watched.is_some() {
            notify(&[NotifyState::Watchdog]);
        }
        if status != reported {
            notify(&[NotifyState::Status(&status)]);
            reported = status;
        }
    }
}

/// Half of the watchdog interval, as `sd_watchdog_enabled(3)` advises.
fn interval(watched: Option<Duration>) -> Duration {
    // An interval of zero would be a busy loop, and tokio rejects it.
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

fn notify(states: &[NotifyState]) {
    if let Err(problem) = sd_notify::notify(states) {
        warn!(%problem, "the service manager cannot be notified");
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
