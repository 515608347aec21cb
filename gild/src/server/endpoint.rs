//! Listen configuration: addresses, encryption and client authentication. Rejects contradictory
//! flags. Reads no file and opens no socket.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::lab::access::Visibility;
use engine::jobs::owner::Owner;
use strategies::program::limit::{LimitError, WayOut};

/// Flags, or keys of a config file, that configure access.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, serde::Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ListenFlags {
    /// Group that may use the Unix socket too: mode 0660, in a directory of mode 0750.
    #[arg(long, value_name = "NAME")]
    pub socket_group: Option<String>,
    /// Owner who may cancel, resume and delete the jobs of others, as `gilctl list` names it: `user UID`,
    /// `token NAME` or `certificate NAME`; repeatable. The daemon's own user and root always may, and so may holders of
    /// tokens that the token file marks.
    #[arg(long, value_name = "OWNER")]
    pub admin: Vec<String>,
    /// Show jobs only to their owners and to admins, not to every client.
    #[arg(long)]
    pub private_jobs: bool,
    /// Accept every local account on a loopback port, without authentication.
    #[arg(long)]
    pub insecure_loopback: bool,
    /// File of tokens for the TCP port, one `NAME TOKEN` per line, with `admin` after those of admins;
    /// only its owner may be able to read it.
    #[arg(long, value_name = "PATH")]
    pub token_file: Option<PathBuf>,
    /// Use TLS on the port, with this certificate (PEM, followed by those of its issuers).
    #[arg(long, value_name = "PATH")]
    pub tls_cert: Option<PathBuf>,
    /// The key of that certificate (PEM).
    #[arg(long, value_name = "PATH")]
    pub tls_key: Option<PathBuf>,
    /// Accept clients with a certificate of these authorities (PEM).
    #[arg(long, value_name = "PATH")]
    pub client_ca: Option<PathBuf>,
}

/// Listeners and their access rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListenConfig {
    /// Access to the Unix socket.
    pub socket: SocketAccess,
    /// The TCP port, if there is one.
    pub port: Option<TcpEndpoint>,
    /// Owners who may change the jobs of others; the daemon's own user always may.
    pub admins: Vec<Owner>,
    /// What clients who are not admins may read.
    pub visibility: Visibility,
}

/// Access to the Unix socket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SocketAccess {
    /// The daemon's user only.
    #[default]
    OwnerOnly,
    /// The members of a group too, by its name.
    Group(String),
}

/// A TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpEndpoint {
    /// Its address.
    pub address: SocketAddr,
    /// Its encryption.
    pub encryption: Encryption,
    /// Its client authentication.
    pub client_auth: ClientAuth,
}

/// Encryption of the TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// Plain text; on loopback only.
    Plain,
    /// TLS.
    Tls {
        /// The file of the certificate and its issuers.
        certificate: PathBuf,
        /// The file of its key.
        key: PathBuf,
    },
}

/// Client authentication of the TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAuth {
    /// Nothing; on loopback only.
    Nothing,
    /// A code that this process made; on loopback only.
    Code,
    /// A token of this file.
    Token(PathBuf),
    /// A certificate of the authorities in this file.
    Certificate(PathBuf),
    /// Either of the two.
    Either {
        /// The file of tokens.
        tokens: PathBuf,
        /// The file of authorities.
        authorities: PathBuf,
    },
}

/// Where the daemon listens and clients connect by default: `$XDG_RUNTIME_DIR/gild/gild.sock`, or a
/// directory of the user's own in the temporary directory.
pub fn default_socket() -> PathBuf {
    let directory = match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(runtime) if !runtime.is_empty() => PathBuf::from(runtime).join("gild"),
        _ => std::env::temp_dir().join(format!("gild-{}", nix::unistd::getuid())),
    };
    directory.join("gild.sock")
}

impl ListenFlags {
    /// The configuration of these flags, with a TCP port if `listen` names one.
    ///
    /// # Errors
    ///
    /// Names the flag that contradicts another, or that is missing for the address to be safe.
    pub fn into_config(self, listen: Option<SocketAddr>) -> Result<ListenConfig, LimitError> {
        let socket = match self.socket_group.clone() {
            None => SocketAccess::OwnerOnly,
            Some(name) if name.is_empty() => {
                return Err(refuse("socket-group", "\"\"", "is not a group name", "name a group"));
            }
            Some(name) => SocketAccess::Group(name),
        };
        let admins = self.admin.iter().map(|text| self.admin(text)).collect::<Result<_, _>>()?;
        let visibility = if self.private_jobs { Visibility::Owner } else { Visibility::All };
        let Some(address) = listen else {
            self.check_without_port()?;
            return Ok(ListenConfig { socket, port: None, admins, visibility });
        };
        let client_auth = self.client_auth(address)?;
        let encryption = self.encryption(address)?;
        let port = Some(TcpEndpoint { address, encryption, client_auth });
        Ok(ListenConfig { socket, port, admins, visibility })
    }

    /// An owner who can authenticate here.
    fn admin(&self, text: &str) -> Result<Owner, LimitError> {
        let refuse = |reason, way_out| Err(refuse("admin", format!("`{text}`"), reason, way_out));
        match text.parse() {
            Ok(Owner::Token(_)) if self.token_file.is_none() => {
                refuse("holds a token, and this lab knows none", "add --token-file")
            }
            Ok(Owner::Certificate(_)) if self.client_ca.is_none() => {
                refuse("has a certificate, and this lab asks for none", "add --client-ca")
            }
            Ok(owner @ (Owner::User(_) | Owner::Token(_) | Owner::Certificate(_))) => Ok(owner),
            Ok(Owner::Anyone | Owner::Local) | Err(_) => refuse(
                "names no client that authenticates",
                "write user UID, token NAME or certificate NAME",
            ),
        }
    }

    fn check_without_port(self) -> Result<(), LimitError> {
        let Self {
            socket_group: _,
            admin: _,
            private_jobs: _,
            insecure_loopback,
            token_file,
            tls_cert,
            tls_key,
            client_ca,
        } = self;
        let insecure = insecure_loopback.then(|| "true".to_owned());
        let shown = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
        let port_flags = [
            ("insecure-loopback", insecure),
            ("token-file", shown(token_file)),
            ("tls-cert", shown(tls_cert)),
            ("tls-key", shown(tls_key)),
            ("client-ca", shown(client_ca)),
        ];
        for (flag, value) in port_flags {
            if let Some(value) = value {
                let way_out = "add --listen ADDRESS, or remove it";
                return Err(refuse(
                    flag,
                    value,
                    "configures the TCP port, which needs --listen",
                    way_out,
                ));
            }
        }
        Ok(())
    }

    fn client_auth(&self, address: SocketAddr) -> Result<ClientAuth, LimitError> {
        let insecure = self.insecure_loopback;
        let loopback = address.ip().is_loopback();
        let contradiction =
            |reason: &str, way_out| Err(refuse("insecure-loopback", "true", reason, way_out));
        match (self.token_file.clone(), self.client_ca.clone()) {
            (Some(_), _) | (_, Some(_)) if insecure => contradiction(
                "accepts every client, which contradicts --token-file and --client-ca",
                "choose one",
            ),
            (Some(tokens), Some(authorities)) => Ok(ClientAuth::Either { tokens, authorities }),
            (Some(tokens), None) => Ok(ClientAuth::Token(tokens)),
            (None, Some(authorities)) => Ok(ClientAuth::Certificate(authorities)),
            (None, None) if insecure && !loopback => contradiction(
                "is for loopback only, and --listen is beyond it",
                "use --tls-cert and --tls-key with --token-file or --client-ca",
            ),
            (None, None) if insecure => Ok(ClientAuth::Nothing),
            (None, None) if loopback => Err(refuse(
                "listen",
                address.to_string(),
                "is open to every account of this machine",
                "add --token-file PATH, or --insecure-loopback to allow it",
            )),
            (None, None) => Err(beyond_loopback(address)),
        }
    }

    fn encryption(&self, address: SocketAddr) -> Result<Encryption, LimitError> {
        let half = |flag: &'static str, path: &PathBuf, other: &str| {
            let value = path.display().to_string();
            Err(refuse(flag, value, "is one half of a pair", format!("add {other} PATH")))
        };
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Ok(Encryption::Tls { certificate: certificate.clone(), key: key.clone() })
            }
            (Some(path), None) => half("tls-cert", path, "--tls-key"),
            (None, Some(path)) => half("tls-key", path, "--tls-cert"),
            (None, None) => match &self.client_ca {
                Some(path) => half("client-ca", path, "--tls-cert PATH --tls-key"),
                None if !address.ip().is_loopback() => Err(beyond_loopback(address)),
                None => Ok(Encryption::Plain),
            },
        }
    }
}

fn beyond_loopback(address: SocketAddr) -> LimitError {
    let way_out = "add --tls-cert and --tls-key, and --token-file or --client-ca (`gild certs` \
                   makes certificates for trials), or listen on 127.0.0.1 or [::1]";
    refuse(
        "listen",
        address.to_string(),
        "is beyond loopback, which needs TLS and a token or certificates",
        way_out,
    )
}

fn refuse(
    field: &'static str,
    value: impl Into<String>,
    reason: impl Into<String>,
    way_out: impl Into<WayOut>,
) -> LimitError {
    LimitError { field, value: value.into(), reason: reason.into(), way_out: way_out.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1:0";
    const BEYOND: &str = "0.0.0.0:7878";

    /// Flags as a shell would pass them.
    fn flags(typed: &[&str]) -> ListenFlags {
        let command = <ListenFlags as clap::Args>::augment_args(clap::Command::new("gild"));
        let matches = command.get_matches_from([&["gild"], typed].concat());
        clap::FromArgMatches::from_arg_matches(&matches).expect("they are all of them")
    }

    fn config(listen: Option<&str>, typed: &[&str]) -> Result<ListenConfig, LimitError> {
        flags(typed).into_config(listen.map(|address| address.parse().expect("an address")))
    }

    #[track_caller]
    fn accepts(listen: &str, typed: &[&str], wanted: &ClientAuth) {
        let port = config(Some(listen), typed).expect("no contradiction").port;
        assert_eq!(port.expect("a port").client_auth, *wanted);
    }

    #[track_caller]
    fn refuses(listen: Option<&str>, typed: &[&str], flag: &str, message: &str) {
        let error = config(listen, typed).expect_err("a contradiction");
        assert_eq!(error.field, flag);
        let shown = error.to_string();
        assert!(shown.contains(message) && shown.contains(';'), "{shown}");
    }

    #[test]
    fn consistent_flags_give_a_config() {
        let tls = ["--tls-cert=c", "--tls-key=k"];
        let with = |more: &[&'static str]| [&tls[..], more].concat();
        accepts(LOOPBACK, &["--insecure-loopback"], &ClientAuth::Nothing);
        accepts(LOOPBACK, &["--token-file=t"], &ClientAuth::Token("t".into()));
        accepts("[::1]:0", &["--token-file", "t"], &ClientAuth::Token("t".into()));
        accepts(BEYOND, &with(&["--token-file=t"]), &ClientAuth::Token("t".into()));
        accepts(BEYOND, &with(&["--client-ca=a"]), &ClientAuth::Certificate("a".into()));
        let either = ClientAuth::Either { tokens: "t".into(), authorities: "a".into() };
        accepts(BEYOND, &with(&["--client-ca=a", "--token-file=t"]), &either);
        let group = config(None, &["--socket-group=lab"]).expect("it needs no port");
        let socket = SocketAccess::Group("lab".into());
        assert_eq!(group, ListenConfig { socket, ..ListenConfig::default() });
    }

    #[test]
    fn loopback_without_authentication_is_rejected() {
        refuses(Some(LOOPBACK), &[], "listen", "open to every account");
        refuses(Some(LOOPBACK), &["--tls-cert=c", "--tls-key=k"], "listen", "--token-file");
    }

    #[test]
    fn beyond_loopback_needs_tls_and_authentication() {
        refuses(Some(BEYOND), &[], "listen", "beyond loopback");
        refuses(Some(BEYOND), &["--token-file=t"], "listen", "beyond loopback");
        refuses(Some(BEYOND), &["--tls-cert=c", "--tls-key=k"], "listen", "beyond loopback");
        refuses(Some(BEYOND), &["--insecure-loopback"], "insecure-loopback", "is for loopback");
    }

    #[test]
    fn incomplete_or_contradictory_flags_are_rejected() {
        refuses(Some(LOOPBACK), &["--token-file=t", "--tls-cert=c"], "tls-cert", "--tls-key");
        refuses(Some(LOOPBACK), &["--token-file=t", "--tls-key=k"], "tls-key", "--tls-cert");
        refuses(Some(LOOPBACK), &["--client-ca=a"], "client-ca", "--tls-cert PATH --tls-key PATH");
        let both = ["--insecure-loopback", "--token-file=t"];
        refuses(Some(LOOPBACK), &both, "insecure-loopback", "choose one");
        refuses(None, &["--socket-group="], "socket-group", "is not a group name");
    }

    #[test]
    fn only_clients_that_authenticate_can_be_admins() {
        for owner in ["anyone", "local", "anna", "user anna"] {
            let flag = format!("--admin={owner}");
            refuses(None, &[&flag], "admin", "user UID, token NAME or certificate NAME");
        }
        refuses(None, &["--admin=token ci"], "admin", "--token-file");
        refuses(
            Some(LOOPBACK),
            &["--token-file=t", "--admin=certificate lab"],
            "admin",
            "--client-ca",
        );
        let admins = ["--token-file=t", "--admin=user 1000", "--admin=token ci"];
        let admins = config(Some(LOOPBACK), &admins).expect("they authenticate").admins;
        assert_eq!(admins, [Owner::User(1000), Owner::Token("ci".into())]);
    }

    #[test]
    fn port_flags_without_listen_are_rejected() {
        for flag in ["token-file", "tls-cert", "tls-key", "client-ca"] {
            refuses(None, &[&format!("--{flag}=x")], flag, "--listen");
        }
        refuses(None, &["--insecure-loopback"], "insecure-loopback", "--listen");
        assert_eq!(config(None, &[]), Ok(ListenConfig::default()));
    }

    #[test]
    fn config_keys_equal_flag_names() {
        let json = r#"{"socket-group": "lab", "insecure-loopback": true, "token-file": "t"}"#;
        let read: ListenFlags = serde_json::from_str(json).expect("known keys");
        assert_eq!(read, flags(&["--socket-group=lab", "--insecure-loopback", "--token-file=t"]));
    }
}
