-- Every exchange, written before anything moves; outcome stays empty until it is known what came of it.
CREATE TABLE exchanges (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    at_s REAL NOT NULL,
    satellite TEXT NOT NULL,
    user TEXT NOT NULL,
    text TEXT NOT NULL,
    decision TEXT NOT NULL,
    whole TEXT NOT NULL,
    outcome TEXT,
    milliseconds REAL NOT NULL
);
-- Each time a device was told something: what habits are made of. No words that were said.
CREATE TABLE occasions (
    number INTEGER PRIMARY KEY,
    utterance TEXT NOT NULL,
    at TEXT NOT NULL,
    at_s REAL NOT NULL,
    want TEXT NOT NULL,
    property TEXT NOT NULL,
    device TEXT NOT NULL,
    settings TEXT NOT NULL,
    user TEXT NOT NULL,
    place TEXT NOT NULL,
    by_hand INTEGER NOT NULL
);
CREATE INDEX occasions_of ON occasions (utterance);
-- What was taught on purpose and holds.
CREATE TABLE lessons (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    phrase TEXT NOT NULL,
    meaning TEXT NOT NULL,
    user TEXT NOT NULL,
    device TEXT NOT NULL
);
-- Wordings that failed, with what people turned to; and wordings that work by themselves.
CREATE TABLE turned (
    number INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    failing TEXT NOT NULL,
    working TEXT NOT NULL,
    user TEXT NOT NULL
);
CREATE TABLE worked (
    number INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    wording TEXT NOT NULL UNIQUE
);
