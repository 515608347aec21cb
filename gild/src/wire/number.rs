//! Numbers of the wire.

/// A count as 32 bits; limits keep every count far below 2^32.
pub(crate) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
