//! Time and memory of showing a sweep of a million attempts: `cargo bench -p gilctl --bench render`. With
//! `-- --beside PROGRAM`, another version of gilctl shows its own such sweep in the same rounds.
//!
//! Commands run interleaved, each in a process of its own; what is printed is the median over rounds with its
//! least and greatest, and the most memory. Nothing is decided by them: no test reads them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// Attempts of the sweep: ten cells of as many attempts as a cell may have.
const ATTEMPTS: u32 = 1_000_000;
const CELLS: &str = "sweep --strategy atomic,unlocked --workers 1,2,3,4,5 --tasks 2 --task-steps 0 --attempts 100000";
const ROUNDS: usize = 9;
/// What each may take.
const SECONDS_MAX: f64 = 1.0;
const MIB_MAX: f64 = 50.0;
/// First argument of this program where it runs one command and says what that took.
const ONE: &str = "--one";
const SHOWN: [(&str, &[&str]); 5] = [
    ("table", &["show", "latest"]),
    ("rows of CSV", &["show", "latest", "--output", "csv"]),
    ("picture, text", &["plot", "latest"]),
    ("picture, SVG", &["plot", "latest", "--svg", "picture.svg"]),
    ("report, HTML", &["report", "latest", "-o", "report.html", "--force"]),
];
/// Commands of [`SHOWN`], from the first, that earlier versions have.
const SHOWN_EARLIER: usize = 2;

/// A version of gilctl with its history.
struct Version {
    program: PathBuf,
    home: tempfile::TempDir,
}

/// What a command took.
#[derive(Clone, Copy)]
struct Taken {
    seconds: f64,
    mib: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, program, rest @ ..] = &arguments[..]
        && first == ONE
    {
        return one(program, rest);
    }
    let own = Version::with_sweep(Path::new(env!("CARGO_BIN_EXE_gilctl")));
    let beside = arguments.iter().skip_while(|it| *it != "--beside").nth(1);
    let earlier = beside.map(|program| Version::with_sweep(Path::new(program)));
    println!(
        "{ATTEMPTS} attempts, {ROUNDS} interleaved rounds; at most {SECONDS_MAX} s and {MIB_MAX} MiB each"
    );
    let mut taken = vec![(Vec::new(), Vec::new()); SHOWN.len()];
    for _ in 0..ROUNDS {
        for (at, (_, words)) in SHOWN.iter().enumerate() {
            taken[at].0.push(own.measured(words));
            if let Some(earlier) = earlier.as_ref().filter(|_| at < SHOWN_EARLIER) {
                taken[at].1.push(earlier.measured(words));
            }
        }
    }
    for ((name, _), (own, earlier)) in SHOWN.iter().zip(&taken) {
        println!("- {name}: {}", described(own));
        if !earlier.is_empty() {
            println!("  the other: {}; this / other {}", described(earlier), ratio(own, earlier));
        }
    }
}

impl Version {
    fn with_sweep(program: &Path) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let version = Self { program: program.to_owned(), home };
        let words: Vec<&str> = CELLS.split(' ').collect();
        let started = Instant::now();
        let made = version.command(&version.program, &words).status().expect("gilctl runs");
        assert!(made.success(), "{CELLS}: {made}");
        println!("{}: swept in {:.0} s", program.display(), started.elapsed().as_secs_f64());
        version
    }

    fn command(&self, program: &Path, words: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(program);
        command.args(words).arg("--embedded").env("GILCTL_DATA_DIR", self.home.path());
        command.current_dir(self.home.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs a command below a process of this program, whose only child it is: that is how the
    /// system tells the memory of one.
    fn measured(&self, words: &[&str]) -> Taken {
        let this = std::env::current_exe().expect("this program");
        let program = self.program.to_str().expect("text");
        let said = self
            .command(&this, &[&[ONE, program][..], words].concat())
            .stdout(Stdio::piped())
            .output()
            .expect("this program runs");
        let said = String::from_utf8(said.stdout).expect("text");
        let mut numbers = said.split_whitespace().map(|it| it.parse::<f64>().expect("a number"));
        let mut next = || numbers.next().unwrap_or_else(|| panic!("{words:?} failed: {said}"));
        Taken { seconds: next(), mib: next() }
    }
}

/// Runs one command and prints its seconds and its most memory in MiB.
fn one(program: &str, words: &[String]) {
    let started = Instant::now();
    let ended = Command::new(program).args(words).stdout(Stdio::null()).status();
    let seconds = started.elapsed().as_secs_f64();
    assert!(ended.is_ok_and(|it| it.success()), "{words:?}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    println!("{seconds} {}", usage.max_rss() as f64 / 1024.0);
}

/// Least, median and greatest.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}

fn described(taken: &[Taken]) -> String {
    let [low, middle, high] = spread(taken.iter().map(|it| it.seconds).collect());
    let [_, _, mib] = spread(taken.iter().map(|it| it.mib).collect());
    let verdict = |is_within| if is_within { "" } else { " (more than that)" };
    format!(
        "{middle:.3} s [{low:.3}-{high:.3}]{}, {mib:.1} MiB{}",
        verdict(middle <= SECONDS_MAX),
        verdict(mib <= MIB_MAX)
    )
}

/// The median of the ratios of rounds, with the least and the greatest.
fn ratio(own: &[Taken], earlier: &[Taken]) -> String {
    let ratios = own.iter().zip(earlier).map(|(own, earlier)| own.seconds / earlier.seconds);
    let [low, middle, high] = spread(ratios.collect());
    format!("{middle:.2} [{low:.2}-{high:.2}]")
}
