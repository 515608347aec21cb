//! Priority of service threads: threads that move messages and write to disk run at low priority,
//! so that measuring threads come first. Changes the calling thread only.

use rustix::process::setpriority_process;

/// Nice value of a service thread: the scheduler gives such a thread about one and a half percent
/// of a core beside a computing one (sched(7): each step is a tenth).
pub const NICE: i32 = 19;

/// Gives the calling thread the lowest priority. If the system refuses, the priority stays.
pub fn lower_priority() {
    // On Linux, "process" means the calling thread here (setpriority(2)).
    let _ = setpriority_process(None, NICE);
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn lower_priority_affects_only_the_calling_thread() {
        let before = getpriority_process(None).expect("the system reports it");
        let own = std::thread::spawn(|| {
            lower_priority();
            getpriority_process(None).expect("the system reports it")
        });
        assert_eq!(own.join().expect("it ends"), NICE);
        assert_eq!(getpriority_process(None).expect("the system reports it"), before);
    }
}
