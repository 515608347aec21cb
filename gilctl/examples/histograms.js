#!/usr/bin/env node
// Reads the histograms of a sweep with HdrHistogram's library and prints their percentiles in
// nanoseconds; with --counts, each bucket's end and count instead.
//
//     gilctl show latest --output ndjson | node histograms.js
//
// Requirements: hdr-histogram-js@3.0.1
"use strict";

const { decodeFromCompressedBase64 } = require("hdr-histogram-js");

const FIELDS = ["wait_ns_hdr", "hand_over_ns_hdr", "slice_ns_hdr", "latency_ns_hdr"];
const PERCENTILES = [50, 90, 99, 99.9];
// Without it a count is kept in 32 bits, and a greater one is cut to them without an error.
const COUNT_BITS = 64;

function show(cell, field, histogram) {
  console.log(`cell ${cell} ${field}: ${histogram.totalCount} counted`);
  if (!process.argv.includes("--counts")) {
    PERCENTILES.forEach((it) => console.log(`  p${it} ${histogram.getValueAtPercentile(it)}`));
    return;
  }
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count > 0) {
      const end = histogram.nextNonEquivalentValue(histogram.valueFromIndex(index)) - 1;
      console.log(`${end} ${count}`);
    }
  }
}

for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const document = JSON.parse(line);
  if (document.kind === "cell") {
    for (const field of FIELDS.filter((it) => it in document)) {
      show(document.cell, field, decodeFromCompressedBase64(document[field], COUNT_BITS));
    }
  }
}
