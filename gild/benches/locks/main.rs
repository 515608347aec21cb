//! Locks side by side, as ratios: `cargo bench -p gild --bench locks`, with `-- --write FILE` for a
//! page, and `-- --only fair`, `limits`, `watching` or `bare` for a part.
//!
//! Everything runs through the lab's own attempts, interleaved round by round in an order that
//! turns; rounds during which others used too much of the machine are run again, up to a limit.
//! Figures are medians over rounds; ratios have the 95 % interval of a bootstrap. Times decide
//! nothing and no test reads them.

mod against_fair;
mod bare;
mod lab;
mod limits;
mod page;

use page::Page;

/// A part of the page.
type Part = fn(&mut Page);

fn main() {
    let mut page = Page::new();
    let parts: [(&str, Part); 4] = [
        ("fair", against_fair::run),
        ("limits", limits::run),
        ("watching", limits::watching),
        ("bare", bare::run),
    ];
    let only = std::env::args().skip_while(|arg| arg != "--only").nth(1);
    for (name, part) in parts {
        if only.as_deref().is_none_or(|only| only == name) {
            part(&mut page);
        }
    }
    page.end();
}
