#!/usr/bin/env bash
# Guess:     loom and shuttle explore what the standard library allows: a compare_exchange_weak that
#            fails although the value matches, a Condvar::wait and a park that return for no reason.
# Behaviour: in both compare_exchange_weak is compare_exchange, and Condvar::wait returns only after
#            a notification: code with `if` where it needs `while` passes every schedule. park
#            differs: loom never returns early from it, shuttle does in about half of the runs.
#            loom ends after exploring all (4, 8 and 2 executions); it is complete without them.
# Version:   loom 0.7.2, shuttle 0.9.9 (cargo).
# Source:    loom src/sync/atomic/int.rs (weak calls strong, not documented), src/rt/condvar.rs;
#            shuttle-std src/sync/atomic/int.rs ("TODO actually produce spurious failures"),
#            src/sync/condvar.rs, src/thread.rs (park).
# Date:      2026-11-28
. "$(dirname "$0")/lib.sh"

mkdir -p "$work/spurious/src"
cat >"$work/spurious/Cargo.toml" <<'TOML'
[package]
name = "spurious"
version = "0.0.0"
edition = "2021"
[dependencies]
loom = "=0.7.2"
shuttle = "=0.9.9"
[profile.dev]
debug = false
TOML
cat >"$work/spurious/src/main.rs" <<'RUST'
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static EXECUTIONS: AtomicUsize = AtomicUsize::new(0);
static SPURIOUS: AtomicUsize = AtomicUsize::new(0);

fn note(spurious: bool) {
    SPURIOUS.fetch_add(usize::from(spurious), SeqCst);
}

/// The three programs with the types of one model checker.
macro_rules! programs {
    ($checker:ident) => {
        mod $checker {
            use super::{note, EXECUTIONS};
            use std::sync::atomic::Ordering::{AcqRel, Acquire, SeqCst};
            use $checker::sync::atomic::{AtomicBool, AtomicUsize};
            use $checker::sync::{Arc, Condvar, Mutex};
            use $checker::thread;

            pub fn compare_exchange_weak() {
                EXECUTIONS.fetch_add(1, SeqCst);
                let word = Arc::new(AtomicUsize::new(0));
                let other = word.clone();
                let exchange = |word: &AtomicUsize, new| {
                    note(word.compare_exchange_weak(0, new, AcqRel, Acquire) == Err(0))
                };
                let thread = thread::spawn(move || exchange(&other, 1));
                exchange(&word, 2);
                thread.join().unwrap();
            }

            pub fn condvar_wait() {
                EXECUTIONS.fetch_add(1, SeqCst);
                let pair = Arc::new((Mutex::new(false), Condvar::new()));
                let other = pair.clone();
                let thread = thread::spawn(move || {
                    *other.0.lock().unwrap() = true;
                    other.1.notify_one();
                });
                let ready = pair.0.lock().unwrap();
                if !*ready {
                    note(!*pair.1.wait(ready).unwrap());
                } else {
                    drop(ready);
                }
                thread.join().unwrap();
            }

            pub fn park() {
                EXECUTIONS.fetch_add(1, SeqCst);
                let ready = Arc::new(AtomicBool::new(false));
                let (other, parked) = (ready.clone(), thread::current());
                let thread = thread::spawn(move || {
                    other.store(true, SeqCst);
                    parked.unpark();
                });
                thread::park();
                note(!ready.load(SeqCst));
                thread.join().unwrap();
            }
        }
    };
}
programs!(loom);
programs!(shuttle);

fn report(name: &str, check: impl FnOnce()) {
    EXECUTIONS.store(0, SeqCst);
    SPURIOUS.store(0, SeqCst);
    check();
    let (executions, spurious) = (EXECUTIONS.load(SeqCst), SPURIOUS.load(SeqCst));
    println!("{name} {spurious} of {executions}");
}

fn main() {
    let random = |program: fn()| ::shuttle::check_random(program, 20_000);
    report("loom-weak", || ::loom::model(loom::compare_exchange_weak));
    report("shuttle-weak", || random(shuttle::compare_exchange_weak));
    report("loom-wait", || ::loom::model(loom::condvar_wait));
    report("shuttle-wait", || random(shuttle::condvar_wait));
    report("loom-park", || ::loom::model(loom::park));
    report("shuttle-park", || random(shuttle::park));
}
RUST
cargo_build "$work/spurious"
"$work/target/debug/spurious" >"$work/counts" 2>"$work/warnings"
count() { sed -n "s/^$1 //p" "$work/counts"; }

observed "loom, compare_exchange_weak" "0 of 4" "$(count loom-weak)"
observed "shuttle, compare_exchange_weak" "0 of 20000" "$(count shuttle-weak)"
observed "loom, Condvar::wait" "0 of 8" "$(count loom-wait)"
observed "shuttle, Condvar::wait" "0 of 20000" "$(count shuttle-wait)"
observed "loom, park" "0 of 2" "$(count loom-park)"
observed "shuttle, park returns early" "some" "$(count shuttle-park | sed 's/^[1-9].*/some/')"
echo "shuttle, park: $(count shuttle-park)"
verdict
