//! Report of all inputs, as text.

use std::fmt::Write as _;

use super::session::{Count, Finding, Session};

/// Most bytes of an input that are shown.
const SHOWN_BYTES_MAX: usize = 256;

/// All of it.
pub(crate) fn text(session: &Session) -> String {
    let mut text = String::from("TARGET      INPUTS  MOST BYTES HELD  LONGEST\n");
    for (target, Count { inputs, bytes, time }) in &session.counts {
        let _ = writeln!(text, "{target:<9} {inputs:>8}  {bytes:>15}  {time:.1?}");
    }
    text.push_str("\nDOOR                UNDECODED  REFUSED  ACCEPTED\n");
    for (door, [undecoded, refused, accepted]) in &session.doors {
        let name = door.name();
        let _ = writeln!(text, "{name:<19} {undecoded:>9} {refused:>8}  {accepted:>8}");
    }
    let (signatures, found) = (session.signatures(), session.findings.len());
    let _ = writeln!(text, "\n{signatures} signatures, {found} findings");
    for finding in &session.findings {
        text.push_str(&described(finding));
    }
    text
}

fn described(Finding { origin, input, breach }: &Finding) -> String {
    let from = match origin {
        Some((seed, number)) => format!("--seed {seed} --from {number} --inputs 1"),
        None => "in the corpus".to_owned(),
    };
    let breach: String = breach.0.chars().take(600).collect();
    format!("\n{} ({from}): {breach}\n  {}\n", input.door.name(), hex(&input.bytes))
}

/// An input, or its beginning.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let shown = data_encoding::HEXLOWER.encode(&bytes[..bytes.len().min(SHOWN_BYTES_MAX)]);
    if bytes.len() > SHOWN_BYTES_MAX {
        format!("{shown}... ({} bytes)", bytes.len())
    } else {
        shown
    }
}
