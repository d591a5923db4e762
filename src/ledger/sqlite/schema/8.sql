-- Who made a membership: the file of the list, which can end it, or the `person` themself.
ALTER TABLE membership ADD COLUMN origin TEXT NOT NULL DEFAULT 'file';
CREATE INDEX membership_of_person ON membership (list) WHERE origin = 'person';

-- What somebody asked for, in which words, and how they confirmed it. `lists` is JSON. `ticket` names the row in the
-- link that confirms, once.
CREATE TABLE consent (
    id             INTEGER PRIMARY KEY,
    key            TEXT    NOT NULL,
    address        TEXT    NOT NULL,
    lists          TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    form           TEXT    NOT NULL,
    words          TEXT    NOT NULL,
    lang           TEXT    NOT NULL,
    asked_at       INTEGER NOT NULL,
    asked_from     TEXT    NOT NULL,
    ticket         TEXT    UNIQUE,
    due            INTEGER,
    tries          INTEGER NOT NULL DEFAULT 0,
    mailed_at      INTEGER,
    confirmed_at   INTEGER,
    confirmed_from TEXT
) STRICT;
CREATE INDEX consent_of_person ON consent (key);
CREATE INDEX consent_due ON consent (due) WHERE state = 'asked';
CREATE INDEX consent_mailed ON consent (mailed_at) WHERE mailed_at IS NOT NULL;

-- Suppressions that were lifted: what they were, by what they were lifted, and why.
CREATE TABLE lifted (
    id        INTEGER PRIMARY KEY,
    key       TEXT    NOT NULL,
    scope     TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    source    TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    lifted_at INTEGER NOT NULL,
    lifted_by TEXT    NOT NULL,
    note      TEXT
) STRICT;
CREATE INDEX lifted_of_person ON lifted (key);
