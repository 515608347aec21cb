//! Faults: malicious clients, kills at random moments, full or damaged disks, and a long run.

mod crash_recovery;
mod disk_failures;
mod malicious_clients;
mod soak;
