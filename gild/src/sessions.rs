//! Sign-in of browsers: codes that work once, and the sessions that they open. Kept in memory as digests;
//! a restart of the daemon ends them.
//!
//! A session is a random secret in a cookie. The caller that it stands for is decided when it begins; the
//! auth layer ends sessions whose token is no longer known.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use parking_lot::Mutex;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::lab::access::Caller;

/// Time in which a code can be redeemed.
pub const CODE_AGE_MAX: Duration = Duration::from_mins(1);
/// Longest session; then the browser signs in again.
pub const SESSION_AGE_MAX: Duration = Duration::from_hours(12);
/// Most codes at a time; beyond it the oldest one no longer works.
pub const CODES_MAX: usize = 256;
/// Most sessions at a time; beyond it the oldest one ends.
pub const SESSIONS_MAX: usize = 4096;

/// Random bytes of a secret: 256 bits cannot be guessed.
const SECRET_BYTES: usize = 32;

/// Digest of a secret, by which it is looked up: the time of a lookup tells nothing of the secret.
type SecretDigest = [u8; SHA256_OUTPUT_LEN];

/// Digest of a token.
pub type TokenDigest = [u8; SHA256_OUTPUT_LEN];

/// A caller that signed in, and with which token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The caller.
    pub caller: Caller,
    /// Digest of the token that it signed in with, if it was one.
    pub token: Option<TokenDigest>,
}

/// The port that serves the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePort {
    /// Its address.
    pub address: SocketAddr,
    /// Whether it is encrypted.
    pub is_encrypted: bool,
    /// Names of hosts that its certificate is for.
    pub host_names: Arc<[String]>,
}

/// Digest of the token that a request presented; the auth layer attaches it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PresentedToken(pub(crate) TokenDigest);

/// Codes and sessions of one daemon.
#[derive(Debug, Default)]
pub struct Sessions {
    /// The port, if there is one.
    port: Option<PagePort>,
    codes: Mutex<Secrets>,
    begun: Mutex<Secrets>,
}

impl Sessions {
    /// Of a daemon with this port.
    pub fn new(port: Option<PagePort>) -> Self {
        Self { port, ..Self::default() }
    }

    /// The port that serves the page, if there is one.
    pub fn port(&self) -> Option<&PagePort> {
        self.port.as_ref()
    }

    /// A new code for this caller.
    pub fn create_code(&self, who: SignedIn) -> String {
        self.codes.lock().add(who, Instant::now(), CODES_MAX, CODE_AGE_MAX)
    }

    /// Redeems a code; it works once. Returns the secret of the session that begins.
    pub fn redeem(&self, code: &str) -> Option<String> {
        let who = self.codes.lock().take(code, Instant::now(), CODE_AGE_MAX)?;
        Some(self.begin(who))
    }

    /// Begins a session; returns its secret.
    pub fn begin(&self, who: SignedIn) -> String {
        self.begun.lock().add(who, Instant::now(), SESSIONS_MAX, SESSION_AGE_MAX)
    }

    /// The caller of a session that has not ended.
    pub fn caller(&self, secret: &str) -> Option<SignedIn> {
        self.begun.lock().get(secret, Instant::now(), SESSION_AGE_MAX)
    }

    /// Ends a session.
    pub fn end(&self, secret: &str) {
        self.begun.lock().take(secret, Instant::now(), SESSION_AGE_MAX);
    }
}

/// Secrets by digest, with their callers and the time of their making.
#[derive(Debug, Default)]
struct Secrets(HashMap<SecretDigest, (Instant, SignedIn)>);

impl Secrets {
    fn add(&mut self, who: SignedIn, now: Instant, most: usize, age_max: Duration) -> String {
        self.0.retain(|_, (made, _)| now.duration_since(*made) < age_max);
        if self.0.len() >= most {
            let oldest = self.0.iter().min_by_key(|(_, (made, _))| *made).map(|(key, _)| *key);
            oldest.map(|key| self.0.remove(&key));
        }
        let secret = secret();
        self.0.insert(digest_of(&secret), (now, who));
        secret
    }

    fn get(&self, secret: &str, now: Instant, age_max: Duration) -> Option<SignedIn> {
        let (made, who) = self.0.get(&digest_of(secret))?;
        (now.duration_since(*made) < age_max).then(|| who.clone())
    }

    fn take(&mut self, secret: &str, now: Instant, age_max: Duration) -> Option<SignedIn> {
        let (made, who) = self.0.remove(&digest_of(secret))?;
        (now.duration_since(made) < age_max).then_some(who)
    }
}

fn digest_of(secret: &str) -> SecretDigest {
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    bytes
}

/// A new secret.
///
/// # Panics
///
/// If the system has no random numbers, without which nothing here is safe.
fn secret() -> String {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new().fill(&mut bytes).expect("the system has random numbers");
    BASE64URL_NOPAD.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who() -> SignedIn {
        SignedIn { caller: Caller::default(), token: None }
    }

    #[test]
    fn code_works_once() {
        let sessions = Sessions::default();
        let code = sessions.create_code(who());
        let secret = sessions.redeem(&code).expect("it is new");
        assert_eq!(sessions.caller(&secret), Some(who()));
        assert_eq!(sessions.redeem(&code), None);
        assert_eq!(sessions.caller(&code), None, "a code is not a session");
        sessions.end(&secret);
        assert_eq!(sessions.caller(&secret), None);
    }

    #[test]
    fn secrets_expire_and_the_oldest_gives_way() {
        let (start, age) = (Instant::now(), Duration::from_mins(1));
        let mut secrets = Secrets::default();
        let first = secrets.add(who(), start, 2, age);
        let second = secrets.add(who(), start + Duration::from_secs(1), 2, age);
        let third = secrets.add(who(), start + Duration::from_secs(2), 2, age);
        let now = start + Duration::from_secs(3);
        let known = [&first, &second, &third].map(|it| secrets.get(it, now, age).is_some());
        assert_eq!(known, [false, true, true]);
        let later = start + Duration::from_secs(61);
        let known = [&second, &third].map(|it| secrets.get(it, later, age).is_some());
        assert_eq!(known, [false, true]);
        assert_eq!(secrets.take(&second, later, age), None);
    }

    #[test]
    fn secrets_differ_and_are_long() {
        let secrets: Vec<String> = (0..100).map(|_| secret()).collect();
        let distinct: std::collections::HashSet<&String> = secrets.iter().collect();
        assert_eq!((distinct.len(), secrets[0].len()), (100, 43));
    }
}
