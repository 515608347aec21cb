//! Threads that give way: those that move messages and write to disk want the processor only when
//! measuring threads do not. Changes the calling thread and no other.

use rustix::process::setpriority_process;

/// The weight of a thread that gives way: at this one the scheduler gives a core's waiting threads
/// about one and a half percent of it beside one that computes (sched(7): each step is a tenth).
pub const NICE: i32 = 19;

/// Makes the calling thread give way to all others. A system that refuses leaves it as it is.
pub fn lower_priority() {
    // On Linux, "process" means the calling thread here (setpriority(2)).
    let _ = setpriority_process(None, NICE);
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn only_the_calling_thread_gives_way() {
        let before = getpriority_process(None).expect("it tells");
        let own = std::thread::spawn(|| {
            lower_priority();
            getpriority_process(None).expect("it tells")
        });
        assert_eq!(own.join().expect("it ends"), NICE);
        assert_eq!(getpriority_process(None).expect("it tells"), before);
    }
}
