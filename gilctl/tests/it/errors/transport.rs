//! Broken connections: what listens at the address speaks no HTTP/2, closes at once or is not there.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use gilctl::client::failures::transport::Breakage;

use crate::errors::check;
use crate::real_lab::beside::{Home, text};

/// Listens at a port and treats each connection like this, as long as the test runs.
fn listening(treat: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || listener.incoming().flatten().for_each(treat));
    address
}

/// Reads the beginning of a request.
fn read_some(peer: &mut TcpStream) {
    let _ = peer.read(&mut [0; 512]);
}

/// Each command fails with one of these, and with the address.
#[track_caller]
fn says(server: &str, wanted: &[Breakage]) {
    let home = Home::new();
    for command in [&["status"][..], &["list"], &["sweep", "--strategy", "atomic"], &["watch", "x"]]
    {
        let output = home.run(&[command, &["--quiet", "--server", server]].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(69), "{command:?}: {said}");
        check(&said);
        let is_wanted = wanted.iter().any(|breakage| said.contains(breakage.in_words()));
        assert!(said.contains(server) && is_wanted, "{command:?}: {said}");
    }
}

/// A call that had not begun when the answer was understood finds the connection closed.
#[test]
fn port_that_speaks_another_protocol_is_refused_in_plain_words() {
    let another = &[Breakage::NotHttp2, Breakage::Closed];
    let http1 = listening(|mut peer| {
        read_some(&mut peer);
        let _ = peer.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        // Closed with something unread, the answer may never arrive.
        let _ = std::io::copy(&mut peer, &mut std::io::sink());
    });
    says(&format!("http://{http1}"), another);
    let ssh = listening(|mut peer| {
        let _ = peer.write_all(b"SSH-2.0-OpenSSH_9.6\r\n");
        let _ = std::io::copy(&mut peer, &mut std::io::sink());
    });
    says(&format!("http://{ssh}"), another);
}

#[test]
fn port_that_closes_at_once_is_refused_in_plain_words() {
    let at_once = listening(drop);
    says(&format!("http://{at_once}"), &[Breakage::Closed]);
    let later = listening(|mut peer| read_some(&mut peer));
    says(&format!("http://{later}"), &[Breakage::Closed]);
}

#[test]
fn address_where_nothing_listens_is_refused_in_plain_words() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("its address");
    drop(free);
    says(&format!("http://{address}"), &[Breakage::Refused]);
    says("unix:///nowhere/gild.sock", &[Breakage::NoSocket]);
}

#[test]
fn every_breakage_has_words_and_a_way_out() {
    for breakage in Breakage::ALL {
        check(&format!(
            "the daemon cannot be reached: {}; {}",
            breakage.in_words(),
            breakage.way_out()
        ));
    }
}
