//! Sampler of bodies that differ in their lengths, their locks, or whether they only read.
//!
//! Each worker draws from its own stream: a process-wide generator would be a second lock in the
//! loop. Lengths are drawn before the attempt, as one stratified sample per worker: 256 lengths,
//! one from each part of the distribution, shuffled. So a worker's mean equals the requested mean
//! for every seed, and a draw in the loop costs one read of a table.

use crate::harness::body::compile::Code;
use crate::harness::body::segments::Body;
use crate::harness::rng::SplitMix64;
use crate::machine::{Machine, Work};
use crate::program::workload::Lengths;

/// Number of lengths that are drawn before the attempt.
const DRAWN: u64 = 256;
/// The whole, in percent.
const ALL_PERCENT: u64 = 100;

/// A body's operation on the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Adds one.
    Increment,
    /// Reads only.
    Read,
}

/// One body as it was drawn.
#[derive(Debug, Clone, Copy)]
pub struct SampledBody<'c> {
    /// The body with its lengths.
    pub body: Body<'c>,
    /// Index of the lock that it takes.
    pub lock: usize,
    /// Its operation on that lock's counter.
    pub operation: Operation,
}

/// One worker's sampler.
#[derive(Debug)]
pub struct BodySampler {
    stream: SplitMix64,
    lengths: Box<[(Work, Work)]>,
    at: usize,
    locks: u64,
    reads_percent: u64,
}

impl BodySampler {
    /// The sampler of worker `index`; `None` if all bodies are the same.
    pub fn of<M: Machine>(code: &Code, seed: u64, index: usize, machine: &M) -> Option<Self> {
        let plan = code.plan?;
        let mut stream = SplitMix64::of(&[seed, index as u64, DRAWN]);
        let inside = stratified(plan.lengths, plan.inside_ns, &mut stream);
        let outside = stratified(plan.lengths, plan.outside_ns, &mut stream);
        let lengths = inside.into_iter().zip(outside).map(|(inside_ns, outside_ns)| {
            let window_ns = plan.window_ns + inside_ns;
            (machine.work_for(window_ns), machine.work_for(plan.after_ns + outside_ns))
        });
        Some(Self {
            lengths: lengths.collect(),
            at: 0,
            locks: u64::from(plan.locks),
            reads_percent: u64::from(plan.reads_percent),
            stream,
        })
    }

    /// Draws the next body.
    #[inline]
    pub fn draw<'c>(&mut self, body: Body<'c>) -> SampledBody<'c> {
        self.at = (self.at + 1) % self.lengths.len();
        let (window, after) = self.lengths[self.at];
        // The number of locks is far below 2^32, so it fits.
        let lock = usize::try_from(self.below(self.locks)).unwrap_or(0);
        let reads = self.reads_percent > 0 && self.below(ALL_PERCENT) < self.reads_percent;
        let operation = if reads { Operation::Read } else { Operation::Increment };
        SampledBody { body: body.with_lengths(window, after), lock, operation }
    }

    #[inline]
    fn below(&mut self, end: u64) -> u64 {
        if end > 1 { self.stream.below(end) } else { 0 }
    }
}

/// One length from each of [`DRAWN`] equally likely parts of the distribution, shuffled.
fn stratified(lengths: Lengths, mean_ns: u64, stream: &mut SplitMix64) -> Vec<u64> {
    let mean = mean_ns as f64;
    let within = |part: u64, stream: &mut SplitMix64| (part as f64 + stream.unit()) / DRAWN as f64;
    let length = |part| {
        let ns = match lengths {
            Lengths::Fixed => mean,
            Lengths::Uniform => 2.0 * mean * within(part, stream),
            Lengths::Exponential => -mean * (1.0 - within(part, stream)).ln(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 40 s")]
        let whole = ns.round() as u64;
        whole
    };
    let mut drawn: Vec<u64> = (0..DRAWN).map(length).collect();
    stream.shuffle(&mut drawn);
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::native::NativeMachine;
    use crate::machine::native::abort::Abort;
    use crate::program::step::Sites;
    use crate::program::workload::Workload;

    fn mean(lengths: Lengths, seed: u64) -> f64 {
        let drawn = stratified(lengths, 10_000, &mut SplitMix64::of(&[seed]));
        drawn.iter().sum::<u64>() as f64 / drawn.len() as f64
    }

    #[test]
    fn mean_length_is_independent_of_the_seed() {
        for seed in 0..20 {
            for lengths in Lengths::ALL {
                let mean = mean(lengths, seed);
                assert!((9_900.0..10_100.0).contains(&mean), "{lengths:?} {seed}: {mean}");
            }
        }
    }

    #[test]
    fn lengths_follow_their_distribution() {
        let extremes = |lengths| {
            let drawn = stratified(lengths, 10_000, &mut SplitMix64::of(&[1]));
            (*drawn.iter().min().expect("drawn"), *drawn.iter().max().expect("drawn"))
        };
        assert_eq!(extremes(Lengths::Fixed), (10_000, 10_000));
        let (least, most) = extremes(Lengths::Uniform);
        assert!(least < 100 && (19_900..=20_000).contains(&most), "{least} {most}");
        let (least, most) = extremes(Lengths::Exponential);
        assert!(least < 100 && most > 50_000, "{least} {most}");
    }

    #[test]
    fn equal_bodies_have_no_sampler() {
        let machine = NativeMachine::new(Abort::default());
        let code = Code::compile(&Workload::ONE, Sites::Nowhere, &machine);
        assert!(BodySampler::of(&code, 1, 0, &machine).is_none());
    }

    #[test]
    fn locks_and_reads_have_the_requested_shares() {
        let machine = NativeMachine::new(Abort::default());
        let workload = Workload { locks: 4, reads_percent: 75, ..Workload::ONE };
        let code = Code::compile(&workload, Sites::Nowhere, &machine);
        let mut sampler = BodySampler::of(&code, 1, 0, &machine).expect("bodies differ");
        let drawn: Vec<_> = (0..40_000).map(|_| sampler.draw(code.body())).collect();
        let reads = drawn.iter().filter(|drawn| drawn.operation == Operation::Read).count();
        assert!((29_000..31_000).contains(&reads), "{reads}");
        for lock in 0..4 {
            let taken = drawn.iter().filter(|drawn| drawn.lock == lock).count();
            assert!((9_500..10_500).contains(&taken), "{lock}: {taken}");
        }
    }

    #[test]
    fn draws_are_fixed_by_seed_and_differ_between_workers() {
        let machine = NativeMachine::new(Abort::default());
        let workload = Workload { locks: 4096, ..Workload::ONE };
        let code = Code::compile(&workload, Sites::Nowhere, &machine);
        let locks = |seed, index| {
            let mut sampler = BodySampler::of(&code, seed, index, &machine).expect("bodies differ");
            (0..8).map(|_| sampler.draw(code.body()).lock).collect::<Vec<_>>()
        };
        assert_eq!(locks(1, 0), locks(1, 0));
        assert_ne!(locks(1, 0), locks(1, 1));
        assert_ne!(locks(1, 0), locks(2, 0));
    }
}
