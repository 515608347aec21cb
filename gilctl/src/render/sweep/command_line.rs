//! A sweep's spec as the command line that asks for it: the way back of [`crate::cli::to_request::spec`],
//! so that what is printed here, typed again, asks for exactly the same. A test over the wire's
//! fields holds that none is forgotten.

use std::borrow::Cow;

use proto::v1::{Order, Pin, SweepSpec};

use crate::cli::parse::duration::{show, show_nanoseconds};
use crate::render::format::enum_names;

/// The words of `gilctl sweep ...`, one argument each.
pub fn arguments(spec: &SweepSpec) -> Vec<String> {
    let mut line = Line(vec!["gilctl".to_owned(), "sweep".to_owned()]);
    subjects(&mut line, spec);
    work(&mut line, spec);
    requests(&mut line, spec);
    load(&mut line, spec);
    course(&mut line, spec);
    line.0
}

/// The command for a shell, quoted where it has to be. A path with a zero byte, which no system
/// has, loses it.
pub fn command(spec: &SweepSpec) -> String {
    arguments(spec).into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Lists stay as people type them: to no shell does a comma or a percent sign mean anything there.
fn quoted(word: String) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word;
    }
    shlex::try_quote(&word.replace('\0', "")).map_or_else(|_| String::new(), Cow::into_owned)
}

/// What is measured.
fn subjects(line: &mut Line, spec: &SweepSpec) {
    line.list("--strategy", &spec.strategies);
    line.list("--era", &spec.eras);
    line.list("--switch-interval", &lengths(&spec.switch_interval_ps, show));
    line.list("--switch-ticks", &spec.switch_ticks);
    line.each("--python", &spec.pythons);
}

/// What workers do.
fn work(line: &mut Line, spec: &SweepSpec) {
    line.list("--workers", &spec.workers);
    line.list("--tasks", &spec.tasks);
    line.list("--increments", &spec.increments);
    line.list("--body", &spec.bodies);
    line.each("--steps", &spec.steps);
    line.list("--task-steps", &spec.task_steps);
    line.one("--step-cost", spec.step_cost_ns.map(length));
    line.list("--inside", &lengths(&spec.inside_ns, show_nanoseconds));
    line.list("--outside", &lengths(&spec.outside_ns, show_nanoseconds));
}

/// What workers ask of the system.
fn requests(line: &mut Line, spec: &SweepSpec) {
    let mut asked = lengths(&spec.io_ns, show_nanoseconds);
    asked.extend(spec.io_calls.iter().cloned());
    line.list("--io", &asked);
    line.list("--io-every", &spec.io_every);
    line.list("--cpu-workers", &spec.cpu_workers);
    line.list("--io-workers", &spec.io_workers);
    line.one("--requests", spec.requests);
}

/// What loads locks.
fn load(line: &mut Line, spec: &SweepSpec) {
    line.one("--duration", spec.duration_ns.map(length));
    line.list("--lengths", &spec.lengths);
    line.list("--locks", &spec.locks);
    line.list("--reads", &spec.reads_percent);
    line.list("--arrivals", &spec.arrivals_per_s);
}

/// How it is run.
fn course(line: &mut Line, spec: &SweepSpec) {
    let percent = |permille: u32| format!("{}.{}%", permille / 10, permille % 10);
    line.one("--attempts", spec.attempts);
    line.one("--precision", spec.precision_permille.map(percent));
    line.one("--seed", spec.seed);
    let order = Some(spec.order()).filter(|order| *order != Order::Unspecified);
    line.one("--order", order.map(enum_names::order));
    let pin = Some(spec.pin()).filter(|pin| *pin != Pin::Unspecified);
    line.one("--pin", pin.map(enum_names::pin));
    if spec.allow_starvation {
        line.0.push("--allow-starvation".to_owned());
    }
}

/// The words so far.
struct Line(Vec<String>);

impl Line {
    /// A flag whose values stand in one word with commas between them.
    fn list<T: ToString>(&mut self, flag: &str, values: &[T]) {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        self.one(flag, (!values.is_empty()).then(|| values.join(",")));
    }

    /// A flag that is given once for each value.
    fn each(&mut self, flag: &str, values: &[String]) {
        for value in values {
            self.one(flag, Some(value));
        }
    }

    /// A flag that is given once, if at all. What looks like a flag is tied to it.
    fn one(&mut self, flag: &str, value: Option<impl ToString>) {
        match value.map(|value| value.to_string()) {
            None => {}
            Some(value) if value.starts_with('-') => self.0.push(format!("{flag}={value}")),
            Some(value) => self.0.extend([flag.to_owned(), value]),
        }
    }
}

fn length(nanos: u64) -> String {
    show_nanoseconds(nanos).replace(' ', "")
}

fn lengths(values: &[u64], show: fn(u64) -> String) -> Vec<String> {
    values.iter().map(|value| show(*value).replace(' ', "")).collect()
}
