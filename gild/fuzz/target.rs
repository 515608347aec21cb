//! Targets and their inputs: bytes gone wrong, requests that are well-formed and strange, texts. Each
//! input follows from a seed, its number and the corpus, so that it can be made again.

use prost::Message;

use super::chance::Chance;
use super::corpus::Input;
use super::door::Door;
use super::{bytes, questions, requests, writing};

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// Valid encodings with things done to them, and bytes by chance.
    Bytes,
    /// Sweeps.
    Requests,
    /// Explorations and scripts.
    Questions,
    /// Names and texts behind requests.
    Texts,
}

impl Target {
    /// Every one.
    pub(crate) const ALL: [Self; 4] = [Self::Bytes, Self::Requests, Self::Questions, Self::Texts];

    /// The name by which it is asked for.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Requests => "requests",
            Self::Questions => "questions",
            Self::Texts => "texts",
        }
    }

    /// Which one a draw means: an estimate takes a hundred times as long as all else.
    pub(crate) fn drawn(chance: &mut Chance) -> Self {
        match chance.below(40) {
            0..18 => Self::Bytes,
            18..28 => Self::Requests,
            28 => Self::Questions,
            _ => Self::Texts,
        }
    }

    /// An input of this kind; `seeds` are valid ones to begin with.
    pub(crate) fn input(self, chance: &mut Chance, seeds: &[Input]) -> Input {
        match self {
            Self::Bytes => wrong(chance, seeds),
            Self::Requests => {
                Input { door: Door::CreateSweep, bytes: requests::sweep(chance).encode_to_vec() }
            }
            Self::Questions if chance.one_in(2) => Input {
                door: Door::CreateExploration,
                bytes: questions::exploration(chance).encode_to_vec(),
            },
            Self::Questions => Input {
                door: Door::ReplaySchedule,
                bytes: questions::replay(chance).encode_to_vec(),
            },
            Self::Texts => text(chance),
        }
    }
}

fn wrong(chance: &mut Chance, seeds: &[Input]) -> Input {
    if seeds.is_empty() || chance.one_in(8) {
        return Input { door: chance.pick(&Door::ALL), bytes: bytes::arbitrary(chance) };
    }
    let [valid, other] = [0; 2].map(|_| &seeds[chance.below(seeds.len())]);
    let door = if chance.one_in(30) { chance.pick(&Door::ALL) } else { valid.door };
    Input { door, bytes: bytes::mutated(chance, &valid.bytes, &other.bytes) }
}

fn text(chance: &mut Chance) -> Input {
    let door = chance.pick(&Door::ALL);
    let own = match door {
        Door::Steps => writing::steps(chance),
        Door::Schedule => writing::schedule(chance),
        Door::Owner => writing::owner(chance),
        Door::Probability => writing::probability(chance),
        _ => return Input { door, bytes: named(chance) },
    };
    let text = match chance.below(12) {
        0 => writing::misspelled(chance, &own),
        1 if chance.one_in(100) => writing::long(chance),
        _ => own,
    };
    Input { door, bytes: text.into_bytes() }
}

/// A message whose first fields are a text and others of their own: every request that names
/// something begins with the name.
fn named(chance: &mut Chance) -> Vec<u8> {
    let prefix = chance.pick(&["sweeps/", "explorations/", "sweeps", "", "Sweeps/"]);
    let name = match chance.below(500) {
        0 => prefix.to_owned() + &writing::long(chance),
        1..100 => prefix.to_owned() + &writing::any(chance, 40),
        100..150 => writing::any(chance, 20),
        150..250 => chance.pick(&["increment", "call", "locked", "lock"]).to_owned(),
        _ => prefix.to_owned() + "01jabcdefghjkmnpqrstvwxyz0",
    };
    let filters = ["", "state = RUNNING", "state=\"FAILED\"", "state = ASLEEP", "name = x", "="];
    let token = if chance.one_in(20) { writing::any(chance, 90) } else { "c".into() };
    let list = proto::v1::ListSweepsRequest {
        page_size: if chance.one_in(3) { chance.small_number() } else { 2 },
        page_token: token,
        filter: chance.pick(&filters).into(),
    };
    match chance.below(4) {
        0 => list.encode_to_vec(),
        1 => {
            let length = chance.length();
            let eras = (0..length).map(|_| chance.pick(&["all", "3.9", "2.7"]).into());
            let eras = eras.collect();
            let body = chance.pick(&["increment", "io", "none"]).into();
            proto::v1::GetBodyRequest { body, eras }.encode_to_vec()
        }
        _ => proto::v1::WatchSweepRequest { name, after_sequence: chance.number() }.encode_to_vec(),
    }
}
