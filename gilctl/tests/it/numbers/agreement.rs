//! The figures of one sweep in its table, documents, pictures and report, held against those that this test
//! computes by itself from the attempts in the history.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::real_lab::end_to_end::run;
use crate::support::server::outcome;

/// The half-width of a 95 % interval of a normal distribution, in standard deviations.
const Z_95: f64 = 1.959_963_984_540_054;
const KINDS: [&str; 2] = ["rate", "right"];

/// The attempts of a cell, as the history has them.
#[derive(Default)]
struct Attempts {
    expected: f64,
    finals: Vec<f64>,
    durations_ns: Vec<f64>,
}

/// A median with quartiles, or a share with its interval.
type Figure = [f64; 3];

impl Attempts {
    fn of_sweep(directory: &Path) -> Vec<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let history =
            Connection::open_with_flags(directory.join("lab.db"), flags).expect("a history");
        let query = "SELECT attempts.cell, expected, final, attempts.duration_ns FROM attempts
                     JOIN cells USING (work, cell) ORDER BY attempts.cell, attempt";
        let mut statement = history.prepare(query).expect("columns of the documented history");
        let mut rows = statement.query([]).expect("rows");
        let mut cells: Vec<Self> = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            let cell: usize = row.get::<_, i64>(0).expect("a cell").try_into().expect("from 0");
            let number = |column| row.get::<_, i64>(column).expect("a number") as f64;
            cells.resize_with(cells.len().max(cell + 1), Self::default);
            cells[cell].expected = number(1);
            cells[cell].finals.push(number(2));
            cells[cell].durations_ns.push(number(3));
        }
        cells
    }

    fn right(&self) -> f64 {
        self.finals.iter().filter(|it| **it >= self.expected).count() as f64
    }

    /// Share and Wilson's score interval.
    fn right_share(&self) -> Figure {
        let (n, right) = (self.finals.len() as f64, self.right());
        let (p, z2) = (right / n, Z_95 * Z_95);
        let root = (z2 / (4.0 * n * n) + p * (1.0 - p) / n).sqrt();
        let end = |sign: f64| (p + z2 / (2.0 * n) + sign * Z_95 * root) / (1.0 + z2 / n);
        [p, end(-1.0).max(0.0), end(1.0).min(1.0)]
    }

    fn lost_share(&self) -> Figure {
        quartiles(self.finals.iter().map(|it| (self.expected - it) / self.expected))
    }

    fn rate(&self) -> Figure {
        quartiles(self.durations_ns.iter().map(|ns| self.expected * 1e9 / ns))
    }
}

/// Median, first and third quartile, each between the two nearest values.
fn quartiles(values: impl Iterator<Item = f64>) -> Figure {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [2, 1, 3].map(|quarter| {
        let (place, rest) = ((values.len() - 1) * quarter / 4, (values.len() - 1) * quarter % 4);
        let next = values[(place + 1).min(values.len() - 1)];
        values[place] + (next - values[place]) * rest as f64 / 4.0
    })
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3)
}

/// The numbers of `17 M [15-215]`, each with half of its last digit's worth: what is before the brackets
/// is rounded to the nearest, the ends perhaps outwards.
fn shown(text: &str) -> Vec<(f64, f64)> {
    let scales = [(" k", 1e3), (" M", 1e6), (" G", 1e9)];
    let scale = scales.iter().find(|(letter, _)| text.contains(letter)).map_or(1.0, |it| it.1);
    let is_digit = |it: char| it.is_ascii_digit() || it == '.';
    let numbers = text.split(|it| !is_digit(it)).filter(|it| !it.is_empty());
    let number = |text: &str| {
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let half = 0.5 * 0.1_f64.powi(i32::try_from(decimals).expect("few"));
        (text.parse::<f64>().expect("a number") * scale, half * scale)
    };
    numbers.map(number).collect()
}

/// Holds a text against a figure; the ends of an interval may be left out.
#[track_caller]
fn assert_shows(text: &str, figure: Figure, name: &str) {
    let shown = shown(text);
    assert!(!shown.is_empty(), "{name}: {text:?} has no number");
    for (at, ((number, half), wanted)) in shown.into_iter().zip(figure).enumerate() {
        let reach = if at == 0 { half } else { 2.0 * half };
        let is_shown = (number - wanted).abs() <= reach * (1.0 + 1e-9);
        assert!(is_shown, "{name}: {text:?} says {number}, the attempts {wanted}");
    }
}

/// A lab inside gilctl with a sweep, of which one strategy loses.
struct Lab(tempfile::TempDir);

impl Lab {
    fn with_sweep() -> Self {
        let lab = Self(tempfile::tempdir().expect("a directory"));
        let sweep =
            "sweep --strategy fair-mutex,unlocked --workers 1,2 --tasks 2 --increments 20000";
        let words: Vec<&str> = sweep.split(' ').chain(["--attempts", "31"]).collect();
        lab.text(&words);
        lab
    }

    fn text(&self, words: &[&str]) -> String {
        let directory = self.0.path().to_str().expect("text");
        let embedded = ["--embedded", "--data-dir", directory];
        let (code, out, err) = outcome(&run(&[&embedded[..], words].concat()));
        assert_eq!(code, Some(0), "{words:?}: {err}");
        out
    }

    /// The file that a command writes.
    fn file(&self, words: &[&str], flag: &str, name: &str) -> String {
        let path = self.0.path().join(name);
        self.text(&[words, &[flag, path.to_str().expect("text")]].concat());
        std::fs::read_to_string(path).expect("a file")
    }
}

/// The texts of a row's columns, which are two spaces apart.
fn columns(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect()
}

/// The cells of each row of a page's tables, as their texts.
fn html_rows(page: &str) -> Vec<Vec<String>> {
    let row = |row: &str| {
        let cells =
            row.split("<t").skip(1).filter(|it| it.starts_with("d>") || it.starts_with("d "));
        let text = |cell: &str| {
            let inside = cell.split_once('>').map_or("", |(_, rest)| rest);
            inside.split('<').next().unwrap_or_default().trim().to_owned()
        };
        cells.map(text).collect()
    };
    page.split("<tr").skip(1).map(|it| row(it.split("</tr>").next().unwrap_or_default())).collect()
}

/// The figure in the title of each point of a drawing: behind the name of its series, before remarks.
fn svg_points(drawing: &str) -> Vec<String> {
    let titles = drawing.split("<title>").skip(2);
    let text = |it: &str| it.split("</title>").next().unwrap_or_default().to_owned();
    let points = titles.map(text).filter_map(|it| Some(it.rsplit_once(": ")?.1.to_owned()));
    points.filter_map(|it| Some(format!("{}]", it.split_once(']')?.0))).collect()
}

/// Values with ends that a specification of Vega-Lite holds.
fn vega_points(specification: &str) -> Vec<Figure> {
    let document: Value = serde_json::from_str(specification).expect("JSON");
    let values = document["data"]["values"].as_array().expect("data").iter();
    let observed = values.filter(|it| !it["observations"].is_null());
    observed
        .map(|it| ["y", "low", "high"].map(|name| it[name].as_f64().expect("a number")))
        .collect()
}

#[test]
fn figures_of_every_output_are_those_of_the_attempts() {
    let lab = Lab::with_sweep();
    let cells = Attempts::of_sweep(lab.0.path());
    assert_eq!(cells.iter().map(|it| it.finals.len()).collect::<Vec<_>>(), [31; 4]);
    let documents = documents(&lab, &cells);
    let (rates, rights) = (interval_of_rate(&documents), cells.iter().map(Attempts::right_share));
    let rights: Vec<Figure> = rights.map(|it| it.map(|share| 100.0 * share)).collect();
    let page = html_rows(&lab.file(&["report", "latest"], "-o", "report.html"));
    tables(&lab, &cells, &page);
    for (kind, figures) in KINDS.into_iter().zip([rates, rights]) {
        let plot = ["plot", "latest", "--picture", kind];
        let values = vega_points(&lab.file(&plot, "--vega", &format!("{kind}.json")));
        assert_eq!(values.len(), figures.len(), "{kind}");
        for (value, wanted) in values.iter().zip(&figures) {
            assert!(value.iter().zip(wanted).all(|(a, b)| is_near(*a, *b)), "{value:?} {wanted:?}");
        }
        let drawing = lab.file(&plot, "--svg", &format!("{kind}.svg"));
        let points = svg_points(&drawing);
        assert_eq!(points.len(), figures.len(), "{kind}: {points:?}");
        for (text, wanted) in points.iter().zip(&figures) {
            assert_shows(text, *wanted, kind);
            let is_in_page = page.iter().any(|row| row.contains(text));
            assert!(is_in_page, "{kind}: {text} is not beside the picture of the report");
        }
    }
}

/// Holds the lines of NDJSON against the attempts.
fn documents(lab: &Lab, cells: &[Attempts]) -> Vec<Value> {
    let lines = lab.text(&["show", "latest", "--output", "ndjson"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let documents: Vec<Value> = lines.filter(|it| it["kind"] == "cell").collect();
    assert_eq!(documents.len(), cells.len());
    for (document, own) in documents.iter().zip(cells) {
        assert_eq!(document["attempts"].as_u64(), Some(own.finals.len() as u64));
        assert!(is_near(document["correct"].as_f64().expect("a count"), own.right()));
        let figures = [
            (["correct_fraction", "correct_low", "correct_high"], own.right_share()),
            (["lost_fraction", "lost_low", "lost_high"], own.lost_share()),
            (
                [
                    "increments_per_second",
                    "increments_per_second_low",
                    "increments_per_second_high",
                ],
                own.rate(),
            ),
        ];
        for (names, wanted) in figures {
            for (name, wanted) in names.into_iter().zip(wanted) {
                let found = document[name].as_f64().expect("a number");
                assert!(is_near(found, wanted), "{name}: {found}, by the attempts {wanted}");
            }
        }
    }
    documents
}

/// The rate with the bootstrap's interval of its median, which holds the median and lies within the
/// attempts; its draws are the lab's own.
fn interval_of_rate(documents: &[Value]) -> Vec<Figure> {
    let names = [
        "increments_per_second",
        "increments_per_second_median_low",
        "increments_per_second_median_high",
    ];
    let figures = documents.iter().map(|it| names.map(|name| it[name].as_f64().expect("a number")));
    figures.inspect(|[middle, low, high]| assert!(low <= middle && middle <= high)).collect()
}

/// Holds the table, in the terminal and in the report, against the attempts.
fn tables(lab: &Lab, cells: &[Attempts], page: &[Vec<String>]) {
    let table = lab.text(&["show", "latest", "--columns", "strategy,workers,right,lost,rate"]);
    let is_row = |line: &&str| line.starts_with("fair-mutex") || line.starts_with("unlocked");
    let rows: Vec<Vec<&str>> = table.lines().filter(is_row).map(columns).collect();
    assert_eq!(rows.len(), cells.len(), "{table}");
    for (row, own) in rows.iter().zip(cells) {
        let [strategy, workers, right, lost, rate] = row[..] else { panic!("{row:?}") };
        assert_shows(right, own.right_share().map(|it| 100.0 * it), "RIGHT %");
        assert_shows(rate, own.rate(), "RATE");
        match lost.split_once(", worst ") {
            None => assert_shows(lost, own.lost_share().map(|it| 100.0 * it), "LOST %"),
            Some((median, worst)) => {
                assert_eq!((median, own.lost_share()[0]), ("0", 0.0));
                let least = own.finals.iter().copied().fold(f64::INFINITY, f64::min);
                let share = 100.0 * (own.expected - least) / own.expected;
                assert_shows(worst, [share; 3], "the worst of LOST %");
            }
        }
        let wanted = [strategy, workers, right, lost, rate];
        let is_same = |it: &Vec<String>| it.len() >= 5 && it[..5] == wanted.map(str::to_owned);
        assert!(page.iter().any(is_same), "{wanted:?} is not in the report: {page:?}");
    }
}
