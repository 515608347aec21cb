//! Page that is printed, and kept for a file if one was asked for.

use std::path::{Path, PathBuf};

use engine::sys::host::Host;

/// Lines of Markdown.
pub(crate) struct Page {
    lines: Vec<String>,
    file: Option<PathBuf>,
}

impl Page {
    pub(crate) fn new() -> Self {
        let mut args = std::env::args().skip_while(|arg| arg != "--write").skip(1);
        // Paths are relative to the workspace, where cargo was called.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let mut page = Self { lines: Vec::new(), file: args.next().map(|name| root.join(name)) };
        page.say("# Locks measured");
        page.say("");
        page.say(
            "`cargo bench -p gild --bench locks -- --write docs/locks-measured.md` writes \
                  this page anew.",
        );
        let Host { cpu_model, cores, kernel, .. } = Host::detect();
        page.say(format!("{cpu_model}, {cores} cores, {kernel}; {}.", scheduling_class()));
        page
    }

    pub(crate) fn say(&mut self, line: impl Into<String>) {
        let line = line.into();
        println!("{line}");
        self.lines.push(line);
    }

    pub(crate) fn head(&mut self, title: &str, about: &str, columns: &[&str]) {
        for line in ["", &format!("## {title}"), "", about, ""] {
            self.say(line);
        }
        self.say(format!("| {} |", columns.join(" | ")));
        self.say(format!("|{}", "---|".repeat(columns.len())));
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.say(format!("| {} |", cells.join(" | ")));
    }

    pub(crate) fn end(self) {
        if let Some(file) = self.file {
            std::fs::write(&file, self.lines.join("\n") + "\n").expect("the file can be written");
        }
    }
}

/// How the kernel schedules this process, as its own account says.
fn scheduling_class() -> String {
    let sched = std::fs::read_to_string("/proc/self/sched").unwrap_or_default();
    let field = |name: &str| {
        let line =
            sched.lines().find(|line| line.split(':').next().map(str::trim) == Some(name))?;
        line.rsplit(':').next().map(|value| value.trim().to_owned())
    };
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // proc(5): fields 19 (nice) and 41 (policy), counted from 1; two stand before the name's end.
    let nice = fields.get(16).copied().unwrap_or("unknown");
    let policy = match field("policy").as_deref().or(fields.get(38).copied()) {
        Some("0") => "SCHED_OTHER",
        Some("1") => "SCHED_FIFO",
        Some("2") => "SCHED_RR",
        Some("3") => "SCHED_BATCH",
        Some(_) | None => "an unknown scheduling class",
    };
    format!("{policy}, nice {nice}")
}
