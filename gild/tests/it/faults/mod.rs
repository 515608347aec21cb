//! Faults: malicious clients, kills at random moments, full or damaged disks, migrations that are cut
//! short, and a long run.

mod crash_recovery;
mod disk_failures;
mod malicious_clients;
mod migration;
mod soak;
