//! Bytes that are wrong: what goes wrong on a wire, and what a client would send that knows how
//! messages are laid out. Knows no field by name.

use gild::limits::MESSAGE_BYTES_MAX;

use super::chance::Chance;

/// Bytes that mean something to a decoder: ends of numbers, tags of the first fields, marks of
/// groups.
const TELLING: [u8; 14] =
    [0x00, 0x01, 0x7f, 0x80, 0xff, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x12, 0x18, 0x1a, 0x22];
/// Deepest that a message is nested here: beyond what any decoder follows.
const DEPTH_MAX: usize = 300;

/// A valid input with some things done to it; `other` is another one, to be spliced with.
pub(crate) fn mutated(chance: &mut Chance, valid: &[u8], other: &[u8]) -> Vec<u8> {
    // Inside of the first field the lengths around it stay right, so that what is wrong is met
    // there.
    let (mut bytes, rest) = match first_field(valid).filter(|_| !chance.one_in(3)) {
        Some((inside, rest)) => (inside.to_vec(), Some(rest)),
        None => (valid.to_vec(), None),
    };
    for _ in 0..=chance.below(5) {
        mutate(chance, &mut bytes, other);
    }
    if let Some(rest) = rest {
        bytes = [&[valid[0]], &*prefix(bytes.len() as u64), &*bytes, rest].concat();
    }
    bytes.truncate(MESSAGE_BYTES_MAX);
    bytes
}

/// What the first field holds, if it is of bytes and short, and all that comes after it.
fn first_field(message: &[u8]) -> Option<(&[u8], &[u8])> {
    const OF_BYTES: u8 = 2;
    let (&tag, after) = message.split_first()?;
    let ends = after.iter().take(3).position(|byte| *byte < 0x80)?;
    let (digits, after) = after.split_at(ends + 1);
    let length = digits.iter().rev().fold(0, |all, digit| all << 7 | usize::from(digit & 0x7f));
    (tag & 0b111 == OF_BYTES).then(|| after.split_at_checked(length)).flatten()
}

/// Nothing but chance.
pub(crate) fn arbitrary(chance: &mut Chance) -> Vec<u8> {
    let length = if chance.one_in(5000) { chance.below(1 << 16) } else { chance.below(64) };
    let is_telling = chance.one_in(2);
    let byte = |chance: &mut Chance| {
        if is_telling && chance.one_in(2) { chance.pick(&TELLING) } else { chance.byte() }
    };
    (0..length).map(|_| byte(chance)).collect()
}

fn mutate(chance: &mut Chance, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = chance.below(bytes.len() + 1);
    let to = (at + chance.below(9)).min(bytes.len());
    match chance.below(12) {
        1 if at < bytes.len() => bytes[at] = chance.pick(&TELLING),
        2 => drop(bytes.drain(at..to)),
        3 => insert(bytes, at, &[chance.byte()]),
        4 => {
            let again = bytes[at..to].to_vec();
            insert(bytes, at, &again);
        }
        5 => bytes.truncate(at),
        6 => splice(chance, bytes, at, other),
        7 => insert(bytes, at, &varint(chance)),
        8 if at < bytes.len() => drop(bytes.splice(at..=at, varint(chance))),
        9 => bytes.extend(other),
        10 if chance.one_in(40) => nest(chance, bytes),
        11 if chance.one_in(40) => repeat(chance, bytes, at),
        _ => flip(chance, bytes),
    }
}

fn flip(chance: &mut Chance, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        bytes[chance.below(bytes.len())] ^= 1 << chance.below(8);
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    drop(bytes.splice(at..at, what.iter().copied()));
}

/// The rest is another's.
fn splice(chance: &mut Chance, bytes: &mut Vec<u8>, at: usize, other: &[u8]) {
    bytes.truncate(at);
    bytes.extend(&other[chance.below(other.len() + 1)..]);
}

/// A number of the wire: a length that is too great, one of ten bytes, or one that never ends.
fn varint(chance: &mut Chance) -> Vec<u8> {
    match chance.below(4) {
        0 => vec![0xff; 12],
        1 => vec![0x80; chance.below(12)],
        2 => vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        _ => prefix(chance.number()),
    }
}

/// A number as the wire spells it.
fn prefix(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// The whole inside a field inside a field, or behind the beginnings of as many groups.
fn nest(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let depth = chance.below(DEPTH_MAX);
    let tag = chance.pick(&[0x0a_u8, 0x12, 0x1a, 0x0b, 0x13]);
    if tag & 0b111 == 0b011 {
        return insert(bytes, 0, &vec![tag; depth]);
    }
    for _ in 0..depth {
        let length = prefix(bytes.len() as u64);
        insert(bytes, 0, &length);
        insert(bytes, 0, &[tag]);
    }
}

/// One field as often as a message can hold it: a list of empty texts, or whatever lies there. The
/// length of what it lies in is made to fit.
fn repeat(chance: &mut Chance, bytes: &mut Vec<u8>, at: usize) {
    let field = chance.pick(&[0x0a_u8, 0x12, 0x42, 0x18, 0x28]);
    let mut one = vec![field, 0];
    if chance.one_in(2) {
        one = bytes[at..(at + 12).min(bytes.len())].to_vec();
    }
    let size = (MESSAGE_BYTES_MAX - 64) >> chance.below(14);
    let many = one.repeat(size / one.len().max(1));
    let whole = [vec![0x0a], prefix(many.len() as u64), many].concat();
    *bytes = if chance.one_in(4) { [&*bytes, &*whole].concat() } else { whole };
}
