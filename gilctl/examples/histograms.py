#!/usr/bin/env python3
"""Reads the histograms of a sweep with HdrHistogram's library and prints their percentiles in
nanoseconds; with --counts, each bucket's end and count instead.

    gilctl show latest --output ndjson | python3 histograms.py
    python3 histograms.py lab.db
    python3 histograms.py lab.db --counts

Documents have a histogram as a line of an HdrHistogram log has it, the database without deflate, for
each turn; of a database the newest sweep is read.

Requirements: hdrhistogram==0.10.8
"""

import base64
import json
import sqlite3
import struct
import sys
import zlib

from hdrh.histogram import HdrHistogram

FIELDS = ("wait_ns_hdr", "hand_over_ns_hdr", "slice_ns_hdr", "latency_ns_hdr")
# What watching workers saw goes before what the strategy itself times, as in the documents.
COLUMNS = {
    "wait_ns_hdr": ("watched_wait_ns_hdr", "strategy_wait_ns_hdr"),
    "hand_over_ns_hdr": ("watched_hand_over_ns_hdr", "strategy_hand_over_ns_hdr"),
    "slice_ns_hdr": ("slice_ns_hdr",),
    "latency_ns_hdr": ("latency_ns_hdr",),
}
WATCHED = "watched_wait_ns_hdr"
PERCENTILES = (50, 90, 99, 99.9)
# V2 with deflate: this cookie and the length stand before the deflated bytes.
V2_DEFLATED = 0x1C849314


def of_column(v2):
    """A histogram of the database: V2 without deflate."""
    deflated = zlib.compress(v2)
    header = struct.pack(">II", V2_DEFLATED, len(deflated))
    return HdrHistogram.decode(base64.b64encode(header + deflated))


def of_documents(lines):
    """Cell, field and histogram of NDJSON."""
    for document in map(json.loads, lines):
        if document["kind"] == "cell":
            for field in FIELDS:
                if field in document:
                    yield document["cell"], field, HdrHistogram.decode(document[field])


def of_database(path):
    """The same of the newest sweep of a history, whose turns are added up."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    newest = "(SELECT max(number) FROM works WHERE kind = 'sweep')"
    cells = f"SELECT cell, count({WATCHED}) FROM turns WHERE work = {newest} GROUP BY cell"
    for cell, watched in database.execute(cells).fetchall():
        for field, columns in COLUMNS.items():
            column = columns[0] if watched else columns[-1]
            turns = f"SELECT {column} FROM turns WHERE work = {newest} AND cell = ? AND {column} NOTNULL"
            total = None
            for (v2,) in database.execute(turns, (cell,)):
                turn = of_column(v2)
                if total is None:
                    total = turn
                else:
                    total.add(turn)
            if total is not None:
                yield cell, field, total


def main(arguments):
    paths = [argument for argument in arguments if argument != "--counts"]
    for cell, field, histogram in of_database(paths[0]) if paths else of_documents(sys.stdin):
        print(f"cell {cell} {field}: {histogram.get_total_count()} counted")
        if "--counts" in arguments:
            for bucket in histogram.get_recorded_iterator():
                print(bucket.value_iterated_to, bucket.count_added_in_this_iter_step)
        else:
            for percentile in PERCENTILES:
                print(f"  p{percentile} {histogram.get_value_at_percentile(percentile)}")


if __name__ == "__main__":
    main(sys.argv[1:])
