-- Times are milliseconds since 1970 in UTC. States, realms, outcomes and phases are the words of the documents.

CREATE TABLE list (
    id        INTEGER PRIMARY KEY,
    list      TEXT    NOT NULL UNIQUE,
    name      TEXT    NOT NULL,
    members   INTEGER NOT NULL DEFAULT 0,
    synced_at INTEGER
) STRICT;

-- One person on one list. `address` is NULL where it was typed exactly as the key.
CREATE TABLE membership (
    id        INTEGER PRIMARY KEY,
    list      INTEGER NOT NULL REFERENCES list (id),
    key       TEXT    NOT NULL,
    address   TEXT,
    name      TEXT,
    fields    TEXT    NOT NULL,
    joined_at INTEGER NOT NULL,
    ended_at  INTEGER,
    UNIQUE (list, key)
) STRICT;

-- An empty scope is everywhere, else it is the stable name of a list.
CREATE TABLE suppression (
    key    TEXT    NOT NULL,
    scope  TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    source TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (key, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset (
    id    INTEGER PRIMARY KEY,
    hash  TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE edition (
    id            INTEGER PRIMARY KEY,
    issue         TEXT    NOT NULL,
    realm         TEXT    NOT NULL,
    transport     TEXT    NOT NULL,
    issue_hash    TEXT    NOT NULL,
    template_hash TEXT    NOT NULL,
    assets_hash   TEXT    NOT NULL,
    settings_hash TEXT    NOT NULL,
    content_hash  TEXT    NOT NULL,
    body_hash     TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    lists         TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    frozen_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX edition_of_issue ON edition (issue, realm);
CREATE INDEX edition_with_body ON edition (body_hash);

-- What never changes about a letter, in order of key; `list` is the list whose attributes count.
CREATE TABLE letter (
    id         INTEGER PRIMARY KEY,
    edition    INTEGER NOT NULL REFERENCES edition (id),
    key        TEXT    NOT NULL,
    again      INTEGER NOT NULL,
    address    TEXT,
    list       INTEGER NOT NULL REFERENCES list (id),
    merged     TEXT    NOT NULL,
    planned_at INTEGER NOT NULL,
    UNIQUE (edition, key, again)
) STRICT;

-- What changes, narrow and in the order of sending, so that neighbours share a page. The id is the place.
-- `due` outlives a begin: a row that has one goes back to deferred, the others to planned.
CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY,
    edition     INTEGER NOT NULL REFERENCES edition (id),
    letter      INTEGER NOT NULL UNIQUE REFERENCES letter (id),
    state       TEXT    NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    due         INTEGER,
    first_tried INTEGER,
    first_begun INTEGER,
    begun_at    INTEGER,
    transport   TEXT,
    why         TEXT
) STRICT;
CREATE INDEX delivery_in_state ON delivery (edition, state);
CREATE INDEX delivery_due ON delivery (edition, due) WHERE state = 'deferred';

CREATE TABLE attempt (
    delivery  INTEGER NOT NULL REFERENCES delivery (id),
    number    INTEGER NOT NULL,
    transport TEXT    NOT NULL,
    begun_at  INTEGER,
    ended_at  INTEGER,
    outcome   TEXT    NOT NULL,
    phase     TEXT,
    code      INTEGER,
    enhanced  TEXT,
    reply     TEXT,
    cause     TEXT    NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE proof (
    id        INTEGER PRIMARY KEY,
    issue     TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    transport TEXT    NOT NULL,
    begun_at  INTEGER NOT NULL,
    ended_at  INTEGER,
    outcome   TEXT,
    phase     TEXT,
    code      INTEGER,
    enhanced  TEXT,
    reply     TEXT,
    cause     TEXT
) STRICT;

-- Edition 0 stands for all of them.
CREATE TABLE fence (
    edition INTEGER PRIMARY KEY,
    since   INTEGER NOT NULL
) STRICT;

CREATE TABLE note (
    subject TEXT PRIMARY KEY,
    text    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
