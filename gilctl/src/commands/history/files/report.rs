//! `gilctl report`: stored sweeps as a page of HTML, or of Markdown with drawings beside it.

use std::path::{Path, PathBuf};

use proto::v1::{CompareSweepsRequest, GetPictureRequest, Picture, PictureKind};

use crate::cli::history::ReportFlags;
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::history::files::whole_file::{check_absent, write_all};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use view::follow::sweep_view::SweepView;
use view::render::format::quantity::{bytes, counted};
use view::render::report::content::{Compared, KINDS, Report, SweepSection};
use view::render::report::{html, markdown};

/// What a report is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Markdown,
}

/// Fetches the sweeps, and writes the report.
pub async fn run(context: &Context, flags: &ReportFlags) -> Result<Exit, Failure> {
    let path = flags.out.as_path();
    let form = form(path)?;
    check_absent(path, flags.force)?;
    let fetching = async |lab: &Lab| fetch(lab, flags).await;
    let report = context.with_lab(Fallback::Embed { pythons: &[] }, fetching).await?;
    let files = files(&report, path, form);
    write_all(&files, flags.force)?;
    let size: usize = files.iter().map(|(_, text)| text.len()).sum();
    let beside = match files.len() - 1 {
        0 => String::new(),
        drawings => format!(" with {} beside it", counted(drawings as u64, "drawing")),
    };
    context.hints.say(&format!("wrote {}{beside}, {}", path.display(), bytes(size as f64)));
    Ok(Exit::Fine)
}

/// The form that the ending of a file's name says.
fn form(path: &Path) -> Result<Form, Failure> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("html") => Ok(Form::Html),
        Some("md") => Ok(Form::Markdown),
        _ => {
            let shown = path.display();
            let message = format!("--out: {shown}: a report is a file that ends in .html or .md");
            Err(Failure::new(Exit::Usage, message, "name one of these, e.g. report.html"))
        }
    }
}

async fn fetch(lab: &Lab, flags: &ReportFlags) -> Result<Report, Failure> {
    // Listed once, so that `latest` and `latest~1` belong to the same list.
    let (stored, latest) = (lab.list().await?.sweeps(), flags.owners.latest());
    let mut names: Vec<String> = Vec::with_capacity(flags.ids.len());
    for typed in &flags.ids {
        let name = lab.sweep_among(typed, latest, &stored).await?;
        if names.contains(&name) {
            let message = format!("report: {} is named twice", ids::short(&name));
            return Err(Failure::new(Exit::Usage, message, "name each sweep once"));
        }
        names.push(name);
    }
    let mut sections = Vec::with_capacity(names.len());
    for name in &names {
        sections.push(section(lab, name).await?);
    }
    let compared = if names.len() > 1 { Some(compare(lab, names).await?) } else { None };
    Ok(Report::new(compared, sections))
}

async fn section(lab: &Lab, name: &str) -> Result<SweepSection, Failure> {
    let answer = lab.get(name).await?;
    let view = SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))?;
    let mut pictures = Vec::new();
    for kind in KINDS {
        pictures.extend(picture(lab, vec![name.to_owned()], kind).await?);
    }
    Ok(SweepSection::new(&view, pictures))
}

async fn compare(lab: &Lab, names: Vec<String>) -> Result<Compared, Failure> {
    let request = CompareSweepsRequest { names: names.clone(), force: false, by: Vec::new() };
    let answer = lab.compare(request).await?;
    let picture = if answer.cells.is_empty() {
        None
    } else {
        picture(lab, names, PictureKind::Ratios).await?
    };
    Ok(Compared::new(&answer, picture))
}

/// A picture; `None` of a kind that the sweeps cannot give.
async fn picture(
    lab: &Lab,
    names: Vec<String>,
    kind: PictureKind,
) -> Result<Option<Picture>, Failure> {
    let request = GetPictureRequest { names, kind: kind.into(), cell: None };
    match lab.picture(request).await {
        Ok(picture) => Ok(Some(picture)),
        Err(failure) if failure.exit() == Exit::Usage => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The files with their texts, the report the last.
fn files(report: &Report, path: &Path, form: Form) -> Vec<(PathBuf, String)> {
    if form == Form::Html {
        return vec![(path.to_owned(), html::page(report))];
    }
    let stem = path.file_stem().unwrap_or_default();
    let (text, drawings) = markdown::page(report, Path::new(stem));
    let beside = |suffix: &str| {
        let mut name = stem.to_owned();
        name.push(format!("-{suffix}.svg"));
        path.with_file_name(name)
    };
    let drawings = drawings.into_iter().map(|it| (beside(&it.suffix), it.svg));
    drawings.chain([(path.to_owned(), text)]).collect()
}
