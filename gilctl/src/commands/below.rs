//! The picture below the table of a command, on a terminal.

use std::io;

use proto::v1::{GetPictureRequest, Picture, PictureKind};

use crate::client::lab::Lab;
use crate::commands::context::Context;
use crate::error::Failure;
use view::render::picture::document::PictureDocument;
use view::render::picture::layout::categories;

/// Most rows of a picture that is drawn without being asked for.
const ROWS_MAX: usize = 24;

/// What stands below a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// The picture that fits, on a terminal.
    Picture,
    /// Nothing.
    Nothing,
}

impl Below {
    /// Fetches the picture of sweeps and prints it.
    pub async fn draw(
        self,
        context: &Context,
        lab: &Lab,
        names: Vec<String>,
    ) -> Result<(), Failure> {
        let picture = self.fetch(context, lab, names).await;
        Ok(print(context, picture)?)
    }

    /// The picture of sweeps, if it is to be drawn: a daemon of an earlier version has none, and a sweep
    /// without a result neither, which is no failure of the command.
    pub async fn fetch(
        self,
        context: &Context,
        lab: &Lab,
        names: Vec<String>,
    ) -> Option<PictureDocument> {
        if self == Self::Nothing || context.table_columns().is_none() {
            return None;
        }
        let kind = PictureKind::Unspecified.into();
        let request = GetPictureRequest { names: names.clone(), kind, cell: None };
        let picture = lab.picture(request).await.ok().filter(says_more)?;
        Some(PictureDocument { names, picture, charset: Context::charset() })
    }
}

/// Whether a picture says more than the row of a table, and fits a screen.
fn says_more(picture: &Picture) -> bool {
    let names = categories(picture).len();
    let points: usize = picture.series.iter().map(|series| series.points.len()).sum();
    points > 1 && names <= ROWS_MAX
}

/// Prints the picture, an empty line before it.
pub fn print(context: &Context, picture: Option<PictureDocument>) -> io::Result<()> {
    match picture {
        Some(picture) => {
            context.write("\n")?;
            context.print(&picture)
        }
        None => Ok(()),
    }
}
