-- What left the house, written before it left: to whom, of what kind, the words as they left, and how much in all.
CREATE TABLE sent (
    number INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    utterance TEXT,
    receiver TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    times INTEGER NOT NULL
);
