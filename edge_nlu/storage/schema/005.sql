-- What sentences meant, as it was judged at night, what they had been read as, and how sure that is. Slots and
-- commands are JSON.
CREATE TABLE labels (
    number INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    utterance TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    meant TEXT NOT NULL,
    read TEXT NOT NULL,
    intent TEXT NOT NULL,
    slots TEXT NOT NULL,
    commands TEXT NOT NULL,
    sure REAL NOT NULL,
    user TEXT NOT NULL
);
-- The head that they taught, for one pack; whatever is taken out of what it was learned from takes it along.
CREATE TABLE heads (
    number INTEGER PRIMARY KEY,
    at_s REAL NOT NULL,
    pack TEXT NOT NULL,
    meant TEXT NOT NULL,
    weights TEXT NOT NULL
);
CREATE TRIGGER label_gone AFTER DELETE ON labels BEGIN DELETE FROM heads; END;
-- How likely it was that the hub asked, or did not ask, whether it had done the right thing; NULL where it never would.
ALTER TABLE exchanges ADD COLUMN propensity REAL;
