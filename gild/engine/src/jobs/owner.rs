//! Who asked for something: what quotas count by and what the history names. Authenticates nobody;
//! whoever accepts a connection says who is at its other end.

use std::fmt;
use std::str::FromStr;

/// Who asked for a sweep or an exploration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Owner {
    /// The process that the lab runs inside.
    #[default]
    Local,
    /// A user of this machine, by number, at the other end of a Unix socket.
    User(u32),
    /// The bearer of a token, by the token's name.
    Token(String),
    /// The holder of a client certificate, by its subject.
    Certificate(String),
    /// Somebody who did not have to say.
    Anyone,
}

/// A text that names no owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no owner; it is local, anyone, user UID, token NAME or certificate NAME")]
pub struct UnknownOwner(String);

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::User(uid) => write!(f, "user {uid}"),
            Self::Token(name) => write!(f, "token {name}"),
            Self::Certificate(name) => write!(f, "certificate {name}"),
            Self::Anyone => f.write_str("anyone"),
        }
    }
}

impl FromStr for Owner {
    type Err = UnknownOwner;

    fn from_str(text: &str) -> Result<Self, UnknownOwner> {
        let unknown = || UnknownOwner(text.to_owned());
        match text.split_once(' ') {
            None if text == "local" => Ok(Self::Local),
            None if text == "anyone" => Ok(Self::Anyone),
            Some(("user", uid)) => uid.parse().map(Self::User).map_err(|_| unknown()),
            Some(("token", name)) => Ok(Self::Token(name.to_owned())),
            Some(("certificate", name)) => Ok(Self::Certificate(name.to_owned())),
            None | Some(_) => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_read_as_they_are_written() {
        let owners = [
            Owner::Local,
            Owner::User(1000),
            Owner::Token("ci of the lab".into()),
            Owner::Certificate("CN=lab".into()),
            Owner::Anyone,
        ];
        for owner in owners {
            assert_eq!(owner.to_string().parse(), Ok(owner));
        }
    }

    #[test]
    fn a_text_that_names_none_is_refused() {
        for text in ["", "user", "user me", "root", "local 1"] {
            let error = text.parse::<Owner>().expect_err("it names none").to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }
}
