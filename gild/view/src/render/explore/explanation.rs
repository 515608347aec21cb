//! Explanation of a sweep's figures: for each cell the laws and limits that apply to it, beside the
//! measured figures. The daemon decides whether they agree.

use proto::v1::{Agreement, CellExplanation, Claim, ExplainSweepResponse};

use crate::ids;
use crate::render::explore::header;
use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::page::Page;
use crate::render::format::page::Width;
use crate::render::format::value::Value;
use crate::render::format::wrap::sentence;
use crate::render::format::{csv, json};

const HEADINGS: [&str; 4] = ["LAW", "CLAIM", "MEASURED", "AGREES"];
const NOTHING: &str = "No law or limit speaks of this cell.";

/// The explanation of a sweep's figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The resource name of the sweep.
    pub name: String,
    /// The explanation that the daemon gave.
    pub answer: ExplainSweepResponse,
}

impl Document for Explanation {
    /// A small table per cell.
    fn table(&self, page: Page) -> String {
        let block = |cell: &CellExplanation| {
            let heading = sentence(&title(cell), page.width);
            let paint = |line: String| page.color.paint(Emphasis::Heading, &line);
            let mut lines: Vec<String> = heading.into_iter().map(paint).collect();
            lines.extend(header::model(&cell.model, page.width));
            lines.push(String::new());
            match cell.claims.as_slice() {
                [] => lines.extend(sentence(NOTHING, page.width)),
                _ => lines.extend(grid(cell).fitted(page.width, page.color)),
            }
            lines.into_iter().map(|line| line + "\n").collect::<String>()
        };
        self.answer.cells.iter().map(block).collect::<Vec<String>>().join("\n")
    }

    fn markdown(&self) -> String {
        let block = |cell: &CellExplanation| {
            let claims = match cell.claims.as_slice() {
                [] => format!("{NOTHING}\n"),
                _ => grid(cell).markdown(),
            };
            let model = header::model(&cell.model, Width::Any);
            let model: String = model.into_iter().map(|line| line + "\n\n").collect();
            format!("### {}\n\n{model}{claims}", title(cell))
        };
        self.answer.cells.iter().map(block).collect::<Vec<String>>().join("\n")
    }

    /// A row per claim.
    fn csv(&self) -> String {
        let row = |cell: &CellExplanation, it: &Claim| {
            let mut fields = vec![
                self.sweep(),
                ("cell", Some(cell.cell.into())),
                ("title", Some(cell.title.as_str().into())),
            ];
            fields.extend(claim(it));
            fields.push(model(cell));
            fields
        };
        let of_cell = |cell: &CellExplanation| {
            cell.claims.iter().map(|it| row(cell, it)).collect::<Vec<Vec<Field>>>()
        };
        let header = row(&CellExplanation::default(), &Claim::default());
        csv::headed(&header, self.answer.cells.iter().flat_map(of_cell))
    }

    /// A record per cell.
    fn records(&self) -> Vec<Record> {
        let record = |cell| {
            let fields = [self.sweep()].into_iter().chain(of_cell(cell)).collect();
            Record::new("explanation", fields)
        };
        self.answer.cells.iter().map(record).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let cells: Vec<Value> =
            self.answer.cells.iter().map(|it| json::object(of_cell(it))).collect();
        vec![("kind", Some("explain".into())), self.sweep(), ("cells", Some(cells.into()))]
    }
}

impl Explanation {
    fn sweep(&self) -> Field {
        ("sweep", Some(ids::id(&self.name).into()))
    }
}

fn of_cell(cell: &CellExplanation) -> Vec<Field> {
    let claims: Vec<Value> = cell.claims.iter().map(|it| json::object(claim(it))).collect();
    vec![
        ("cell", Some(cell.cell.into())),
        ("title", Some(cell.title.as_str().into())),
        model(cell),
        ("claims", Some(claims.into())),
    ]
}

/// What is modelled in place of the code; absent where the code is.
fn model(cell: &CellExplanation) -> Field {
    ("model", (!cell.model.is_empty()).then(|| cell.model.as_str().into()))
}

fn claim(it: &Claim) -> Vec<Field> {
    vec![
        ("law", Some(it.law.as_str().into())),
        ("claim", Some(it.claim.as_str().into())),
        ("measured", Some(it.measured.as_str().into())),
        ("agrees", Some(agrees(it.agreement()).into())),
    ]
}

fn agrees(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Yes => "yes",
        Agreement::No => "no",
        Agreement::Open | Agreement::Unspecified => "open",
    }
}

fn title(cell: &CellExplanation) -> String {
    format!("cell {}: {}", cell.cell, cell.title)
}

fn grid(cell: &CellExplanation) -> Grid {
    let mut grid = Grid::new(HEADINGS.map(|heading| (heading, Align::Left)));
    for it in &cell.claims {
        let mark = match it.agreement() {
            Agreement::No => Emphasis::Lost,
            Agreement::Yes | Agreement::Open | Agreement::Unspecified => Emphasis::None,
        };
        let texts = [&it.law, &it.claim, &it.measured].map(Clone::clone);
        grid.push(texts.into_iter().chain([agrees(it.agreement()).to_owned()]), mark);
    }
    grid
}
