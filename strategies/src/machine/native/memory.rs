//! Memory that is not needed any more, given back to the system.

#![allow(unsafe_code, reason = "two calls about pages that hold nothing of their own")]

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

/// Gives back the pages of program files that this process has mapped and never wrote to: the code of
/// a start, with the sixteen pages that the kernel maps around each that is used. They stay in the
/// system's cache, and what runs again is mapped again, in a microsecond a page. Takes a millisecond;
/// never while anything is measured.
pub fn give_back_code() {
    let Ok(smaps) = std::fs::read_to_string("/proc/self/smaps") else { return };
    for (begin, end) in unwritten(&smaps) {
        // SAFETY: the pages are private, of a file, without write permission and without a copy of this
        // process's own, so that what is read from them next is what was read before. Program files
        // are replaced, not written to, while they run.
        unsafe {
            libc::madvise(begin as *mut libc::c_void, end - begin, libc::MADV_DONTNEED);
        }
    }
}

/// The mappings of files, begin and end, that cannot be written to and of which no page was.
fn unwritten(smaps: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut mapping = None;
    for line in smaps.lines() {
        let mut words = line.split_ascii_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match first.strip_suffix(':') {
            // "r-xp 000f3000 fe:00 1234 /usr/bin/gild", and then what is known of it.
            None => {
                let is_code = matches!(second, "r-xp" | "r--p") && line.contains(" /");
                mapping = addresses(first).filter(|_| is_code);
            }
            Some("Anonymous") if second == "0" => found.extend(mapping.take()),
            Some("Anonymous") => mapping = None,
            Some(_) => {}
        }
    }
    found
}

fn addresses(range: &str) -> Option<(usize, usize)> {
    let (begin, end) = range.split_once('-')?;
    Some((usize::from_str_radix(begin, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unwritten_read_only_pages_of_files_are_given_back() {
        let mapping = |range: &str, mode: &str, path: &str, own: u32| {
            format!(
                "{range} {mode} 00000000 fe:00 12230803      {path}\nSize:  8 kB\nAnonymous:  {own} \
                 kB\nVmFlags: rd mr\n"
            )
        };
        let smaps = [
            mapping("1000-3000", "r--p", "/usr/bin/gild", 0),
            mapping("3000-5000", "r-xp", "/usr/bin/gild", 0),
            mapping("5000-6000", "r--p", "/usr/bin/gild", 4),
            mapping("6000-7000", "rw-p", "/usr/bin/gild", 0),
            mapping("7000-8000", "r--p", "", 0),
            mapping("8000-9000", "r-xp", "[vdso]", 0),
            mapping("9000-a000", "r--s", "/tmp/shared", 0),
        ];
        assert_eq!(unwritten(&smaps.concat()), [(0x1000, 0x3000), (0x3000, 0x5000)]);
    }

    #[test]
    fn code_runs_and_constants_read_as_before() {
        let text = || format!("{:?} {}", std::env::current_exe(), f64::sin(0.5).to_bits());
        let before = text();
        give_back_code();
        assert_eq!(text(), before);
    }
}
