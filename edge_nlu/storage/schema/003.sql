-- With which model pack a sentence was read.
ALTER TABLE exchanges ADD COLUMN pack TEXT NOT NULL DEFAULT '';
-- Whose words something was learned from, and from which exchange; NULL where that was not noted yet.
ALTER TABLE lessons ADD COLUMN at_s REAL NOT NULL DEFAULT 0;
UPDATE lessons SET at_s = COALESCE(CAST(strftime('%s', at) AS REAL), 0);
ALTER TABLE lessons ADD COLUMN said_by TEXT;
ALTER TABLE lessons ADD COLUMN utterance TEXT;
UPDATE lessons SET said_by = user, utterance = '';
ALTER TABLE turned ADD COLUMN said_by TEXT;
ALTER TABLE turned ADD COLUMN utterance TEXT;
ALTER TABLE worked ADD COLUMN said_by TEXT;
ALTER TABLE worked ADD COLUMN utterance TEXT;
-- What devices told when it was something new, and after some days only how often on each day.
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    device TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL
);
CREATE TABLE event_days (
    day TEXT NOT NULL,
    device TEXT NOT NULL,
    key TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (day, device, key)
) WITHOUT ROWID;
-- What the journal has to remember about itself.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value REAL NOT NULL
);
