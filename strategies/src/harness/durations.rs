//! Durations as a worker counts them and as attempts are summed up: an HDR histogram of two
//! significant digits with the exact longest duration beside it.
//!
//! Counts have 64 bits, because a full counter is silent: it stays as it is while the number of
//! durations goes on, and quantiles are then looked for past the end. Durations beyond
//! [`TIME_MAX_NS`] count as that.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{
    Deserializer, Serializer as _, V2DeflateSerializer, V2Serializer,
};

/// The longest duration that a histogram resolves: 100 s, ten times an attempt's limit.
pub const TIME_MAX_NS: u64 = 100_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 2;
/// Most durations in an encoded histogram: the sum of any number of attempts stays below, and a
/// thousand such histograms can be merged without a full counter.
const COUNT_MAX: u64 = 1 << 53;

/// Durations in nanoseconds, bounded in memory (about 32 KiB from the first one on), mergeable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durations(Option<Box<Recorded>>);

#[derive(Debug, Clone, PartialEq)]
struct Recorded {
    counts: Histogram<u64>,
    /// Exact, where the histogram knows only the bounds of its last bucket.
    longest_ns: u64,
}

/// Error of bytes that do not encode [`Durations`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid histogram of durations: {0}")]
pub struct InvalidDurations(String);

impl Durations {
    /// Counts one duration.
    pub fn record(&mut self, nanoseconds: u64) {
        let recorded = self.recorded();
        recorded.counts.saturating_record(nanoseconds.max(1));
        recorded.longest_ns = recorded.longest_ns.max(nanoseconds);
    }

    /// Adds the counts of `other`.
    #[expect(clippy::missing_panics_doc, reason = "all histograms here have the same bounds")]
    pub fn merge(&mut self, other: &Self) {
        if let Some(other) = &other.0 {
            let recorded = self.recorded();
            let added = recorded.counts.add(&other.counts);
            added.expect("all histograms here have the same bounds");
            recorded.longest_ns = recorded.longest_ns.max(other.longest_ns);
        }
    }

    /// Number of durations.
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, |recorded| recorded.counts.len())
    }

    /// The duration that a share `q` (0 to 1) of all does not exceed; `None` if there are none. The
    /// end of its bucket, at most 0.8 % too long, and never longer than [`Self::max_ns`]; for 1
    /// exactly that.
    pub fn quantile_ns(&self, q: f64) -> Option<u64> {
        self.0.as_ref().map(|recorded| {
            if q >= 1.0 {
                return recorded.longest_ns;
            }
            recorded.counts.value_at_quantile(q).min(recorded.longest_ns)
        })
    }

    /// Number of durations within these bounds, both in nanoseconds, to the histogram's resolution.
    pub fn count_between(&self, from_ns: u64, to_ns: u64) -> u64 {
        self.0.as_ref().map_or(0, |recorded| recorded.counts.count_between(from_ns, to_ns))
    }

    /// The longest duration, exactly; `None` if there are none.
    pub fn max_ns(&self) -> Option<u64> {
        self.0.as_ref().map(|recorded| recorded.longest_ns)
    }

    /// The counts as an HDR histogram in its V2 encoding, without [`Self::max_ns`]; `None` if there
    /// are none.
    #[expect(clippy::missing_panics_doc, reason = "a vector accepts every write")]
    pub fn to_hdr(&self) -> Option<Vec<u8>> {
        self.0.as_ref().map(|recorded| {
            let mut bytes = Vec::new();
            let written = V2Serializer::new().serialize(&recorded.counts, &mut bytes);
            written.expect("a vector accepts every write");
            bytes
        })
    }

    /// The same with deflate (zlib); in base64, this is what the decoders of other languages expect.
    #[expect(clippy::missing_panics_doc, reason = "a vector accepts every write")]
    pub fn to_hdr_deflated(&self) -> Option<Vec<u8>> {
        self.0.as_ref().map(|recorded| {
            let mut bytes = Vec::new();
            let written = V2DeflateSerializer::new().serialize(&recorded.counts, &mut bytes);
            written.expect("a vector accepts every write");
            bytes
        })
    }

    /// Decodes the counts that [`Self::to_hdr`] encoded. `max_ns` is their longest duration; `None`
    /// if it is not known, and then the end of the last bucket takes its place. Fails on anything
    /// else, including histograms with other bounds and a longest duration that is not of them.
    pub fn from_hdr(mut bytes: &[u8], max_ns: Option<u64>) -> Result<Self, InvalidDurations> {
        let read = Deserializer::new().deserialize(&mut bytes);
        let counts: Histogram<u64> = read.map_err(|why| InvalidDurations(why.to_string()))?;
        let bounds = (counts.low(), counts.high(), counts.sigfig());
        if bounds != (1, TIME_MAX_NS, SIGNIFICANT_DIGITS) {
            return Err(InvalidDurations(format!("its bounds are {bounds:?}")));
        }
        if counts.is_empty() || counts.len() > COUNT_MAX {
            return Err(InvalidDurations(format!("it counts {} durations", counts.len())));
        }
        let end_ns = counts.max();
        let longest_ns = max_ns.unwrap_or(end_ns);
        let is_beyond = longest_ns > end_ns && end_ns < TIME_MAX_NS;
        if is_beyond || longest_ns.max(1) < counts.lowest_equivalent(end_ns) {
            let reason =
                format!("its longest duration is {max_ns:?}, its last bucket's end {end_ns}");
            return Err(InvalidDurations(reason));
        }
        Ok(Self(Some(Box::new(Recorded { counts, longest_ns }))))
    }

    /// The histogram, created by the first duration, because most attempts record none.
    fn recorded(&mut self) -> &mut Recorded {
        self.0.get_or_insert_with(|| {
            let empty = Histogram::new_with_bounds(1, TIME_MAX_NS, SIGNIFICANT_DIGITS);
            let counts = empty.expect("the bounds are constants that the histogram accepts");
            Box::new(Recorded { counts, longest_ns: 0 })
        })
    }
}

#[cfg(test)]
#[path = "tests/durations.rs"]
mod tests;
