//! Workers that were given up: whether one of them may still run beside what is measured now. Gives
//! nobody up and ends nothing; [`crate::exec::worker_pool`] does the first, and only the process's end the
//! second.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// Most workers that a text names one by one.
const NAMED_MAX: usize = 4;

/// The workers that are out; clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct LostWorkers(Arc<Inner>);

#[derive(Default)]
struct Inner {
    out: Mutex<Vec<(u64, LostWorker)>>,
    tickets: AtomicU64,
    /// Told of every change, after it.
    listener: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// A worker that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostWorker {
    /// What it worked for, e.g. `sweep 0abc`.
    pub work: String,
    /// The system's number of its thread; `None` if it never began to run.
    pub thread: Option<i32>,
    /// The only core that it may run on; `None` where the kernel decides.
    pub core: Option<usize>,
    /// When it was given up.
    pub since: Instant,
}

/// What a worker that was given up has to hand in when it comes back after all: dropping it strikes
/// the worker off.
#[derive(Debug)]
pub struct LostWorkerGuard {
    degraded: LostWorkers,
    number: u64,
}

impl LostWorkers {
    /// Adds a worker that is given up; it is out until the ticket is dropped.
    #[must_use]
    pub fn add(&self, lost: LostWorker) -> LostWorkerGuard {
        let number = self.0.tickets.fetch_add(1, Ordering::Relaxed);
        self.out().push((number, lost));
        self.tell();
        LostWorkerGuard { degraded: self.clone(), number }
    }

    /// Whether any worker is out.
    pub fn is_degraded(&self) -> bool {
        !self.out().is_empty()
    }

    /// Who is out, as a text for people; `None` if nobody is.
    pub fn text(&self) -> Option<String> {
        let out = self.out();
        let named: Vec<_> = out.iter().take(NAMED_MAX).map(|(_, lost)| lost.to_string()).collect();
        let more = out.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!named.is_empty()).then(|| {
            format!(
                "never came back from an attempt and may still run: {}{more}; figures measured \
                 meanwhile are not to be trusted; restart the lab to be rid of it",
                named.join(", ")
            )
        })
    }

    /// Has `listener` told of every change, on the thread that makes it; the first one stays. Must
    /// not give workers up itself.
    pub fn listen(&self, listener: impl Fn() + Send + Sync + 'static) {
        // A second one would be a second lane with the same list: there is none.
        let _ = self.0.listener.set(Box::new(listener));
    }

    fn strike(&self, number: u64) {
        self.out().retain(|(out, _)| *out != number);
        self.tell();
    }

    fn tell(&self) {
        if let Some(listener) = self.0.listener.get() {
            listener();
        }
    }

    fn out(&self) -> MutexGuard<'_, Vec<(u64, LostWorker)>> {
        self.0.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LostWorkerGuard {
    fn drop(&mut self) {
        self.degraded.strike(self.number);
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

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("out", &self.out).finish_non_exhaustive()
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
    fn a_lab_is_degraded_as_long_as_somebody_is_out() {
        let degraded = LostWorkers::default();
        assert_eq!((degraded.is_degraded(), degraded.text()), (false, None));
        let (pinned, free) = (degraded.add(lost(7, Some(3))), degraded.add(lost(8, None)));
        let text = degraded.text().expect("two are out");
        assert!(text.contains("thread 7 of sweep abc, on core 3, for "), "{text}");
        assert!(text.contains("thread 8 of sweep abc, on whichever core"), "{text}");
        drop(pinned);
        assert!(degraded.text().is_some_and(|text| !text.contains("thread 7")));
        drop(free);
        assert_eq!(degraded.text(), None);
    }

    #[test]
    fn a_text_names_a_few() {
        let degraded = LostWorkers::default();
        let tickets: Vec<_> = (0..6).map(|thread| degraded.add(lost(thread, None))).collect();
        let text = degraded.text().expect("six are out");
        assert!(text.contains("thread 3 of") && !text.contains("thread 4 of"), "{text}");
        assert!(text.contains(" and 2 more; "), "{text}");
        assert_eq!(tickets.len(), 6);
    }

    #[test]
    fn every_change_is_told() {
        let (degraded, told) = (LostWorkers::default(), Arc::new(AtomicUsize::new(0)));
        let own = Arc::clone(&told);
        degraded.listen(move || {
            own.fetch_add(1, Ordering::Relaxed);
        });
        drop(degraded.add(lost(1, None)));
        assert_eq!(told.load(Ordering::Relaxed), 2);
    }
}
