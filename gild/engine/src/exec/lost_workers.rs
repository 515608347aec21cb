//! Lost workers: threads that did not return from an attempt and may still run beside the present
//! measurement. [`crate::exec::worker_pool`] abandons them; only the end of the process ends them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard};

/// Most workers that a text lists one by one.
const NAMED_MAX: usize = 4;

/// The workers that are lost at present; clones share one list.
#[derive(Debug, Clone, Default)]
pub struct LostWorkers(Arc<LostWorkerList>);

#[derive(Default)]
struct LostWorkerList {
    listed: Mutex<Vec<(u64, LostWorker)>>,
    guards: AtomicU64,
    /// Called after each change.
    listener: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// A worker that was abandoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostWorker {
    /// What it worked for, e.g. `sweep 0abc`.
    pub work: String,
    /// The system's number of its thread; `None` if it never began to run.
    pub thread: Option<i32>,
    /// The only core that it may run on; `None` where the kernel decides.
    pub core: Option<usize>,
    /// When it was abandoned.
    pub since: Instant,
}

/// Held by an abandoned worker; dropping it, when the worker returns after all, removes the worker
/// from the list.
#[derive(Debug)]
pub struct LostWorkerGuard {
    degraded: LostWorkers,
    number: u64,
}

impl LostWorkers {
    /// Adds an abandoned worker; it stays listed until the guard is dropped.
    #[must_use]
    pub fn add(&self, lost: LostWorker) -> LostWorkerGuard {
        let number = self.0.guards.fetch_add(1, Ordering::Relaxed);
        self.listed().push((number, lost));
        self.notify();
        LostWorkerGuard { degraded: self.clone(), number }
    }

    /// Whether any worker is lost.
    pub fn is_degraded(&self) -> bool {
        !self.listed().is_empty()
    }

    /// The lost workers as a text for users; `None` if there are none.
    pub fn text(&self) -> Option<String> {
        let listed = self.listed();
        let named: Vec<_> =
            listed.iter().take(NAMED_MAX).map(|(_, lost)| lost.to_string()).collect();
        let more = listed.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!named.is_empty()).then(|| {
            format!(
                "never came back from an attempt and may still run: {}{more}; figures measured \
                 meanwhile are not to be trusted; restart the lab to be rid of it",
                named.join(", ")
            )
        })
    }

    /// Calls `listener` after each change, on the thread that makes it. The first listener stays.
    /// It must not abandon workers itself.
    pub fn listen(&self, listener: impl Fn() + Send + Sync + 'static) {
        // Each list belongs to one scheduler, which sets one listener.
        let _ = self.0.listener.set(Box::new(listener));
    }

    fn remove(&self, number: u64) {
        self.listed().retain(|(listed, _)| *listed != number);
        self.notify();
    }

    fn notify(&self) {
        if let Some(listener) = self.0.listener.get() {
            listener();
        }
    }

    fn listed(&self) -> MutexGuard<'_, Vec<(u64, LostWorker)>> {
        self.0.listed.lock()
    }
}

impl Drop for LostWorkerGuard {
    fn drop(&mut self) {
        self.degraded.remove(self.number);
    }
}

impl fmt::Display for LostWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { work, thread, core, since } = self;
        match thread {
            Some(thread) => write!(f, "thread {thread}")?,
            None => f.write_str("a thread that never began")?,
        }
        write!(f, " of {work}, ")?;
        match core {
            Some(core) => write!(f, "on core {core}")?,
            None => f.write_str("on whichever core the system gives it")?,
        }
        write!(f, ", for {} s now", since.elapsed().as_secs())
    }
}

impl fmt::Debug for LostWorkerList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LostWorkerList").field("listed", &self.listed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn lost(thread: i32, core: Option<usize>) -> LostWorker {
        LostWorker { work: "sweep abc".into(), thread: Some(thread), core, since: Instant::now() }
    }

    #[test]
    fn lab_with_a_lost_worker_is_degraded_until_it_returns() {
        let degraded = LostWorkers::default();
        assert_eq!((degraded.is_degraded(), degraded.text()), (false, None));
        let (pinned, free) = (degraded.add(lost(7, Some(3))), degraded.add(lost(8, None)));
        let text = degraded.text().expect("two are lost");
        assert!(text.contains("thread 7 of sweep abc, on core 3, for "), "{text}");
        assert!(text.contains("thread 8 of sweep abc, on whichever core"), "{text}");
        drop(pinned);
        assert!(degraded.text().is_some_and(|text| !text.contains("thread 7")));
        drop(free);
        assert_eq!(degraded.text(), None);
    }

    #[test]
    fn text_of_many_lost_workers_names_four() {
        let degraded = LostWorkers::default();
        let guards: Vec<_> = (0..6).map(|thread| degraded.add(lost(thread, None))).collect();
        let text = degraded.text().expect("six are lost");
        assert!(text.contains("thread 3 of") && !text.contains("thread 4 of"), "{text}");
        assert!(text.contains(" and 2 more; "), "{text}");
        assert_eq!(guards.len(), 6);
    }

    #[test]
    fn listener_is_called_on_every_change() {
        let (degraded, calls) = (LostWorkers::default(), Arc::new(AtomicUsize::new(0)));
        let own = Arc::clone(&calls);
        degraded.listen(move || {
            own.fetch_add(1, Ordering::Relaxed);
        });
        drop(degraded.add(lost(1, None)));
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}
