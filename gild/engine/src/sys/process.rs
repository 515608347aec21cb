//! What this process holds of the machine, as `/proc` tells it. Judges nothing; what the system
//! does not tell is `None`.

use nix::unistd::{SysconfVar, sysconf};

/// Where resident pages stand in `/proc/self/statm` (proc(5)).
const RESIDENT_FIELD: usize = 1;

/// Memory that is resident, in bytes.
pub fn resident_bytes() -> Option<u64> {
    let pages = resident_pages(&std::fs::read_to_string("/proc/self/statm").ok()?)?;
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten()?;
    pages.checked_mul(u64::try_from(page).ok()?)
}

/// Descriptors that are open; the one that looks is not counted.
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
    fn this_process_takes_memory_and_has_its_streams_open() {
        assert!(resident_bytes().expect("Linux tells") > 1 << 20);
        assert!(open_files().expect("Linux tells") >= 1);
    }

    #[test]
    fn garbage_is_unknown() {
        assert_eq!(resident_pages("7 42 3"), Some(42));
        for garbage in ["", "7", "7 x"] {
            assert_eq!(resident_pages(garbage), None);
        }
    }
}
