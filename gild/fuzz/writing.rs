//! Texts: almost valid ones of each kind that the lab reads, arbitrary ones, and very long ones.

use gild::limits::MESSAGE_BYTES_MAX;
use strategies::program::step::Step;

use super::chance::Chance;

/// Letters that texts break on: ends of ranges, other widths, marks, directions, zero.
const ODD: [char; 12] = [
    '\0',
    '\u{1b}',
    '\n',
    '"',
    '`',
    'é',
    'µ',
    '\u{202e}',
    '\u{301}',
    '\u{ffff}',
    '😀',
    '\u{10ffff}',
];
/// Numbers as texts that are almost one.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "+1",
    "-1",
    "01",
    "1e9",
    "NaN",
    "inf",
    "0x10",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1_000",
    "",
];

/// A text of at most so many letters, of all kinds.
pub(crate) fn any(chance: &mut Chance, most: usize) -> String {
    let length = chance.below(most + 1);
    let is_plain = chance.one_in(2);
    let letter = |chance: &mut Chance| match chance.below(4) {
        0 if !is_plain => chance.pick(&ODD),
        1 => char::from(b' ' + chance.byte() % 95),
        _ => char::from(b'a' + chance.byte() % 26),
    };
    (0..length).map(|_| letter(chance)).collect()
}

/// A text as long as a message, of one letter.
pub(crate) fn long(chance: &mut Chance) -> String {
    let letter = if chance.one_in(2) { 'a' } else { chance.pick(&ODD) };
    let most = MESSAGE_BYTES_MAX / letter.len_utf8() - 64;
    std::iter::repeat_n(letter, most >> chance.below(12)).collect()
}

/// A body by hand: letters of steps, mostly one load before one store.
pub(crate) fn steps(chance: &mut Chance) -> String {
    let letters = Step::ALL.map(Step::letter);
    let some = |chance: &mut Chance| -> String {
        let length = if chance.one_in(20) { chance.below(40) } else { chance.below(4) };
        let plain: Vec<char> =
            letters.into_iter().filter(|letter| !"LSAR".contains(*letter)).collect();
        (0..length).map(|_| chance.pick(&plain)).collect()
    };
    let (a, b, c) = (some(chance), some(chance), some(chance));
    match chance.below(8) {
        0 => (0..chance.below(40)).map(|_| chance.pick(&letters)).collect(),
        1 => format!("{a}A{b}LS{c}R"),
        2 => format!("{a}L{b}{}S{c}", any(chance, 3)),
        _ => format!("{a}L{b}S{c}"),
    }
}

/// Runs of moves.
pub(crate) fn schedule(chance: &mut Chance) -> String {
    let length = chance.length();
    let run = |chance: &mut Chance| match chance.below(200) {
        0 => any(chance, 20),
        1 => format!("T{}x{}", chance.pick(&NUMBERS), chance.pick(&NUMBERS)),
        2 => format!("T{}x{}", chance.number(), chance.number()),
        _ => format!("T{}x{}", chance.below(8), 1 + chance.below(20)),
    };
    let gap = if chance.one_in(50) { "\u{2003}\n" } else { " " };
    (0..length).map(|_| run(chance)).collect::<Vec<_>>().join(gap)
}

/// A user.
pub(crate) fn owner(chance: &mut Chance) -> String {
    let kind = chance.pick(&["local", "anyone", "user", "token", "certificate", "root", ""]);
    match chance.below(4) {
        0 => kind.into(),
        1 => format!("{kind} {}", chance.pick(&NUMBERS)),
        2 => format!("{kind} {}", chance.number()),
        _ => format!("{kind} {}", any(chance, 30)),
    }
}

/// A probability.
pub(crate) fn probability(chance: &mut Chance) -> String {
    match chance.below(6) {
        0 => format!("{}/{}", chance.number(), chance.number()),
        1 => format!("{}.{}", chance.pick(&NUMBERS), chance.pick(&NUMBERS)),
        2 => format!("0.{}", "0".repeat(chance.below(30)) + "1"),
        3 => format!("{}/{}", chance.below(20), chance.below(20)),
        4 => any(chance, 12),
        _ => format!("0.{}", chance.below(1_000_000)),
    }
}

/// The same with some letters changed, left out, doubled or moved.
pub(crate) fn misspelled(chance: &mut Chance, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=chance.below(3) {
        if letters.is_empty() {
            break;
        }
        let (at, other) = (chance.below(letters.len()), chance.below(letters.len()));
        match chance.below(5) {
            0 => letters[at] = chance.pick(&ODD),
            1 => drop(letters.remove(at)),
            2 => letters.insert(at, letters[other]),
            3 => letters.swap(at, other),
            _ => letters[at] = char::from(b'0' + chance.byte() % 10),
        }
    }
    letters.into_iter().collect()
}
