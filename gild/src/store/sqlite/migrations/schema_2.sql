-- Version 2: what a long history is asked often is found without reading it all.

CREATE INDEX works_by_kind ON works (kind, number);
CREATE INDEX works_by_rank ON works (queue_rank);
