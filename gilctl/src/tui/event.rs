//! Events that change the state of the live terminal, and effects that it asks for.

use proto::v1::{ExplorationEvent, Lab as LabStatus, Picture, SweepEvent, SweepState};

use crate::tui::job_log::JobLog;
use crate::tui::keys::Key;
use view::listed::Jobs;

/// What happened. Jobs are named by their resource names.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Time passed.
    Tick {
        /// Nanoseconds since the Unix epoch.
        now_ns: u64,
    },
    /// The lab listed its jobs and said how it is doing.
    Listed {
        /// The jobs, newest first.
        jobs: Box<Jobs>,
        /// The lab.
        lab: Box<LabStatus>,
        /// When it answered, in nanoseconds since the Unix epoch.
        now_ns: u64,
    },
    /// The job that is followed, as it is stored.
    Opened(Box<JobLog>),
    /// A sweep that is followed went on.
    SweepWentOn {
        /// The sweep.
        name: String,
        /// Its next event.
        event: Box<SweepEvent>,
    },
    /// An exploration that is followed went on.
    ExplorationWentOn {
        /// The exploration.
        name: String,
        /// Its next event, all parts together.
        event: Box<ExplorationEvent>,
    },
    /// The lab drew a job, or said why not.
    Drawn {
        /// The job.
        name: String,
        /// The picture.
        answer: Result<Box<Picture>, String>,
    },
    /// The lab was asked to cancel a job.
    Cancelled {
        /// The job.
        name: String,
        /// Its state then, or why it was refused.
        answer: Result<SweepState, String>,
    },
    /// A call or a stream broke; it is tried again.
    Lost {
        /// Whose.
        link: Link,
        /// Why, in words.
        cause: String,
    },
    /// A call was answered, or a stream sent something.
    Reached(Link),
    /// The lab refused something.
    Refused(String),
    /// The screen was drawn.
    Scrollable {
        /// Lines by which what is shown can be scrolled.
        most: usize,
    },
}

/// A connection to the lab that may break by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The list of jobs, asked for again and again.
    Jobs,
    /// The stream of the followed job's events.
    Stream,
}

/// What the state asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Follow this job instead of any other.
    Follow(String),
    /// Draw this job.
    Draw(String),
    /// Cancel this job.
    Cancel(String),
    /// Give the terminal back and stop until the shell continues the process.
    Suspend,
    /// Leave.
    Quit,
}
