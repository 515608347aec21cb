//! Address of the metrics listener. Binds nothing.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use strategies::program::limit::LimitError;

/// A TCP address or the path of a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricsAddress {
    /// A TCP address; a port alone is a port of loopback.
    Tcp(SocketAddr),
    /// The path of a Unix socket for the daemon's user only.
    Unix(PathBuf),
}

impl FromStr for MetricsAddress {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        if let Some(path) = text.strip_prefix("unix:").or(text.starts_with('/').then_some(text))
            && path.starts_with('/')
        {
            return Ok(Self::Unix(path.into()));
        }
        if let Ok(port) = text.parse::<u16>() {
            return Ok(Self::Tcp((Ipv4Addr::LOCALHOST, port).into()));
        }
        text.parse().map(Self::Tcp).map_err(|_| LimitError {
            field: "metrics",
            value: format!("`{text}`"),
            reason: "is neither a port, nor an IP address with a port, nor an absolute path".into(),
            way_out: "choose e.g. 9878, 127.0.0.1:9878 or unix:/run/gild/metrics.sock".into(),
        })
    }
}

impl fmt::Display for MetricsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_without_address_is_loopback() {
        let read = |text: &str| text.parse::<MetricsAddress>().map(|a| a.to_string());
        for (text, wanted) in [
            ("9878", "127.0.0.1:9878"),
            ("[::1]:9878", "[::1]:9878"),
            ("0.0.0.0:1", "0.0.0.0:1"),
            ("/run/m.sock", "unix:/run/m.sock"),
            ("unix:/run/m.sock", "unix:/run/m.sock"),
        ] {
            assert_eq!(read(text), Ok(wanted.into()));
        }
        for refused in ["", "70000", "localhost:9878", "unix:m.sock", "m.sock"] {
            let error = read(refused).expect_err(refused).to_string();
            assert!(error.contains("is neither a port") && error.contains("choose"), "{error}");
        }
    }
}
