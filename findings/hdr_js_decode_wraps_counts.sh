#!/usr/bin/env bash
# Guess:     V2 stores counts of up to 63 bits, so a decoder returns them all, or refuses a count
#            that it cannot hold.
# Behaviour: hdr-histogram-js decodes into 32-bit counters unless 64 is passed as second argument,
#            and keeps a greater count modulo 2^32 without an error: of 4,294,967,301 values 500 and
#            2,147,483,649 values 600 five and 2,147,483,649 are left, so p50 reads 603, not 501.
#            The total is recomputed from what is left, so nothing shows the loss; the reader of logs
#            does the same. A recording histogram of 32 bits keeps the right total instead and then
#            reads p50 as 0. A program that merges histograms of several processes must pass 64.
#            Python's decoder returns all counts.
# Version:   hdr-histogram-js 3.0.1 (npm) and hdrhistogram 0.10.8 (PyPI).
# Source:    npm: encoding.js (bitBucketSize = 32), HistogramLogReader.js, TypedArrayHistogram.js
#            (setCountAtIndex checks for 2^53 only); PyPI: hdrh/codec.py (HdrPayload of 8 bytes).
# Date:      2026-11-29
. "$(dirname "$0")/lib.sh"

pip_install venv hdrhistogram==0.10.8
npm_install hdr-histogram-js@3.0.1

# Writes the histogram as a line of a log has it: V2 with deflate, in base64.
cat >"$work/encode.py" <<'PYTHON'
from hdrh.histogram import HdrHistogram
histogram = HdrHistogram(1, 100_000_000_000, 2)
histogram.record_value(500, 2**32 + 5)
histogram.record_value(600, 2**31 + 1)
print(histogram.encode().decode())
PYTHON
cat >"$work/decode.py" <<'PYTHON'
import sys
from hdrh.histogram import HdrHistogram
histogram = HdrHistogram.decode(sys.argv[1])
print(histogram.get_total_count(), histogram.get_value_at_percentile(50))
PYTHON
cat >"$work/decode.js" <<'JS'
const hdr = require('hdr-histogram-js');
const [way, text] = process.argv.slice(2);
const header = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n';
const recorded = () => {
  const histogram = hdr.build({ bitBucketSize: 32 });
  histogram.recordValueWithCount(500, 2 ** 32 + 5);
  return histogram;
};
const histogram = {
  default: () => hdr.decodeFromCompressedBase64(text),
  64: () => hdr.decodeFromCompressedBase64(text, 64),
  log: () => new hdr.HistogramLogReader(`${header}0.0,1.0,0.001,${text}\n`).nextIntervalHistogram(),
  recorded,
}[way]();
console.log(histogram.totalCount, histogram.getValueAtPercentile(50));
JS
python() { "$work/venv/bin/python" "$@"; }
text=$(python "$work/encode.py")
javascript() { node "$work/decode.js" "$1" "$text"; }

observed "Python: count and p50" "6442450950 501" "$(python "$work/decode.py" "$text")"
observed "JavaScript, 64 passed" "6442450950 501" "$(javascript 64)"
observed "JavaScript, nothing passed" "2147483654 603" "$(javascript default)"
observed "JavaScript, reader of logs" "2147483654 603" "$(javascript log)"
observed "JavaScript, recorded in 32 bits" "4294967301 0" "$(javascript recorded)"
verdict
