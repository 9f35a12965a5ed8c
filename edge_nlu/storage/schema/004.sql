-- The wish that an exchange belongs to: with which exchange it began, how likely it was reached in the end, in which
-- later exchange this one was said anew, which stage failed first, and how sure that is. NULL is not judged yet.
ALTER TABLE exchanges ADD COLUMN goal INTEGER;
ALTER TABLE exchanges ADD COLUMN reached REAL;
ALTER TABLE exchanges ADD COLUMN rephrased TEXT;
ALTER TABLE exchanges ADD COLUMN failure TEXT;
ALTER TABLE exchanges ADD COLUMN failure_sure REAL;
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
    won REAL NOT NULL DEFAULT 0,
    lost REAL NOT NULL DEFAULT 0,
    plain_won REAL NOT NULL DEFAULT 0,
    plain_lost REAL NOT NULL DEFAULT 0,
    said_by TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
-- The exchanges that failed, from which a rule was learned.
CREATE TABLE evidence (
    number INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    at_s REAL NOT NULL,
    weight REAL NOT NULL,
    user TEXT NOT NULL,
    place TEXT NOT NULL,
    said_by TEXT,
    utterance TEXT,
    UNIQUE (rule, utterance)
);
CREATE TRIGGER rule_gone AFTER DELETE ON rules BEGIN DELETE FROM evidence WHERE rule = OLD.id; END;
-- What people turned to so far becomes rules on trial.
INSERT INTO rules (id, at_s, kind, failing, working, user, place, source, state, said_by)
    SELECT 'turned-' || MIN(number), MAX(at_s), 'whole', failing, working, user, '', 'home', 'trial',
        COALESCE(GROUP_CONCAT(said_by, ' '), '')
    FROM turned GROUP BY failing, working, user;
INSERT INTO evidence (rule, at_s, weight, user, place, said_by, utterance)
    SELECT rules.id, turned.at_s, 1, turned.user, '', turned.said_by, turned.utterance
    FROM turned JOIN rules USING (failing, working, user) WHERE 1 ON CONFLICT DO NOTHING;
DROP TABLE turned;
-- How often a wording worked by itself, lately, and what was done then.
ALTER TABLE worked ADD COLUMN times REAL NOT NULL DEFAULT 1;
ALTER TABLE worked ADD COLUMN done TEXT NOT NULL DEFAULT '';
