#!/usr/bin/env bash
# Guess:     the ports of HdrHistogram give the same p99 for the same recorded values, and within
#            one port the two ways to ask for it agree.
# Behaviour: the rank of a percentile is rounded in three ways. Rust: up. JavaScript: up, less one
#            unit in the last place. Python: to the nearest. Of 160 values p99 is the 159th in Rust
#            and JavaScript and the 158th in Python, so with 158 fast and 2 slow requests Python
#            reports the fast one. In Rust value_at_percentile(99.9) of 1,000 values is the 1000th
#            and value_at_quantile(0.999) the 999th, since 99.9 / 100.0 is above 0.999.
# Version:   hdrhistogram 7.6.0 (cargo), hdr-histogram-js 3.0.1 (npm) and
#            hdrhistogram 0.10.8 (PyPI).
# Source:    crate: value_at_quantile (ceil); npm: JsHistogram.js, getValueAtPercentile (ceil of
#            the count minus its ulp); PyPI: hdrh/histogram.py, get_target_count_at_percentile
#            (int of the count + 0.5).
# Date:      2026-11-28
. "$(dirname "$0")/lib.sh"

pip_install venv hdrhistogram==0.10.8
npm_install hdr-histogram-js@3.0.1

mkdir -p "$work/ranks/src"
cat >"$work/ranks/Cargo.toml" <<'TOML'
[package]
name = "ranks"
version = "0.0.0"
edition = "2021"
[dependencies]
hdrhistogram = { version = "=7.6.0", default-features = false }
TOML
# Each program records FAST times the value 1 and SLOW times the value 900, with three digits, and
# prints the value at PERCENTILE: "1" if its rank lies among the fast ones, else "900".
cat >"$work/ranks/src/main.rs" <<'RUST'
use hdrhistogram::Histogram;

fn main() {
    let arguments: Vec<f64> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000, 3).unwrap();
    histogram.record_n(1, arguments[0] as u64).unwrap();
    histogram.record_n(900, arguments[1] as u64).unwrap();
    match arguments[2] {
        fraction if fraction < 1.0 => println!("{}", histogram.value_at_quantile(fraction)),
        percentile => println!("{}", histogram.value_at_percentile(percentile)),
    }
}
RUST
cat >"$work/ranks.js" <<'JS'
const [fast, slow, percentile] = process.argv.slice(2).map(Number);
const histogram = require('hdr-histogram-js').build({
  lowestDiscernibleValue: 1, highestTrackableValue: 3600000, numberOfSignificantValueDigits: 3,
});
histogram.recordValueWithCount(1, fast);
histogram.recordValueWithCount(900, slow);
console.log(histogram.getValueAtPercentile(percentile));
JS
cat >"$work/ranks.py" <<'PYTHON'
import sys
from hdrh.histogram import HdrHistogram
fast, slow, percentile = map(float, sys.argv[1:])
histogram = HdrHistogram(1, 3600000, 3)
histogram.record_value(1, int(fast))
histogram.record_value(900, int(slow))
print(histogram.get_value_at_percentile(percentile))
PYTHON
cargo_build "$work/ranks"
rust() { "$work/target/debug/ranks" "$@"; }
javascript() { node "$work/ranks.js" "$@"; }
python() { "$work/venv/bin/python" "$work/ranks.py" "$@"; }

observed "Rust p99 of 158 fast and 2 slow" 900 "$(rust 158 2 99)"
observed "JavaScript p99 of 158 fast and 2 slow" 900 "$(javascript 158 2 99)"
observed "Python p99 of 158 fast and 2 slow" 1 "$(python 158 2 99)"
observed "Rust value_at_percentile(99.9) of 999 fast and 1 slow" 900 "$(rust 999 1 99.9)"
observed "Rust value_at_quantile(0.999) of 999 fast and 1 slow" 1 "$(rust 999 1 0.999)"
observed "JavaScript p99.9 of 999 fast and 1 slow" 1 "$(javascript 999 1 99.9)"
observed "Python p99.9 of 999 fast and 1 slow" 1 "$(python 999 1 99.9)"
verdict
