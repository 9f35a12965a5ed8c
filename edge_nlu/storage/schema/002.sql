-- How likely it is that an exchange went well, why, and how many seconds after it that showed.
ALTER TABLE exchanges ADD COLUMN well REAL;
ALTER TABLE exchanges ADD COLUMN why TEXT;
ALTER TABLE exchanges ADD COLUMN shown_after_s REAL;
-- What went on in the home that something else may follow: an alarm rang, a door was opened.
CREATE TABLE causes (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    at_s REAL NOT NULL,
    device TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL
);
