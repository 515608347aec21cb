//! Status of each worker when an attempt times out; [`crate::exec::worker_pool`] collects it.

use std::fmt;
use std::time::Duration;

/// Where a worker is in an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerPhase {
    /// Its thread has not received the attempt yet.
    NotStarted,
    /// It waits at the gate for the other workers.
    Gate,
    /// It runs its task, or waits within it.
    Work,
    /// It has returned.
    Back,
}

/// The status of one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The system's number of its thread; `None` before it has begun to run at all.
    pub thread: Option<i32>,
    /// The only core that it may run on; `None` where the kernel decides.
    pub core: Option<usize>,
    /// Where it is.
    pub at: WorkerPhase,
}

/// The statuses of all workers of an attempt, in their order; empty where they are threads of
/// another process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerStatuses {
    /// The workers.
    pub workers: Vec<Entry>,
    /// How long the attempt had lasted.
    pub after: Duration,
}

impl WorkerStatuses {
    /// The statuses in parentheses after a space; empty if there are none.
    pub(crate) fn parenthesized(&self) -> String {
        if self.workers.is_empty() { String::new() } else { format!(" ({self})") }
    }
}

impl fmt::Display for WorkerStatuses {
    /// Some fifty characters a worker, and there are at most [`crate::limits::WORKERS_MAX`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.workers.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}worker {index}{}", place(*entry))?;
            match entry.at {
                WorkerPhase::NotStarted => f.write_str(" has not started")?,
                WorkerPhase::Gate => f.write_str(" waits for the others to start")?,
                WorkerPhase::Work => {
                    write!(f, " is at work for {:.1} s", self.after.as_secs_f64())?;
                }
                WorkerPhase::Back => f.write_str(" has returned")?,
            }
        }
        Ok(())
    }
}

fn place(Entry { thread, core, .. }: Entry) -> String {
    match (thread, core) {
        (None, _) => String::new(),
        (Some(thread), None) => format!(" [thread {thread}]"),
        (Some(thread), Some(core)) => format!(" [thread {thread}, core {core}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::WORKERS_MAX;

    /// What an error may come to: a message that a terminal shows.
    const LETTERS_MAX: usize = 4096;

    #[test]
    fn display_of_every_phase_names_thread_and_core() {
        let entry = |at, core| Entry { thread: Some(7), core, at };
        let workers = vec![
            entry(WorkerPhase::Back, Some(0)),
            entry(WorkerPhase::Work, Some(1)),
            entry(WorkerPhase::Gate, None),
            Entry { thread: None, core: None, at: WorkerPhase::NotStarted },
        ];
        let statuses = WorkerStatuses { workers, after: Duration::from_millis(15_040) };
        let expected = "worker 0 [thread 7, core 0] has returned, worker 1 [thread 7, core 1] is at \
                    work for 15.0 s, worker 2 [thread 7] waits for the others to start, worker 3 \
                    has not started";
        assert_eq!(statuses.to_string(), expected);
        assert_eq!(statuses.parenthesized(), format!(" ({expected})"));
        assert_eq!(WorkerStatuses::default().parenthesized(), "");
    }

    #[test]
    fn display_of_all_workers_has_a_bound() {
        let entry = Entry { thread: Some(1 << 22), core: Some(1 << 12), at: WorkerPhase::Work };
        let workers = vec![entry; WORKERS_MAX as usize];
        let statuses = WorkerStatuses { workers, after: Duration::from_secs(15) };
        assert!(statuses.to_string().len() <= LETTERS_MAX, "{}", statuses.to_string().len());
    }
}
