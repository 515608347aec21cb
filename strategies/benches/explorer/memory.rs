//! The most memory that each answer takes, measured in a process of its own: what one task has
//! freed would hide what the next one needs.

use std::process::{Command, ExitCode};

use crate::{goals, toys};

/// Asks for one task alone.
pub(crate) const FLAG: &str = "--alone";

/// A task by its name.
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

/// In the child: does the task and says how much it took.
pub(crate) fn run_alone(name: &str) -> ExitCode {
    let Some(task) = task(name) else {
        eprintln!("there is no task {name:?}");
        return ExitCode::FAILURE;
    };
    task();
    // Of this program alone; what getrusage says counts its parent's from before it was started.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown");
    println!("{}", peak.trim());
    ExitCode::SUCCESS
}

pub(crate) fn all() {
    println!("most memory, each in a process of its own");
    let own = ["nothing", "search 2 x 4", "search 2 x 20"];
    let theirs = ["shuttle 2 x 4", "loom 2 x 4"];
    let goals = goals::ALL.map(|goal| goal.name);
    for name in own.into_iter().chain(theirs).chain(goals) {
        println!("  {name:<40} {:>12}", peak(name));
    }
}

fn peak(name: &str) -> String {
    let program = std::env::current_exe().expect("a program has a path");
    let child = Command::new(program).args([FLAG, name]).output().expect("it can be started again");
    assert!(child.status.success(), "{name}: {}", String::from_utf8_lossy(&child.stderr));
    String::from_utf8_lossy(&child.stdout).trim().to_owned()
}
