//! Real calls into the operating system, as a program under a GIL makes them: a sleep, a write that
//! never blocks, and an echo that does. Nothing here knows a lock.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::machine::native::abort::Abort;
use crate::machine::{Aborted, Call};

/// Longest uninterrupted wait inside a call that blocks.
const BLOCK_SLICE: Duration = Duration::from_millis(20);
/// What is written, sent and received.
const BYTE: [u8; 1] = [b'x'];

/// Makes a call; `Err` if the attempt was aborted before it returned.
///
/// # Panics
/// If the system refuses a socket, a thread or its null device.
pub(super) fn make(call: Call, abort: &Abort) -> Result<(), Aborted> {
    match call {
        Call::Sleep(duration) => sleep(duration, abort),
        Call::Write => {
            null_device().write_all(&BYTE).expect("the null device takes everything");
            Ok(())
        }
        Call::Send => {
            with_line(EchoSocket::send);
            Ok(())
        }
        Call::Receive => with_line(|line| line.receive(abort)),
    }
}

fn sleep(duration: Duration, abort: &Abort) -> Result<(), Aborted> {
    let end = Instant::now() + duration;
    loop {
        if abort.is_raised() {
            return Err(Aborted);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(BLOCK_SLICE));
    }
}

fn null_device() -> &'static File {
    static NULL: OnceLock<File> = OnceLock::new();
    NULL.get_or_init(|| {
        OpenOptions::new().write(true).open("/dev/null").expect("every Unix has a null device")
    })
}

/// A socket whose other end sends every byte back; the thread there ends when the socket closes.
struct EchoSocket {
    near: UnixStream,
    /// Bytes on their way: more than one only if an abort left one behind.
    owed: u32,
}

impl EchoSocket {
    fn open() -> io::Result<Self> {
        let (near, far) = UnixStream::pair()?;
        near.set_read_timeout(Some(BLOCK_SLICE))?;
        thread::Builder::new().name("echo".into()).spawn(move || echo(far))?;
        Ok(Self { near, owed: 0 })
    }

    fn send(&mut self) {
        self.near.write_all(&BYTE).expect("the echo is there as long as its line");
        self.owed += 1;
    }

    /// Waits for every byte that is owed.
    fn receive(&mut self, abort: &Abort) -> Result<(), Aborted> {
        while self.owed > 0 {
            match self.near.read_exact(&mut [0]) {
                Ok(()) => self.owed -= 1,
                Err(_) if abort.is_raised() => return Err(Aborted),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => panic!("the echo is there as long as its line: {error}"),
            }
        }
        Ok(())
    }
}

/// Runs wherever this process may: its maker may have a core of its own, which is not for others.
fn echo(mut far: UnixStream) {
    leave_makers_core();
    let mut byte = [0];
    while far.read_exact(&mut byte).is_ok() && far.write_all(&byte).is_ok() {}
}

#[allow(unsafe_code, reason = "the call is foreign; the block says why it is sound")]
fn leave_makers_core() {
    // SAFETY: a set is plain bits, for which all ones are valid; it outlives the call, which
    // ignores cores that there are not. Where it is refused the thread stays where it was made.
    unsafe {
        let mut everywhere = std::mem::zeroed::<libc::cpu_set_t>();
        for core in 0..usize::try_from(libc::CPU_SETSIZE).unwrap_or(0) {
            libc::CPU_SET(core, &mut everywhere);
        }
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const everywhere);
    }
}

/// The calling thread's own line, opened at its first use.
fn with_line<T>(act: impl FnOnce(&mut EchoSocket) -> T) -> T {
    thread_local! {
        static LINE: RefCell<Option<EchoSocket>> = const { RefCell::new(None) };
    }
    LINE.with_borrow_mut(|line| {
        act(line
            .get_or_insert_with(|| EchoSocket::open().expect("the system has room for an echo")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_answers_each_byte() {
        let abort = Abort::default();
        for _ in 0..100 {
            assert_eq!(make(Call::Send, &abort), Ok(()));
            assert_eq!(make(Call::Receive, &abort), Ok(()));
        }
        assert_eq!(with_line(|line| line.owed), 0);
    }

    #[test]
    fn waiting_for_an_echo_ends_when_aborted() {
        let abort = Abort::default();
        // A byte that was never sent never comes.
        with_line(|line| line.owed = 1);
        abort.raise();
        assert_eq!(make(Call::Receive, &abort), Err(Aborted));
    }

    #[test]
    fn sleeping_ends_when_aborted() {
        let abort = Abort::default();
        abort.raise();
        assert_eq!(make(Call::Sleep(Duration::from_hours(1)), &abort), Err(Aborted));
    }

    #[test]
    fn a_write_returns() {
        assert_eq!(make(Call::Write, &Abort::default()), Ok(()));
    }
}
