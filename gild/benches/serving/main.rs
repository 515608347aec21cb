//! Cost of serving and keeping, as ratios: `cargo bench -p gild --bench serving`, with `--
//! --only start`, `idle`, `stored`, `streamed` or `watched` for a part and `-- --write FILE` for a page.
//!
//! Both sides of each ratio run interleaved; what is printed is the median over rounds with its
//! least and greatest. Times decide nothing and no test reads them.

mod bare;
mod daemon;
mod idle;
mod page;
mod sample;
mod start;
mod stored;
mod streamed;
mod watched;
mod watchers;

use page::Page;

/// A part of the page.
type Part = fn(&mut Page);

fn main() {
    let mut arguments = std::env::args().skip_while(|arg| arg != watchers::WORD).skip(1);
    if let (Some(socket), Some(name)) = (arguments.next(), arguments.next()) {
        return watchers::be(std::path::Path::new(&socket), &name);
    }
    let mut arguments = std::env::args().skip_while(|arg| arg != bare::WORD).skip(1);
    if let (Some(socket), Some(file), Some(ms)) =
        (arguments.next(), arguments.next(), arguments.next())
    {
        let ms = ms.parse().expect("milliseconds");
        return bare::be(std::path::Path::new(&socket), std::path::Path::new(&file), ms);
    }
    let mut page = Page::new();
    let parts: [(&str, Part); 5] = [
        ("start", start::run),
        ("idle", idle::run),
        ("stored", stored::run),
        ("streamed", streamed::run),
        ("watched", watched::run),
    ];
    let only = std::env::args().skip_while(|arg| arg != "--only").nth(1);
    for (name, part) in parts {
        if only.as_deref().is_none_or(|only| only == name) {
            part(&mut page);
        }
    }
    page.end();
}
