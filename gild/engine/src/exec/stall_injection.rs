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
pub(crate) struct StallInjection {
    stays: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    is_of_environment: bool,
}

impl StallInjection {
    /// The condition that the environment names.
    pub(crate) fn of_environment() -> Self {
        let file = std::env::var_os(VARIABLE).map(PathBuf::from);
        let injection = file.map(|file| Self::new(move || file.exists()));
        Self { is_of_environment: true, ..injection.unwrap_or_default() }
    }

    /// The first worker of each attempt stalls while `stays` returns true.
    pub(crate) fn new(stays: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { stays: Some(Arc::new(stays)), is_of_environment: false }
    }

    /// Whether the environment asks that the first worker of an attempt that begins now stalls.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.is_of_environment && self.stays.as_ref().is_some_and(|stays| stays())
    }

    /// The task, followed by the stall.
    pub(crate) fn hold(&self, job: Box<PoolTask>) -> Box<PoolTask> {
        let Some(stays) = self.stays.clone() else { return job };
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
        f.debug_tuple("StallInjection").field(&self.stays.is_some()).finish()
    }
}
