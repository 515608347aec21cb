//! `gilctl label`: replaces the labels of a sweep.

use crate::cli::label::LabelFlags;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::next::Next;

/// Replaces the labels, and says which there are.
pub async fn run(context: &Context, flags: &LabelFlags) -> Result<Exit, Failure> {
    check(flags)?;
    let labelled = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve_sweep(&flags.which).await?;
        lab.label(&name, flags.labels.clone()).await?;
        Ok(name)
    });
    let name = labelled.await?;
    let short = ids::short(&name);
    let labels = match &flags.labels[..] {
        [] => "no label".to_owned(),
        [one] => format!("the label {one}"),
        several => format!("the labels {}", several.join(" · ")),
    };
    context.next(&format!("sweep {short} has {labels}"), &Next::Show(short.to_owned()));
    Ok(Exit::Fine)
}

/// Labels, or the flag that there shall be none: an id alone may be a slip.
fn check(flags: &LabelFlags) -> Result<(), Failure> {
    match (&flags.labels[..], flags.none) {
        ([], false) => {
            let way_out = "name all that it shall have, or remove those that it has with --none";
            Err(Failure::new(Exit::Usage, "LABEL: no label is named", way_out))
        }
        ([first, ..], true) => {
            let message = format!("--none: removes all labels, and `{first}` is named");
            Err(Failure::new(Exit::Usage, message, "leave one of them out"))
        }
        _ => Ok(()),
    }
}
