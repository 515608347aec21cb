//! Resources of this process from `/proc`: resident memory and open files. Values that the system
//! does not report are `None`.

use nix::unistd::{SysconfVar, sysconf};

/// Index of the resident pages in `/proc/self/statm` (proc(5)).
const RESIDENT_FIELD: usize = 1;

/// Resident memory in bytes.
pub fn resident_bytes() -> Option<u64> {
    let pages = resident_pages(&std::fs::read_to_string("/proc/self/statm").ok()?)?;
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten()?;
    pages.checked_mul(u64::try_from(page).ok()?)
}

/// Number of open descriptors, without the one used to count them.
pub fn open_files() -> Option<u64> {
    let all = std::fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(all.saturating_sub(1)).ok()
}

fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(RESIDENT_FIELD)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_has_resident_memory_and_open_files() {
        assert!(resident_bytes().expect("Linux reports it") > 1 << 20);
        assert!(open_files().expect("Linux reports it") >= 1);
    }

    #[test]
    fn malformed_statm_is_unknown() {
        assert_eq!(resident_pages("7 42 3"), Some(42));
        for garbage in ["", "7", "7 x"] {
            assert_eq!(resident_pages(garbage), None);
        }
    }
}
