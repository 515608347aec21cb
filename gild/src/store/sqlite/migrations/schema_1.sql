-- The history of a lab, version 1. Times are in nanoseconds since the Unix epoch unless they say otherwise;
-- a seed is stored by its bits, so what is above 2^63 reads as negative; since version 4 it is text.

-- Sweeps and explorations, in the order in which they were created. That order, not the clock, is what
-- "newest" means: clocks are set back.
CREATE TABLE works (
    number             INTEGER PRIMARY KEY AUTOINCREMENT,
    id                 TEXT NOT NULL UNIQUE,        -- UUIDv7 in lower-case base32
    kind               TEXT NOT NULL CHECK (kind IN ('sweep', 'exploration')),
    state              TEXT NOT NULL CHECK (state IN ('queued', 'running', 'cancelling', 'succeeded',
                                                      'failed', 'cancelled', 'interrupted')),
    owner              TEXT NOT NULL,               -- who asked for it
    request_id         TEXT,                        -- of the request that made it; NULL for none
    queue_rank         INTEGER NOT NULL,            -- the order in which it came to the queue
    create_time_ns     INTEGER NOT NULL,
    end_time_ns        INTEGER NOT NULL DEFAULT 0,  -- 0 while it has not ended
    error              TEXT NOT NULL DEFAULT '',    -- why it failed
    runs               INTEGER NOT NULL DEFAULT 0,  -- how often it was started
    attempts           INTEGER NOT NULL DEFAULT 0,  -- rows of it in attempts
    attempts_requested INTEGER NOT NULL DEFAULT 0,
    last_sequence      INTEGER NOT NULL DEFAULT 0,  -- number of its newest event
    seed               INTEGER NOT NULL DEFAULT 0,  -- of a sweep: makes its rounds and its attempts' seeds
    version            TEXT NOT NULL,               -- of the gild that planned it
    imported_from      TEXT NOT NULL DEFAULT '',    -- the machine it was measured on, if not this one
    brief              BLOB NOT NULL,               -- gild.v1.Sweep or .Exploration as created, for lists
    created            BLOB NOT NULL                -- the same with all its cells
) STRICT;
CREATE UNIQUE INDEX works_by_request ON works (owner, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX works_by_state ON works (state, number);

-- A sweep's cells, for whoever asks in SQL; all of a cell is in works.created.
CREATE TABLE cells (
    work               INTEGER NOT NULL REFERENCES works (number) ON DELETE CASCADE,
    cell               INTEGER NOT NULL,            -- its position, from 0
    strategy           TEXT NOT NULL,
    era                TEXT NOT NULL,
    workers            INTEGER NOT NULL,
    tasks              INTEGER NOT NULL,
    increments         INTEGER NOT NULL,            -- of a task
    body               TEXT NOT NULL,
    duration_ns        INTEGER,                     -- how long workers increment; NULL where they take tasks
    expected           INTEGER NOT NULL,            -- final value if nothing is lost; 0 where attempts differ
    attempts_requested INTEGER NOT NULL,
    PRIMARY KEY (work, cell)
) STRICT, WITHOUT ROWID;

-- What happened, as watchers saw it. Rows are never changed.
CREATE TABLE events (
    work               INTEGER NOT NULL REFERENCES works (number) ON DELETE CASCADE,
    sequence           INTEGER NOT NULL,            -- from 1 up by 1
    time_ns            INTEGER NOT NULL,
    kind               TEXT NOT NULL,               -- started, turn, cell_ended, progress, outcome or ended
    cell               INTEGER,                     -- which one a turn or a cell's end is about
    body               BLOB NOT NULL,               -- gild.v1.SweepEvent or .ExplorationEvent
    UNIQUE (work, sequence)
) STRICT;

-- Every attempt that counts, once.
CREATE TABLE attempts (
    work               INTEGER NOT NULL REFERENCES works (number) ON DELETE CASCADE,
    cell               INTEGER NOT NULL,
    attempt            INTEGER NOT NULL,            -- its number within the cell, from 0
    sequence           INTEGER NOT NULL,            -- the event of its turn
    seed               INTEGER NOT NULL,
    final              INTEGER NOT NULL,            -- the counter's value after it
    duration_ns        INTEGER NOT NULL,            -- how long it took
    bodies_per_second  REAL NOT NULL,
    overlap            REAL NOT NULL,               -- share of its time in which two workers were at work
    jain               REAL NOT NULL,               -- Jain's index of the workers' bodies
    increments         INTEGER NOT NULL,            -- bodies done that add one
    reads              INTEGER NOT NULL,            -- bodies done that only read
    switches_forced    INTEGER NOT NULL,
    switches_voluntary INTEGER NOT NULL,
    requests           INTEGER NOT NULL,
    cpu_user_ns        INTEGER NOT NULL,
    cpu_system_ns      INTEGER NOT NULL,
    left_voluntary     INTEGER,                     -- context switches; NULL where they are not counted
    left_forced        INTEGER,
    PRIMARY KEY (work, cell, attempt)
) STRICT, WITHOUT ROWID;

-- What only attempts with a duration have.
CREATE TABLE timed_attempts (
    work               INTEGER NOT NULL REFERENCES works (number) ON DELETE CASCADE,
    cell               INTEGER NOT NULL,
    attempt            INTEGER NOT NULL,
    jain_1ms           REAL,
    jain_10ms          REAL,
    jain_100ms         REAL,
    jain_whole         REAL NOT NULL,
    slowest            REAL NOT NULL,
    overlap            REAL NOT NULL,               -- share of the windows of 1 ms
    watching           REAL,                        -- speed while watched over speed while not
    warm_up_windows    INTEGER NOT NULL,            -- of 1 ms
    is_steady          INTEGER NOT NULL CHECK (is_steady IN (0, 1)),
    longest_ns         INTEGER NOT NULL,
    PRIMARY KEY (work, cell, attempt)
) STRICT, WITHOUT ROWID;

-- What is kept of a turn as a whole: counts, and HDR histograms of times (V2 encoding, two digits).
CREATE TABLE turns (
    work               INTEGER NOT NULL REFERENCES works (number) ON DELETE CASCADE,
    sequence           INTEGER NOT NULL,            -- its event
    cell               INTEGER NOT NULL,
    round              INTEGER NOT NULL,
    first_attempt      INTEGER NOT NULL,
    attempts           INTEGER NOT NULL,
    tasks              INTEGER NOT NULL,
    unserved           INTEGER NOT NULL,
    torn_reads         INTEGER NOT NULL,
    wait_ranks         TEXT NOT NULL,               -- JSON: a count for each rank
    seen               TEXT NOT NULL,               -- JSON: what watching workers counted
    noise              TEXT NOT NULL,               -- JSON: noise, noisy turns and reruns of the cell so far
    waits              BLOB,                        -- NULL for a histogram without any time
    hand_overs         BLOB,
    slices             BLOB,
    latencies          BLOB,
    acquisitions       BLOB,
    seen_hand_overs    BLOB,
    PRIMARY KEY (work, sequence)
) STRICT, WITHOUT ROWID;

-- For people: sweeps with readable times.
CREATE VIEW sweeps AS
    SELECT number, id, state, owner, attempts, attempts_requested, runs, error, version,
           datetime(create_time_ns / 1000000000, 'unixepoch') AS created_at,
           CASE end_time_ns WHEN 0 THEN NULL
                ELSE datetime(end_time_ns / 1000000000, 'unixepoch') END AS ended_at
    FROM works WHERE kind = 'sweep';
