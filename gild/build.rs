//! Build facts for the binary: revision, compiler, target, profile. An unknown one is "unknown"; no
//! build fails for it.

use std::path::Path;
use std::process::Command;

const UNKNOWN: &str = "unknown";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A build outside a checkout, e.g. of a package, can say its revision.
    println!("cargo::rerun-if-env-changed=GILD_REVISION");
    // The log of HEAD grows with every commit and every switch of branches.
    if let Some(log) = said("git", &["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    let given = std::env::var("GILD_REVISION").ok().filter(|given| !given.is_empty());
    let revision = given.or_else(|| said("git", &["rev-parse", "--short=12", "HEAD"]));
    let rustc = std::env::var("RUSTC").ok().and_then(|rustc| said(&rustc, &["--version"]));
    let variable = |name| std::env::var(name).ok();
    for (name, value) in [
        ("GILD_BUILD_REVISION", revision),
        ("GILD_BUILD_RUSTC", rustc),
        ("GILD_BUILD_TARGET", variable("TARGET")),
        ("GILD_BUILD_PROFILE", variable("PROFILE")),
    ] {
        println!("cargo::rustc-env={name}={}", value.as_deref().unwrap_or(UNKNOWN));
    }
}

/// What a program says in one line; nothing if it is not there, fails or says nothing.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
