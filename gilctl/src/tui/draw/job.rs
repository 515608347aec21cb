//! Selected job: the table and the verdict that `gilctl show` prints, and the picture that `gilctl plot`
//! draws.

use crate::tui::draw::look::Look;
use crate::tui::job_log::JobLog;
use crate::tui::state::State;
use view::render::format::document::Document as _;
use view::render::picture::text;
use view::render::picture::text::page::{TextPage, WIDTH_MIN};
use view::render::sweep::table;

/// The job's lines as `gilctl show` prints them, of so many columns.
pub fn lines(state: &State, look: &Look, columns: usize) -> Vec<String> {
    let Some(name) = state.selected() else {
        let is_known = state.shown().jobs.is_some();
        let line = if is_known { "no jobs yet" } else { "asking the lab" };
        return vec![line.to_owned()];
    };
    let text = match state.shown().job_named(name) {
        Some(JobLog::Sweep(log)) => table::whole(log.view(), look.style(columns)),
        Some(JobLog::Exploration(log)) => log.view().table(look.page(columns)),
        None => "asking the lab".to_owned(),
    };
    text.lines().map(str::to_owned).collect()
}

/// The picture's lines, or the reason why there is none; nothing before the lab has answered.
pub fn picture(state: &State, look: &Look, columns: usize) -> Vec<String> {
    let known = state.shown();
    let is_it = state.selected().is_some_and(|name| known.job_named(name).is_some());
    match known.picture.as_ref().filter(|_| is_it) {
        None => Vec::new(),
        Some(Err(why)) => vec![format!("no picture: {why}")],
        Some(Ok(_)) if columns < WIDTH_MIN => {
            vec![format!("a picture needs {WIDTH_MIN} columns")]
        }
        Some(Ok(picture)) => {
            let page = TextPage { width: columns, charset: look.charset, color: look.color };
            text::lines(picture, page)
        }
    }
}
