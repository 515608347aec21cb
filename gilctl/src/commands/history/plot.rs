//! `gilctl plot`: a picture of stored jobs, as text and as SVG.

use proto::v1::{GetPictureRequest, PictureKind};

use crate::cli::history::{PictureChoice, PlotFlags};
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::explore::svg_file;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use view::render::picture::document::PictureDocument;
use view::render::picture::{svg, vega};

/// Fetches the picture and draws it.
pub async fn run(context: &Context, flags: &PlotFlags) -> Result<Exit, Failure> {
    let files = [("--svg", flags.svg.as_deref()), ("--vega", flags.vega.as_deref())];
    for (flag, file) in files {
        file.map(|path| svg_file::check(flag, path)).transpose()?;
    }
    let work = async |lab: &Lab| {
        // Listed once, so that `latest` and `latest~1` belong to the same list.
        let (stored, latest) = (lab.jobs().await?.candidates(), flags.owners.latest());
        let resolve = |id: &String| ids::resolve(id, latest, &stored).map(str::to_owned);
        let names = flags.ids.iter().map(resolve).collect::<Result<Vec<String>, Failure>>()?;
        let kind = wire_kind(flags.picture).into();
        let request = GetPictureRequest { names: names.clone(), kind, cell: flags.cell.clone() };
        Ok((names, lab.picture(request).await?))
    };
    let (names, picture) = context.with_lab(Fallback::Embed { pythons: &[] }, work).await?;
    for (flag, file) in files {
        let Some(path) = file else { continue };
        let drawing = match flag {
            "--svg" => svg::drawing(&picture),
            _ => vega::specification(&picture),
        };
        svg_file::write(flag, path, &drawing)?;
        context.hints.say(&format!("drawn to {}", path.display()));
    }
    let document = PictureDocument { names, picture, charset: Context::charset() };
    context.print(&document)?;
    Ok(Exit::Fine)
}

fn wire_kind(choice: Option<PictureChoice>) -> PictureKind {
    match choice {
        None => PictureKind::Unspecified,
        Some(PictureChoice::Rate) => PictureKind::Rate,
        Some(PictureChoice::Right) => PictureKind::Right,
        Some(PictureChoice::Outcomes) => PictureKind::Outcomes,
        Some(PictureChoice::Waits) => PictureKind::Waits,
        Some(PictureChoice::Shares) => PictureKind::Shares,
        Some(PictureChoice::Rounds) => PictureKind::Rounds,
        Some(PictureChoice::Ratios) => PictureKind::Ratios,
        Some(PictureChoice::Heatmap) => PictureKind::Heatmap,
        Some(PictureChoice::Workers) => PictureKind::Workers,
    }
}
