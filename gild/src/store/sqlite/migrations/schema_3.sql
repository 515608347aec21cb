-- Version 3: columns are named after what they hold, with the names that records of a cell have for it,
-- and the longest of each kind of time stands exactly beside its histogram, which knows only the bounds
-- of its buckets.

ALTER TABLE attempts RENAME COLUMN left_voluntary TO context_switches_voluntary;
ALTER TABLE attempts RENAME COLUMN left_forced TO context_switches_forced;

-- Each *_hdr is an HDR histogram in nanoseconds (V2 encoding, not compressed, two digits), NULL without any
-- time; each *_ns_max its longest time, NULL without any or if an earlier version stored the turn.
-- strategy_*: as the strategy times them. watched_*: as watching workers see them; where there are any,
-- they are the waits and hand-overs of the record.
ALTER TABLE turns RENAME COLUMN waits TO strategy_wait_ns_hdr;
ALTER TABLE turns RENAME COLUMN hand_overs TO strategy_hand_over_ns_hdr;
ALTER TABLE turns RENAME COLUMN slices TO slice_ns_hdr;
ALTER TABLE turns RENAME COLUMN latencies TO latency_ns_hdr;
ALTER TABLE turns RENAME COLUMN acquisitions TO watched_wait_ns_hdr;
ALTER TABLE turns RENAME COLUMN seen_hand_overs TO watched_hand_over_ns_hdr;
ALTER TABLE turns ADD COLUMN strategy_wait_ns_max INTEGER;
ALTER TABLE turns ADD COLUMN strategy_hand_over_ns_max INTEGER;
ALTER TABLE turns ADD COLUMN slice_ns_max INTEGER;
ALTER TABLE turns ADD COLUMN latency_ns_max INTEGER;
ALTER TABLE turns ADD COLUMN watched_wait_ns_max INTEGER;
ALTER TABLE turns ADD COLUMN watched_hand_over_ns_max INTEGER;

-- JSON: what watching workers counted; and noise, noisy turns and reruns of the cell so far.
ALTER TABLE turns RENAME COLUMN seen TO watched_counts;
ALTER TABLE turns RENAME COLUMN noise TO disturbance;
