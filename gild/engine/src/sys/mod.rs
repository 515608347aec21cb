//! The operating system: cores, processor time, priorities, interference, the host.

pub mod affinity;
pub mod clock;
pub mod cpuinfo;
pub mod doctor;
pub mod host;
pub mod interference;
pub mod priority;
pub mod process;
pub mod rusage;
