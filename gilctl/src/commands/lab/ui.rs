//! `gilctl ui`: the lab's page in a browser, signed in by a code that works once. Serves it where the lab has no
//! port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proto::v1::CreateSignInCodeResponse;

use crate::cli::UiFlags;
use crate::client::failures::incomplete;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::error::Failure;
use crate::exit::Exit;

/// Asks for a code, prints the address of the page with it, and opens it. The page of a lab without a
/// port is served here, until a signal ends it.
pub async fn run(context: &Context, flags: &UiFlags) -> Result<Exit, Failure> {
    let work = async |lab: &Lab| match lab.sign_in_code().await? {
        Some(answer) => {
            let page = page(lab.location(), &answer)
                .ok_or_else(|| incomplete("CreateSignInCode", "an address"))?;
            open(context, flags, &page, &answer.code)
        }
        None => serve(context, flags, lab).await,
    };
    context.with_lab(Fallback::Embed { pythons: &[] }, work).await?;
    Ok(Exit::Fine)
}

/// Serves the page of a lab without a port.
async fn serve(context: &Context, flags: &UiFlags, lab: &Lab) -> Result<(), Failure> {
    let mut interrupts = Interrupts::catch(OnInterrupt::Leave)?;
    let page = lab.own_page().await?;
    open(context, flags, &format!("http://{}", page.address()), &page.code())?;
    context.hints.say("gilctl serves the page until Ctrl-C");
    interrupts.next().await;
    let end = if lab.outlives_gilctl() {
        "the page is closed; the daemon goes on"
    } else {
        "the page is closed, and with it the lab: `gilctl resume latest` goes on with a sweep that ran"
    };
    context.hints.say(end);
    Ok(())
}

/// Prints the address with the code, and opens it unless that is not wanted.
fn open(context: &Context, flags: &UiFlags, page: &str, code: &str) -> Result<(), Failure> {
    // The code is behind `#`, which browsers send to no server.
    let url = format!("{page}/#code={code}");
    context.write(&format!("{url}\n"))?;
    if flags.no_open {
        context.hints.say("the code works once, and for a minute");
    } else if let Err(error) = opener::open_browser(&url) {
        context
            .hints
            .say(&format!("no browser can be opened ({error}); open the address yourself"));
    }
    Ok(())
}

/// The address of the page: where gilctl reached the daemon, or its port if that was a socket.
fn page(location: &str, answer: &CreateSignInCodeResponse) -> Option<String> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Some(location.trim_end_matches('/').to_owned());
    }
    let scheme = if answer.encrypted { "https" } else { "http" };
    let address: SocketAddr = answer.address.parse().ok()?;
    // A certificate is for names, and a browser compares them.
    let name = answer.host_names.iter().find(|name| !name.starts_with('*'));
    let host = match name.filter(|_| answer.encrypted) {
        Some(name) => name.clone(),
        None => in_url(reachable(address.ip())),
    };
    Some(format!("{scheme}://{host}:{}", address.port()))
}

/// The address under which this machine reaches itself, where the daemon listens on all.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// How an address stands in a URL: in brackets where it has colons.
fn in_url(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(address: &str, names: &[&str]) -> CreateSignInCodeResponse {
        CreateSignInCodeResponse {
            address: address.to_owned(),
            encrypted: !names.is_empty(),
            host_names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..CreateSignInCodeResponse::default()
        }
    }

    #[test]
    fn page_is_where_the_daemon_was_reached() {
        let at = |location: &str, answer| page(location, &answer).expect("an address");
        let all = || answer("0.0.0.0:7878", &[]);
        assert_eq!(at("https://lab:1", all()), "https://lab:1");
        assert_eq!(at("unix:///run/s", all()), "http://127.0.0.1:7878");
        assert_eq!(at("unix:///run/s", answer("[::]:7878", &[])), "http://[::1]:7878");
        let named = answer("0.0.0.0:7878", &["*.lab", "lab.example"]);
        assert_eq!(at("unix:///run/s", named), "https://lab.example:7878");
        assert_eq!(page("unix:///run/s", &answer("", &[])), None);
    }
}
