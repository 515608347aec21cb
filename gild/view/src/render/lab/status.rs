//! State of a lab: the running job, the queue, the history, memory.

use proto::v1::{Lab, OwnerLoad};

use crate::ids;
use crate::ids::Kind;
use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::{Field, object};
use crate::render::format::page::Page;
use crate::render::format::quantity::{age, bytes, counted};
use crate::render::format::value::Value;
use crate::render::format::wrap::sentence;
use crate::render::sweep::header;
use crate::render::sweep::json::machine;

/// The state of a lab at the time `now_ns`, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The lab as the daemon described it.
    pub lab: Lab,
    /// The time from which ages are counted.
    pub now_ns: u64,
}

impl Document for Status {
    /// A degraded lab has a highlighted line below the table.
    fn table(&self, page: Page) -> String {
        // Two columns of words need no heading.
        let grid = grid(&self.lab, self.now_ns).headless();
        let mut lines = grid.fitted(page.width, page.color);
        if !self.lab.degraded.is_empty() {
            let degraded = sentence(&format!("degraded: {}", self.lab.degraded), page.width);
            lines.extend(degraded.iter().map(|it| page.color.paint(Emphasis::Broken, it)));
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn grids(&self) -> Vec<Grid> {
        vec![grid(&self.lab, self.now_ns)]
    }

    fn records(&self) -> Vec<Record> {
        vec![Record::new("status", fields(&self.lab))]
    }

    fn fields(&self) -> Vec<Field> {
        fields(&self.lab)
    }
}

/// A row per property.
fn grid(lab: &Lab, now_ns: u64) -> Grid {
    let mut grid = Grid::new([("WHAT", Align::Left), ("HOW IT STANDS", Align::Left)]);
    let mut add = |name: &str, text: String| grid.push([name.to_owned(), text], Emphasis::None);
    // A lab that reads beside another process knows only what is in the history.
    let is_known = lab.start_time_ns > 0;
    let known = |text: String| if is_known { text } else { "unknown".to_owned() };
    let up = known(age(now_ns, lab.start_time_ns));
    add("version", format!("{}, up {up}", lab.version));
    if let Some(machine) = &lab.machine {
        add("machine", header::machine(machine));
    }
    add("history", history(lab));
    add("running", running(lab));
    add("queue", queue(lab));
    add("lanes", known(lab.lanes.to_string()));
    add("watchers", known(lab.watchers.to_string()));
    add("memory", known_bytes(lab.resident_bytes));
    if !lab.pythons.is_empty() {
        add("pythons", lab.pythons.join(", "));
    }
    add("trust", known(if lab.degraded.is_empty() { "ok" } else { "degraded" }.to_owned()));
    grid
}

fn history(lab: &Lab) -> String {
    let kept = counted(lab.kept_sweeps.into(), "sweep");
    match lab.history.as_str() {
        "" => format!("{kept}, in memory only"),
        place => format!("{kept}, {} in {place}", bytes(lab.history_bytes as f64)),
    }
}

fn running(lab: &Lab) -> String {
    match lab.running.as_str() {
        "" => "nothing".to_owned(),
        name => format!("{} {}", Kind::of(name).noun(), ids::short(name)),
    }
}

fn queue(lab: &Lab) -> String {
    let owner = |OwnerLoad { owner, waiting }: &OwnerLoad| format!("{owner}: {waiting}");
    let owners: Vec<String> = lab.owners.iter().map(owner).collect();
    let waiting = counted(lab.queued_sweeps.into(), "sweep");
    if owners.is_empty() { waiting } else { format!("{waiting} ({})", owners.join(", ")) }
}

fn known_bytes(size: u64) -> String {
    if size == 0 { "unknown".to_owned() } else { bytes(size as f64) }
}

/// The lab as named fields, without its limits.
fn fields(lab: &Lab) -> Vec<Field> {
    let Lab {
        version,
        start_time_ns,
        machine: host,
        limits: _,
        queued_sweeps,
        kept_sweeps,
        pythons,
        running,
        degraded,
        history,
        history_bytes,
        watchers,
        owners,
        lanes,
        resident_bytes,
    } = lab;
    let is_known = *start_time_ns > 0;
    let text = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Value::from);
    let owner = |it: &OwnerLoad| {
        object([("owner", Some(it.owner.as_str().into())), ("waiting", Some(it.waiting.into()))])
    };
    vec![
        ("version", text(version)),
        ("start_time_ns", is_known.then(|| Value::digits(*start_time_ns))),
        ("machine", host.as_ref().map(machine)),
        ("history", text(history)),
        ("history_bytes", Some(Value::number(*history_bytes))),
        ("kept_sweeps", Some((*kept_sweeps).into())),
        ("running", text(ids::id(running))),
        ("queued_sweeps", Some((*queued_sweeps).into())),
        ("owners", Some(owners.iter().map(owner).collect::<Vec<_>>().into())),
        ("lanes", is_known.then(|| (*lanes).into())),
        ("watchers", is_known.then(|| (*watchers).into())),
        ("resident_bytes", Some(*resident_bytes).filter(|size| *size > 0).map(Value::number)),
        ("pythons", Some(pythons.clone().into())),
        ("degraded", text(degraded)),
    ]
}
