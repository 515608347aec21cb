//! A client of HTTP/1.1 as a browser's: connections that are kept, compression that is accepted, and
//! every byte that comes is counted.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// Connections of a browser to one host.
pub(crate) const CONNECTIONS: usize = 6;

/// A connection that is kept.
pub(crate) struct Client {
    port: String,
    reader: BufReader<TcpStream>,
}

/// What came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// As it was sent, perhaps compressed.
    pub(crate) body: Vec<u8>,
    /// With its head.
    pub(crate) bytes: usize,
}

impl Client {
    pub(crate) fn connect(port: &str) -> Self {
        let stream = TcpStream::connect(port).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        Self { port: port.to_owned(), reader: BufReader::new(stream) }
    }

    /// The head of a request as browsers send it.
    pub(crate) fn head(port: &str, path: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nhost: {port}\r\naccept-encoding: gzip, deflate, br, zstd\r\n\r\n"
        )
    }

    /// Asks and reads the answer.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let head = Self::head(&self.port, path);
        self.reader.get_mut().write_all(head.as_bytes()).expect("it is open");
        let (mut status, mut length, mut bytes) = (None, None, 0);
        loop {
            let mut line = String::new();
            bytes += self.reader.read_line(&mut line).expect("it answers");
            status = status.or_else(|| line.split(' ').nth(1)?.parse().ok());
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.expect("a length")];
        self.reader.read_exact(&mut body).expect("the whole body");
        bytes += body.len();
        Answer { status: status.expect("a status"), body, bytes }
    }

    /// The same, where the answer must be a success.
    pub(crate) fn get_there(&mut self, path: &str) -> Answer {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}");
        answer
    }
}

/// Bytes of the answers to all of these, asked at a time over the connections of a browser.
pub(crate) fn get_all(clients: &mut [Client], paths: &[String]) -> usize {
    let share = paths.len().div_ceil(clients.len()).max(1);
    std::thread::scope(|scope| {
        let of = |(client, paths): (&'_ mut Client, &'_ [String])| {
            paths.iter().map(|path| client.get_there(path).bytes).sum::<usize>()
        };
        let asking: Vec<_> = clients
            .iter_mut()
            .zip(paths.chunks(share))
            .map(|pair| scope.spawn(move || of(pair)))
            .collect();
        asking.into_iter().map(|one| one.join().expect("no panic")).sum()
    })
}
