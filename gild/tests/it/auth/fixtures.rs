//! Files, certificates and requests of the tests of authentication.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use proto::v1::GetLabRequest;
use proto::v1::lab_service_client::LabServiceClient;
use rcgen::{CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use tempfile::TempDir;
use tonic::transport::Channel;
use tonic::{Request, Status};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const WRONG: &str = "fedcba9876543210fedcba9876543210";
pub(crate) const LOOPBACK: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// A directory with files of our own.
pub(crate) struct Files(pub(crate) TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn shown(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) -> String {
        std::fs::write(self.path(name), text).expect("space");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.path(name), permissions).expect("it is ours");
        self.shown(name)
    }

    pub(crate) fn tokens(&self) -> String {
        self.write("tokens", &format!("# of the tests\nci {TOKEN}\n"), 0o600)
    }

    pub(crate) fn pem(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it was made")
    }
}

pub(crate) fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let header = format!("Bearer {token}").parse().expect("plain text");
    request.metadata_mut().insert("authorization", header);
    request
}

pub(crate) async fn get_lab(channel: Channel, token: Option<&str>) -> Result<(), Status> {
    let request = match token {
        Some(token) => with_token(GetLabRequest {}, token),
        None => Request::new(GetLabRequest {}),
    };
    LabServiceClient::new(channel).get_lab(request).await.map(drop)
}

/// An authority with the files of a server and of clients, one of them too late.
pub(crate) fn certificates(files: &Files) {
    let named = |name: &str, hosts: &[&str]| {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let mut parameters = CertificateParams::new(hosts).expect("hosts");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters
    };
    let key = || KeyPair::generate().expect("randomness");
    let authority = |name: &str| {
        let mut parameters = named(name, &[]);
        parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(parameters, key()).expect("it signs")
    };
    let (ours, others) = (authority("ours"), authority("others"));
    files.write("ca.pem", &ours.pem(), 0o644);
    files.write("other-ca.pem", &others.pem(), 0o644);
    let mut late = named("late", &[]);
    late.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let mut late_server = named("late server", &["localhost"]);
    late_server.not_after = rcgen::date_time_ymd(2001, 1, 1);
    for (file, mut parameters, usage, issuer) in [
        ("server", named("server", &["localhost"]), ExtendedKeyUsagePurpose::ServerAuth, &ours),
        ("late-server", late_server, ExtendedKeyUsagePurpose::ServerAuth, &ours),
        ("anna", named("anna", &[]), ExtendedKeyUsagePurpose::ClientAuth, &ours),
        ("late", late, ExtendedKeyUsagePurpose::ClientAuth, &ours),
        ("stranger", named("stranger", &[]), ExtendedKeyUsagePurpose::ClientAuth, &others),
    ] {
        let key = key();
        parameters.extended_key_usages = vec![usage];
        let certificate = parameters.signed_by(&key, issuer).expect("it signs");
        files.write(&format!("{file}.pem"), &certificate.pem(), 0o644);
        files.write(&format!("{file}-key.pem"), &key.serialize_pem(), 0o600);
    }
}
