//! Locks side by side, as ratios: `cargo bench -p gild --bench locks`, with `-- --write FILE` for a page.
//!
//! Everything runs through the lab's own attempts, interleaved round by round in an order that turns;
//! rounds during which others used too much of the machine are run again, up to a limit. Figures are
//! medians over rounds; ratios have the 95 % interval of a bootstrap. Times decide nothing and no test
//! reads them.

mod against_fair;
mod bare;
mod lab;
mod limits;
mod page;

use page::Page;

fn main() {
    let mut page = Page::new();
    against_fair::run(&mut page);
    limits::run(&mut page);
    bare::run(&mut page);
    page.end();
}
