-- Version 5: a turn has the increments of each worker.

-- JSON: the attempts that it is of, and for each worker that increments, by its position, its increments with its
-- least and greatest share of an attempt's. NULL where an earlier version stored the turn.
ALTER TABLE turns ADD COLUMN worker_shares TEXT;
