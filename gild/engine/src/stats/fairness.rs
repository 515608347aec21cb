//! Fairness: the share of time in which workers overlap, and Jain's index of how evenly they share.

/// Share of `duration_ns` covered by at least two of the spans. Rounded to thousandths at once, so
/// that the value shown and stored is the value that was judged.
pub(crate) fn overlap(spans: &[(u64, u64)], duration_ns: u64) -> f64 {
    (overlap_ns(spans) as f64 / duration_ns.max(1) as f64 * 1000.0).round() / 1000.0
}

/// Nanoseconds covered by at least two of the spans.
fn overlap_ns(spans: &[(u64, u64)]) -> u64 {
    // At one instant ends sort before beginnings, so that touching spans do not overlap.
    let mut edges: Vec<(u64, i32)> =
        spans.iter().flat_map(|&(first, last)| [(first, 1), (last, -1)]).collect();
    edges.sort_unstable();
    let (mut inside, mut since, mut sum) = (0, 0, 0);
    for (at, change) in edges {
        if inside >= 2 {
            sum += at - since;
        }
        since = at;
        inside += change;
    }
    sum
}

/// Jain's fairness index: (sum x)^2 / (n sum x^2), from 1/n (one worker did all) to 1 (all equal).
/// Jain, Chiu and Hawe 1984, DEC-TR-301.
pub(crate) fn jain(shares: &[u64]) -> f64 {
    let sum: f64 = shares.iter().map(|&x| x as f64).sum();
    let squares: f64 = shares.iter().map(|&x| (x as f64).powi(2)).sum();
    if squares > 0.0 { sum * sum / (shares.len() as f64 * squares) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_counts_time_with_two_or_more_workers() {
        assert_eq!(overlap_ns(&[]), 0);
        assert_eq!(overlap_ns(&[(0, 10)]), 0);
        assert_eq!(overlap_ns(&[(0, 10), (10, 20)]), 0);
        assert_eq!(overlap_ns(&[(0, 10), (5, 20)]), 5);
        assert_eq!(overlap_ns(&[(0, 10), (0, 10), (0, 10)]), 10);
        assert_eq!(overlap_ns(&[(0, 100), (10, 20), (30, 40)]), 20);
    }
}
