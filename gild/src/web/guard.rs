//! Guard against other sites' pages: which requests a browser may have sent for one, and the headers that
//! confine the page. Authenticates no client.
//!
//! 1. A name that was rebound to this machine: the host of a request must be an address, `localhost` or a
//!    name of the port's certificate. An attacker's name is none of these.
//! 2. A request that another site's page makes: browsers say where it comes from (`Origin`,
//!    `Sec-Fetch-Site`), and that must be this host.
//!
//! Requests of gRPC clients over HTTP/2 carry neither header, and no page can send them; they may use any
//! name. Clients of the Unix socket are no browsers.

use std::net::{IpAddr, Ipv6Addr};

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version};

/// Relation of a request's initiator to its target, as browsers say it (W3C Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How a request is made, e.g. `navigate`.
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Content of the page: nothing but its own files, no inline script, in no frame.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                           img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                           frame-ancestors 'none'; base-uri 'none'";
/// Content of a drawing or a report that is opened by itself: its own style, and no script.
pub(crate) const DRAWING_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/// Reasons for which a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ForeignRequest {
    #[error(
        "the request names a host that is not this lab's; use its address, localhost or a name of \
         its certificate"
    )]
    Host,
    #[error("the request comes from another site's page; open the lab's own page")]
    Origin,
}

/// Whether a request is a gRPC call.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let content = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content.is_some_and(|content| content.starts_with(b"application/grpc"))
}

/// Refuses what a browser may have sent for another site; `names` are those of the port's certificate.
pub(crate) fn check<B>(request: &Request<B>, names: &[String]) -> Result<(), ForeignRequest> {
    let headers = request.headers();
    let may_be_browser = request.version() < Version::HTTP_2
        || headers.contains_key(ORIGIN)
        || headers.contains_key(SEC_FETCH_SITE)
        || !is_grpc(headers);
    if !may_be_browser {
        return Ok(());
    }
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let host = authority.or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()));
    let host = host.filter(|host| is_own(host, names)).ok_or(ForeignRequest::Host)?;
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    if origin.is_some_and(|origin| !is_same(origin, host)) {
        return Err(ForeignRequest::Origin);
    }
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    let mode = headers.get(SEC_FETCH_MODE).map(HeaderValue::as_bytes);
    // A link on another page may lead here; it reads nothing and changes nothing.
    let is_link = request.method() == Method::GET && mode == Some(b"navigate");
    match site {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if is_link => Ok(()),
        Some(_) => Err(ForeignRequest::Origin),
    }
}

fn is_own(authority: &str, names: &[String]) -> bool {
    let host = host_of(authority);
    let is_address = host.parse::<IpAddr>().is_ok();
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_bracketed = bracketed.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok());
    let is_name = |name: &String| name.eq_ignore_ascii_case(host) || covers(name, host);
    is_address
        || is_bracketed
        || host.eq_ignore_ascii_case("localhost")
        || names.iter().any(is_name)
}

/// Whether a certificate's name such as `*.lab.example` covers a host: one label in place of the star.
fn covers(name: &str, host: &str) -> bool {
    let Some(rest) = name.strip_prefix("*.") else { return false };
    host.split_once('.')
        .is_some_and(|(label, tail)| !label.is_empty() && tail.eq_ignore_ascii_case(rest))
}

/// The host of an authority, without its port.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Whether an origin is that of the page at `authority`.
fn is_same(origin: &str, authority: &str) -> bool {
    let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(authority))
}

/// Adds the headers that confine a response in a browser, unless it has a policy of its own.
pub(crate) fn confine(headers: &mut HeaderMap) {
    let fixed = [
        ("content-security-policy", PAGE_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(version: Version, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().version(version).uri("/api/v1/jobs");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request")
    }

    #[track_caller]
    fn finds(headers: &[(&str, &str)], wanted: Result<(), ForeignRequest>) {
        let names = ["lab.example".to_owned(), "*.wild.example".to_owned()];
        assert_eq!(check(&request(Version::HTTP_11, headers), &names), wanted, "{headers:?}");
    }

    #[test]
    fn own_hosts_are_addresses_localhost_and_the_certificates_names() {
        for host in [
            "127.0.0.1:7878",
            "[::1]:7878",
            "[::1]",
            "localhost",
            "LocalHost:1",
            "lab.example:443",
            "a.wild.example",
        ] {
            finds(&[("host", host)], Ok(()));
        }
        for host in
            ["evil.example:7878", "", "localhost.evil.example", "a.b.wild.example", "wild.example"]
        {
            finds(&[("host", host)], Err(ForeignRequest::Host));
        }
        finds(&[], Err(ForeignRequest::Host));
    }

    #[test]
    fn other_sites_pages_are_refused() {
        let from =
            |more: &[(&'static str, &'static str)]| [&[("host", "localhost:7878")], more].concat();
        finds(&from(&[("origin", "http://localhost:7878")]), Ok(()));
        finds(&from(&[("sec-fetch-site", "same-origin")]), Ok(()));
        finds(&from(&[("sec-fetch-site", "none")]), Ok(()));
        for foreign in ["http://localhost:3000", "https://evil.example", "null", "localhost:7878"] {
            finds(&from(&[("origin", foreign)]), Err(ForeignRequest::Origin));
        }
        for site in ["cross-site", "same-site"] {
            finds(&from(&[("sec-fetch-site", site)]), Err(ForeignRequest::Origin));
            let link = from(&[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]);
            finds(&link, Ok(()));
        }
    }

    #[test]
    fn grpc_over_http2_may_use_any_name() {
        let grpc = ("content-type", "application/grpc");
        let call = |version, headers: &[_]| check(&request(version, headers), &[]);
        assert_eq!(call(Version::HTTP_2, &[grpc, ("host", "lab.internal")]), Ok(()));
        let rebound = [grpc, ("host", "evil.example"), ("origin", "http://evil.example")];
        assert_eq!(call(Version::HTTP_2, &rebound), Err(ForeignRequest::Host));
        let old = [grpc, ("host", "evil.example")];
        assert_eq!(call(Version::HTTP_11, &old), Err(ForeignRequest::Host));
    }
}
