//! Standard output as a screen: on a terminal whose locale has only ASCII, signs of tables and drawings
//! are written as ASCII characters of the same width.

use std::io::{self, Stdout, Write};

use view::render::picture::text::page::Charset;

/// Standard output with the characters that it has.
#[derive(Debug)]
pub struct Screen {
    out: Stdout,
    charset: Charset,
}

impl Screen {
    /// Standard output; files and pipes have every character.
    pub fn new(out: Stdout, charset: Charset) -> Self {
        Self { out, charset }
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match (self.charset, std::str::from_utf8(bytes)) {
            (Charset::Ascii, Ok(text)) => {
                self.out.write_all(ascii(text).as_bytes())?;
                Ok(bytes.len())
            }
            (Charset::Unicode, _) | (_, Err(_)) => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Columns of the terminal that a stream is, now; `None` if it is none.
pub fn terminal_columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| width.0.into())
}

/// A text with our own signs in ASCII, one character each; whatever else it holds stays.
pub fn ascii(text: &str) -> String {
    let sign = |sign| match sign {
        '·' | '–' | '─' => '-',
        '…' => '~',
        '⏎' | '┌' => '/',
        '└' => '\\',
        '├' => '+',
        '│' => '|',
        '•' => '*',
        '█' => '#',
        other => other,
    };
    text.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_keep_their_width_and_other_texts_their_letters() {
        assert_eq!(ascii("a · b… ┌ └ │ █ é 日本"), r"a - b~ / \ | # é 日本");
    }
}
