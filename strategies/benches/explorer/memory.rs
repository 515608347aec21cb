//! Peak memory of each task, measured in a child process: memory that one task has freed would hide
//! the need of the next one.

use std::process::{Command, ExitCode};

use crate::{goals, toys};

/// Flag that runs one task alone.
pub(crate) const FLAG: &str = "--alone";

/// The task of this name.
fn task(name: &str) -> Option<Box<dyn FnOnce()>> {
    let goal = goals::ALL.into_iter().find(|goal| goal.name == name);
    match name {
        "nothing" => Some(Box::new(|| {})),
        "search 2 x 4" => Some(Box::new(|| drop(toys::by_search(4)))),
        "search 2 x 20" => Some(Box::new(|| drop(toys::by_search(20)))),
        "shuttle 2 x 4" => Some(Box::new(|| drop(toys::by_shuttle(4)))),
        "loom 2 x 4" => Some(Box::new(|| drop(toys::by_loom(4)))),
        _ => goal.map(|goal| Box::new(goal.run) as Box<dyn FnOnce()>),
    }
}

/// In the child process: runs the task and prints its peak memory.
pub(crate) fn run_alone(name: &str) -> ExitCode {
    let Some(task) = task(name) else {
        eprintln!("unknown task {name:?}");
        return ExitCode::FAILURE;
    };
    task();
    // VmHWM covers this program alone; the figure of getrusage includes its parent's memory from
    // before the exec.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown");
    println!("{}", peak.trim());
    ExitCode::SUCCESS
}

pub(crate) fn all() {
    println!("peak memory, each in a process of its own");
    let own = ["nothing", "search 2 x 4", "search 2 x 20"];
    let theirs = ["shuttle 2 x 4", "loom 2 x 4"];
    let goals = goals::ALL.map(|goal| goal.name);
    for name in own.into_iter().chain(theirs).chain(goals) {
        println!("  {name:<40} {:>12}", peak(name));
    }
}

fn peak(name: &str) -> String {
    let program = std::env::current_exe().expect("the path of this program is known");
    let child =
        Command::new(program).args([FLAG, name]).output().expect("the child process starts");
    assert!(child.status.success(), "{name}: {}", String::from_utf8_lossy(&child.stderr));
    String::from_utf8_lossy(&child.stdout).trim().to_owned()
}
