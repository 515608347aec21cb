//! Memory that was freed, given back to the system.

#![allow(unsafe_code, reason = "one call without pointers")]

/// Gives back what the allocator keeps for later. A search through a model frees hundreds of
/// megabytes in small pieces, which glibc would keep for good: a daemon that searched once would
/// look as large for ever. Takes some milliseconds; never while anything is measured.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: takes a number and touches only memory that the allocator holds as free.
    unsafe {
        libc::malloc_trim(0);
    }
}
