//! Sign-in and sign-out of a browser: a code or a token becomes a cookie.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, FromRef, State};
use axum::response::Response;
use axum::routing::post;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use crate::sessions::{SESSION_AGE_MAX, Sessions, SignedIn};
use crate::web::problem::Problem;
use crate::web::state::{nothing, read_json};

/// Where a browser signs in.
pub(crate) const PATH: &str = "/session";
/// Name of the cookie.
const NAME: &str = "gild_session";

/// Whether the connection is encrypted: then the cookie is for encrypted connections only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// TLS.
    Encrypted,
    /// Loopback, or a Unix socket.
    Plain,
}

/// Caller that a token stands for.
type Holder = dyn Fn(&str) -> Option<SignedIn> + Send + Sync;

/// Check of a token; attached to a sign-in by the auth layer, which knows the tokens.
#[derive(Clone)]
pub(crate) struct TokenCheck(pub(crate) Arc<Holder>);

/// The body of a sign-in: either of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum SignIn {
    /// A code of `gilctl ui`.
    Code(String),
    /// A token of the token file.
    Token(String),
}

/// The routes of the sign-in.
pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Sessions>: FromRef<S>,
{
    Router::new().route(PATH, post(sign_in).delete(sign_out))
}

/// The secret in a request's cookie.
pub(crate) fn secret(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|it| it.split_once('='));
    pairs.find(|(name, _)| name.trim() == NAME).map(|(_, secret)| secret.trim())
}

async fn sign_in(
    State(sessions): State<Arc<Sessions>>,
    Extension(transport): Extension<Transport>,
    Extension(TokenCheck(holder)): Extension<TokenCheck>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let refuse = |detail: &str| Problem::new(StatusCode::UNAUTHORIZED, detail);
    let secret = match read_json(&headers, body).await? {
        SignIn::Code(code) => sessions.redeem(&code).ok_or_else(|| {
            refuse(
                "the code is not known, was used or is older than a minute; run `gilctl ui` again",
            )
        })?,
        SignIn::Token(token) => {
            let who = holder(&token).ok_or_else(|| {
                refuse("the token is not known here; the token file of `gild serve` lists them")
            })?;
            sessions.begin(who)
        }
    };
    Ok(with_cookie(transport, &secret, SESSION_AGE_MAX.as_secs()))
}

async fn sign_out(
    State(sessions): State<Arc<Sessions>>,
    Extension(transport): Extension<Transport>,
    headers: HeaderMap,
) -> Response {
    if let Some(secret) = secret(&headers) {
        sessions.end(secret);
    }
    with_cookie(transport, "", 0)
}

/// A response that sets the cookie: never shown to scripts, never sent for another site.
fn with_cookie(transport: Transport, secret: &str, age_s: u64) -> Response {
    let secure = if transport == Transport::Encrypted { "; Secure" } else { "" };
    let cookie =
        format!("{NAME}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}{secure}");
    let mut response = nothing();
    let cookie = HeaderValue::from_str(&cookie).ok();
    response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_found_among_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(secret(&headers), None);
        headers.append(COOKIE, HeaderValue::from_static("a=b; not_gild_session=x"));
        assert_eq!(secret(&headers), None);
        headers.append(COOKIE, HeaderValue::from_static("c=d; gild_session=xyz; e=f"));
        assert_eq!(secret(&headers), Some("xyz"));
    }

    #[test]
    fn cookie_is_for_this_site_only() {
        let cookie = |transport| {
            let response = with_cookie(transport, "s", 60);
            response.headers()[SET_COOKIE].to_str().expect("ASCII").to_owned()
        };
        let plain = "gild_session=s; Path=/; HttpOnly; SameSite=Strict; Max-Age=60";
        assert_eq!(cookie(Transport::Plain), plain);
        assert_eq!(cookie(Transport::Encrypted), format!("{plain}; Secure"));
    }
}
