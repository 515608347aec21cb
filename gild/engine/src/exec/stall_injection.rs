//! A worker that never comes back, so that tests see what a lab does then. Not in release builds,
//! and idle in all others unless it is told otherwise.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::exec::pool_task::PoolTask;

/// Names a file: as long as there is one, the first worker of every attempt stays after its work,
/// whoever aborts it. Read only where debug assertions are on, for tests with a real process.
const VARIABLE: &str = "GILD_DEBUG_STAY_WHILE";
/// How often a worker that stays looks whether it still must.
const LOOK: Duration = Duration::from_millis(1);

/// Whether workers stay.
#[derive(Clone, Default)]
pub(crate) struct StallInjection(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl StallInjection {
    /// What the environment says.
    pub(crate) fn of_environment() -> Self {
        let file = std::env::var_os(VARIABLE).map(PathBuf::from);
        file.map_or_else(Self::default, |file| Self::new(move || file.exists()))
    }

    /// The first worker of every attempt stays as long as `stays` says so.
    pub(crate) fn new(stays: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(stays)))
    }

    /// The job with the stay after it.
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
        f.debug_tuple("Detention").field(&self.0.is_some()).finish()
    }
}
