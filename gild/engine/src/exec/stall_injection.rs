//! Fault injection: a worker that does not return, for tests of lost workers. Release builds do not
//! contain it; debug builds use it only if the environment asks for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::exec::pool_task::PoolTask;

/// Environment variable with a file name: while that file exists, the first worker of each attempt
/// stays after its work, even when aborted. For tests with a real process.
const VARIABLE: &str = "GILD_DEBUG_STAY_WHILE";
/// Interval at which a stalled worker checks its condition.
const LOOK: Duration = Duration::from_millis(1);

/// The condition under which workers stall, if any.
#[derive(Clone, Default)]
pub(crate) struct StallInjection(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl StallInjection {
    /// The condition that the environment names.
    pub(crate) fn of_environment() -> Self {
        let file = std::env::var_os(VARIABLE).map(PathBuf::from);
        file.map_or_else(Self::default, |file| Self::new(move || file.exists()))
    }

    /// The first worker of each attempt stalls while `stays` returns true.
    pub(crate) fn new(stays: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(stays)))
    }

    /// The task, followed by the stall.
    pub(crate) fn hold(&self, job: Box<PoolTask>) -> Box<PoolTask> {
        let Some(stays) = self.0.clone() else { return job };
        Box::new(move |index| {
            job(index);
            while index == 0 && stays() {
                thread::sleep(LOOK);
            }
        })
    }
}

impl std::fmt::Debug for StallInjection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("StallInjection").field(&self.0.is_some()).finish()
    }
}
