//! Tokens and their holders, stored as digests only. Reads no file and logs nothing; an error names a
//! line, never its contents.

use std::collections::HashSet;

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::lab::access::Role;
use crate::limits::{TOKEN_CHARS_MAX, TOKEN_CHARS_MIN, TOKEN_NAME_CHARS_MAX, TOKENS_MAX};

/// The word after the token of an admin.
const ADMIN: &str = "admin";

/// The holders of all tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    entries: Vec<TokenEntry>,
}

#[derive(Debug)]
struct TokenEntry {
    name: String,
    role: Role,
    digest: [u8; SHA256_OUTPUT_LEN],
}

/// Error in a file of tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokensError {
    #[error("it is not valid UTF-8")]
    NotUtf8,
    #[error("line {0}: not a name and a token with a space between them, or that and `admin`")]
    Shape(usize),
    #[error("line {0}: the name is longer than {TOKEN_NAME_CHARS_MAX} characters, or not ASCII")]
    Name(usize),
    #[error("line {0}: the token has {1} characters, not {TOKEN_CHARS_MIN} to {TOKEN_CHARS_MAX}")]
    Length(usize, usize),
    #[error("line {0}: the token has characters that no header can carry")]
    Characters(usize),
    #[error("line {0}: its name or its token appears in an earlier line")]
    Twice(usize),
    #[error("it holds no token")]
    Empty,
    #[error("it holds more than {TOKENS_MAX} tokens")]
    TooMany,
}

impl TokensError {
    /// What to do about it.
    pub(crate) fn way_out(&self) -> &'static str {
        match self {
            Self::Twice(_) => "give each name one token of its own",
            Self::TooMany => "use client certificates for so many",
            _ => "write lines like `NAME TOKEN`; `openssl rand -hex 32` makes a token",
        }
    }
}

impl Tokens {
    /// Parses lines `NAME TOKEN` or `NAME TOKEN admin`; empty lines and lines that begin with `#` are ignored.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, TokensError> {
        let text = std::str::from_utf8(bytes).map_err(|_| TokensError::NotUtf8)?;
        let mut entries: Vec<TokenEntry> = Vec::new();
        let (mut names, mut digests) = (HashSet::new(), HashSet::new());
        for (line, text) in (1..).zip(text.lines().map(str::trim)) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (name, token, role) = parse_line(line, text)?;
            let digest = digest_of(token.as_bytes());
            if !names.insert(name) || !digests.insert(digest) {
                return Err(TokensError::Twice(line));
            }
            entries.push(TokenEntry { name: name.to_owned(), role, digest });
        }
        match entries.len() {
            0 => Err(TokensError::Empty),
            many if many > TOKENS_MAX => Err(TokensError::TooMany),
            _ => Ok(Self { entries }),
        }
    }

    /// The holder of the token with this digest, and its role. Takes constant time, for a wrong token too:
    /// all digests are compared in full.
    pub(crate) fn holder(&self, presented: &[u8; SHA256_OUTPUT_LEN]) -> Option<(&str, Role)> {
        let mut found = u32::MAX;
        for (index, entry) in (0_u32..).zip(&self.entries) {
            let same = entry.digest.as_slice().ct_eq(presented.as_slice());
            found.conditional_assign(&index, same);
        }
        self.entries.get(found as usize).map(|entry| (entry.name.as_str(), entry.role))
    }
}

/// The name, the token and the role of a line.
fn parse_line(line: usize, text: &str) -> Result<(&str, &str, Role), TokensError> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (name, token, role) = match words[..] {
        [name, token] => (name, token, Role::User),
        [name, token, ADMIN] => (name, token, Role::Admin),
        _ => return Err(TokensError::Shape(line)),
    };
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if name.len() > TOKEN_NAME_CHARS_MAX || !is_plain(name) {
        return Err(TokensError::Name(line));
    }
    let characters = token.chars().count();
    if !(TOKEN_CHARS_MIN..=TOKEN_CHARS_MAX).contains(&characters) {
        return Err(TokensError::Length(line, characters));
    }
    if !is_plain(token) {
        return Err(TokensError::Characters(line));
    }
    Ok((name, token, role))
}

/// Digest of a token.
pub(crate) fn digest_of(token: &[u8]) -> [u8; SHA256_OUTPUT_LEN] {
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    bytes.copy_from_slice(digest(&SHA256, token).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "fedcba9876543210fedcba9876543210";

    fn read(text: &str) -> Result<Tokens, TokensError> {
        Tokens::read(text.as_bytes())
    }

    #[track_caller]
    fn refuses(text: &str, error: &TokensError) {
        let found = read(text).expect_err("refused");
        assert_eq!(&found, error);
        assert!(!found.to_string().contains("0123"), "{found}");
    }

    #[test]
    fn token_maps_to_its_holder() {
        let text = format!("# tokens\n\n ci  {ONE} \nanna\t{OTHER}\n");
        let tokens = read(&text).expect("two of them");
        assert_eq!(tokens.holder(&digest_of(ONE.as_bytes())), Some(("ci", Role::User)));
        assert_eq!(tokens.holder(&digest_of(OTHER.as_bytes())), Some(("anna", Role::User)));
        for wrong in ["", "0123", &ONE[1..], &ONE.to_uppercase(), &format!("{ONE} ")] {
            assert_eq!(tokens.holder(&digest_of(wrong.as_bytes())), None, "{wrong}");
        }
    }

    #[test]
    fn debug_output_hides_the_token() {
        let tokens = read(&format!("ci {ONE}")).expect("one");
        assert!(!format!("{tokens:?}").contains("0123456789"), "{tokens:?}");
    }

    #[test]
    fn invalid_token_file_names_the_line() {
        refuses("", &TokensError::Empty);
        refuses("# none\n", &TokensError::Empty);
        refuses(ONE, &TokensError::Shape(1));
        refuses(&format!("# two\nci {ONE} more"), &TokensError::Shape(2));
        refuses("ci 0123", &TokensError::Length(1, 4));
        refuses(&format!("ci {}", "x".repeat(513)), &TokensError::Length(1, 513));
        refuses(&format!("ci {}", "ä".repeat(32)), &TokensError::Characters(1));
        refuses(&format!("{} {ONE}", "n".repeat(65)), &TokensError::Name(1));
        refuses(&format!("ci {ONE}\nci {OTHER}"), &TokensError::Twice(2));
        refuses(&format!("ci {ONE}\nanna {ONE}"), &TokensError::Twice(2));
        assert_eq!(Tokens::read(b"\xff").expect_err("no text"), TokensError::NotUtf8);
        let many: Vec<_> = (0..=TOKENS_MAX).map(|n| format!("n{n} {n:032}")).collect();
        refuses(&many.join("\n"), &TokensError::TooMany);
    }
}
