-- Version 4: a seed has 64 bits and SQLite's integers 63 and a sign, so it is the text of its decimal digits, as
-- documents print it and `gilctl sweep --seed` takes it. No integer of a history is negative.

ALTER TABLE works ADD COLUMN digits TEXT NOT NULL DEFAULT '0' CHECK (digits NOT GLOB '*[^0-9]*');
UPDATE works SET digits = printf('%u', seed);
ALTER TABLE works DROP COLUMN seed;
ALTER TABLE works RENAME COLUMN digits TO seed;

-- Copied once, in the order of its key: changing the column in place would write each row three times.
CREATE TABLE attempts_with_digits (
    work               INTEGER NOT NULL REFERENCES works (number) ON DELETE CASCADE,
    cell               INTEGER NOT NULL,
    attempt            INTEGER NOT NULL,            -- its number within the cell, from 0
    sequence           INTEGER NOT NULL,            -- the event of its turn
    seed               TEXT NOT NULL CHECK (seed NOT GLOB '*[^0-9]*'),
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
    context_switches_voluntary INTEGER,             -- context switches; NULL where they are not counted
    context_switches_forced    INTEGER,
    PRIMARY KEY (work, cell, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO attempts_with_digits
    SELECT work, cell, attempt, sequence, printf('%u', seed), final, duration_ns, bodies_per_second, overlap, jain,
           increments, reads, switches_forced, switches_voluntary, requests, cpu_user_ns, cpu_system_ns,
           context_switches_voluntary, context_switches_forced
    FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_with_digits RENAME TO attempts;
