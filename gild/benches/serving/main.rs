//! Cost of serving and keeping, as ratios: `cargo bench -p gild --bench serving`, with `--
//! --only start`, `idle`, `stored`, `streamed`, `watched`, `cold` or `open` for a part and `-- --write FILE`
//! for a page.
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
mod web;

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
    let mut arguments = std::env::args().skip_while(|arg| arg != web::crowd::WORD).skip(1);
    if let (Some(port), Some(id), Some(pages)) =
        (arguments.next(), arguments.next(), arguments.next())
    {
        return web::crowd::be(&port, &id, pages.parse().expect("a count"));
    }
    let mut page = Page::new();
    let parts: [(&str, Part); 7] = [
        ("start", start::run),
        ("idle", idle::run),
        ("stored", stored::run),
        ("streamed", streamed::run),
        ("watched", watched::run),
        ("cold", web::cold::run),
        ("open", web::open::run),
    ];
    let only = std::env::args().skip_while(|arg| arg != "--only").nth(1);
    for (name, part) in parts {
        if only.as_deref().is_none_or(|only| only == name) {
            part(&mut page);
        }
    }
    page.end();
}
