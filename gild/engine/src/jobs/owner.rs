//! Owner of a job: the unit of quotas, and a column of the history. Authenticates no client: the
//! server does, and attaches the owner to each request.

use std::fmt;
use std::str::FromStr;

/// The client that requested a job.
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
    /// A client that was not asked to authenticate.
    Anyone,
}

/// A text that does not name an owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} does not name an owner; it is local, anyone, user UID, token NAME or certificate NAME"
)]
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
    fn written_owner_is_read_back() {
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
    fn text_without_an_owner_is_refused() {
        for text in ["", "user", "user me", "root", "local 1"] {
            let error = text.parse::<Owner>().expect_err("not an owner").to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }
}
