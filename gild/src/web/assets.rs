//! The files of the page, as they are in `gild/web`: part of the program, so that it needs no network.

use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use ring::digest::{SHA256, digest};

use crate::web::problem::Problem;
use crate::web::state::{Web, typed};

/// Where the files are, but for the page itself.
pub(crate) const PREFIX: &str = "/assets/";

/// Bytes of a digest that name a version of a file.
const ETAG_BYTES: usize = 8;

/// A file of the page.
struct Asset {
    name: &'static str,
    media: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($name:literal, $media:expr) => {
        Asset {
            name: $name,
            media: $media,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/", $name)),
        }
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

const INDEX: Asset = asset!("index.html", "text/html; charset=utf-8");

/// The other files.
const ASSETS: &[Asset] = &[
    asset!("style.css", "text/css; charset=utf-8"),
    asset!("api.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("explore.js", SCRIPT),
    asset!("form.js", SCRIPT),
    asset!("lab.js", SCRIPT),
    asset!("main.js", SCRIPT),
    asset!("several.js", SCRIPT),
    asset!("sweep.js", SCRIPT),
    asset!("words.js", SCRIPT),
];

/// The routes of the files.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/", get(|headers: HeaderMap| async move { served(&INDEX, &headers) }))
        .route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => served(asset, &headers),
        None => Problem::new(StatusCode::NOT_FOUND, "the page has no such file").into_response(),
    }
}

/// The file, or only that it has not changed.
fn served(asset: &Asset, headers: &HeaderMap) -> Response {
    let tag = tag(asset.text);
    let is_known =
        headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        typed(asset.media, asset.text)
    };
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (ETAG, tag)));
    // Asked for again at each visit: an update of the daemon is an update of the page.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn tag(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    let mut tag = String::from("\"");
    for byte in &digest.as_ref()[..ETAG_BYTES] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}
