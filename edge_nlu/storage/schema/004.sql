-- The wish that an exchange belongs to: with which exchange it began, how likely it was reached in the end, in which
-- later exchange this one was said anew, which stage failed first, and how sure that is. NULL is not judged yet.
ALTER TABLE exchanges ADD COLUMN goal INTEGER;
ALTER TABLE exchanges ADD COLUMN reached REAL;
ALTER TABLE exchanges ADD COLUMN rephrased TEXT;
ALTER TABLE exchanges ADD COLUMN failure TEXT;
ALTER TABLE exchanges ADD COLUMN failure_sure REAL;
-- In which room somebody turned to other words.
ALTER TABLE turned ADD COLUMN place TEXT NOT NULL DEFAULT '';
-- What is taken for what, since when it stands as it does, and what came of it, with the rule and without.
CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    at_s REAL NOT NULL,
    kind TEXT NOT NULL,
    failing TEXT NOT NULL,
    working TEXT NOT NULL,
    user TEXT NOT NULL,
    place TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    won REAL NOT NULL,
    lost REAL NOT NULL,
    plain_won REAL NOT NULL,
    plain_lost REAL NOT NULL,
    said_by TEXT NOT NULL
) WITHOUT ROWID;
-- On which days a rule was learned, and how often on each.
CREATE TABLE rule_days (
    rule TEXT NOT NULL,
    day TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (rule, day)
) WITHOUT ROWID;
CREATE TRIGGER rule_gone AFTER DELETE ON rules BEGIN DELETE FROM rule_days WHERE rule = OLD.id; END;
