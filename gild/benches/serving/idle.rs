//! Memory of what does nothing: an idle lab beside a bare daemon, and `gilctl --version` and `--help`
//! beside a bare program. The programs to compare with are built and started in the same run, in turns.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::daemon::Daemon;
use crate::page::Page;

const ROUNDS: usize = 11;
const COMMAND_ROUNDS: usize = 41;
/// Whatever start-up leaves to do is done by then.
const SETTLED: Duration = Duration::from_millis(1500);

/// What was found before these figures: measured in turns, each change by itself.
const WHAT_TOOK_IT: &str = "\
What took the memory: of 11.4 MiB (RssAnon 1.8, RssFile 9.6), 7.7 MiB were pages of code that only the start ran. The \
kernel maps 64 KiB and more around each page that is used, so that 6.0 of 6.5 MiB of code were resident, the rest \
is what relocation and the libraries read. The lab gives such pages back half a second after its start (madvise, pages \
that it never wrote to; the kernel maps again what runs again), which a bare daemon does not. 0.45 MiB were the descriptors \
of the services, decoded for both reflection services; they are decoded when a client asks. What is left of RssAnon: \
0.7 MiB of heap (the database's pages and statements, the routes), 0.35 MiB that relocation wrote to, and 0.25 MiB \
of stacks and libraries.";
const WHAT_TOOK_THEM: &str = "\
What took it before (7.2 MiB, 5 ms): 2 MiB of the parser's code and half a megabyte for the tree of all commands. \
`--version`, and `--help` into a file or a pipe, are printed without the parser; on a terminal, whose width \
it asks for, `--help` still takes 7.2 MiB. What is left over a bare program are relocations of the larger program.";

/// Resident memory of a process, in MiB.
struct Resident {
    /// Of its own: heap, stacks, and what relocation wrote to.
    anon: f64,
    /// Pages of files, which processes share: code and read-only data.
    file: f64,
    threads: usize,
}

impl Resident {
    fn of(pid: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("it tells");
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u32>().expect(key)
        };
        let mib = |key| f64::from(number(key)) / 1024.0;
        Self { anon: mib("RssAnon"), file: mib("RssFile"), threads: number("Threads") as usize }
    }

    fn all(&self) -> f64 {
        self.anon + self.file
    }
}

/// A bare daemon as a process of its own.
struct BareDaemon(Child);

impl BareDaemon {
    fn start(program: &Path, certificates: &Path, threads: usize) -> Self {
        let _ = std::fs::remove_file(certificates.join("bare.db"));
        let mut child = Command::new(program)
            .arg(certificates)
            .arg(threads.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let said = BufReader::new(child.stdout.take().expect("piped")).lines().next();
        assert_eq!(said.and_then(Result::ok).as_deref(), Some("listening"));
        Self(child)
    }
}

impl Drop for BareDaemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Builds what is compared with; where the programs are.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "-p", "gild-peers", "-p", "gilctl", "--bins"]);
    assert!(cargo.status().expect("cargo starts").success(), "the peers do not build");
    Path::new(env!("CARGO_BIN_EXE_gild")).parent().expect("a directory").to_owned()
}

pub(super) fn run(page: &mut Page) {
    page.part(
        "Memory when idle",
        "An idle lab with an empty history beside a bare daemon: a tonic server with TLS and one \
         service, an open SQLite database with a write-ahead log, as many threads. Built in the same \
         way, started in turns, looked at 1.5 s later; RssAnon and RssFile of \
         /proc/PID/status.",
    );
    let programs = build();
    let certificates = tempfile::tempdir().expect("a directory");
    let mut certs = Command::new(env!("CARGO_BIN_EXE_gild"));
    let made = certs.args(["certs", "--out"]).arg(certificates.path().join("pem")).output();
    assert!(made.expect("it starts").status.success(), "no certificates");
    let (mut lab, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let daemon = Daemon::start();
        std::thread::sleep(SETTLED);
        let resident = Resident::of(daemon.pid());
        let threads = resident.threads;
        lab.push(resident);
        let pem = certificates.path().join("pem");
        let peer = BareDaemon::start(&programs.join("bare-daemon"), &pem, threads);
        std::thread::sleep(SETTLED);
        let resident = Resident::of(peer.0.id());
        assert_eq!(resident.threads, threads, "as many threads");
        bare.push(resident);
    }
    for (name, of) in [("lab", &lab), ("bare daemon", &bare)] {
        let figures = |figure: fn(&Resident) -> f64| of.iter().map(figure).collect();
        page.figure(&format!("{name}, resident"), figures(Resident::all), 1, " MiB");
        page.figure(&format!("{name}, RssAnon"), figures(|it| it.anon), 1, " MiB");
        page.figure(&format!("{name}, RssFile"), figures(|it| it.file), 1, " MiB");
    }
    let ratios = |figure: fn(&Resident) -> f64| {
        lab.iter().zip(&bare).map(|(lab, bare)| figure(lab) / figure(bare)).collect()
    };
    page.figure("lab over bare daemon, resident", ratios(Resident::all), 2, "");
    page.figure("lab over bare daemon, RssAnon", ratios(|it| it.anon), 2, "");
    page.line("");
    page.line(WHAT_TOOK_IT);
    commands(page, &programs);
    page.line("");
    page.line(WHAT_TOOK_THEM);
}

/// Time and peak memory of commands that need no lab.
fn commands(page: &mut Page, programs: &Path) {
    page.part(
        "Commands that only print",
        "From the start of the process to its end, and its peak memory (ru_maxrss), in turns; the bare \
         program prints one line.",
    );
    let (gilctl, bare) = (programs.join("gilctl"), programs.join("bare-program"));
    let commands = [(&gilctl, "--version"), (&gilctl, "--help"), (&bare, "")];
    let mut figures = commands.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..COMMAND_ROUNDS {
        for ((program, argument), (took, peak)) in commands.iter().zip(&mut figures) {
            let mut run = Command::new(&bare);
            run.arg("run").arg(program).args(Some(argument).filter(|it| !it.is_empty()));
            let output = run.output().expect("it starts").stdout;
            let printed = String::from_utf8(output).expect("text");
            let mut words =
                printed.split_whitespace().map(|it| it.parse::<f64>().expect("a number"));
            took.push(words.next().expect("nanoseconds") / 1e6);
            peak.push(words.next().expect("KiB") / 1024.0);
        }
    }
    for ((program, argument), (took, peak)) in commands.iter().zip(figures) {
        let program = program.file_name().expect("a program").to_string_lossy();
        let name = format!("{program} {argument}");
        page.figure(&format!("{}, time", name.trim()), took, 2, " ms");
        page.figure(&format!("{}, peak memory", name.trim()), peak, 2, " MiB");
    }
}
