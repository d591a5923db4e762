-- A call of many letters that a provider answers once for each key: what it held, in its order, so that it can be
-- made again until then. `letters` are deliveries and their attempts, `12:1 13:2`.
CREATE TABLE call (
    key       TEXT    NOT NULL PRIMARY KEY,
    edition   INTEGER NOT NULL REFERENCES edition (id),
    transport TEXT    NOT NULL,
    until     INTEGER NOT NULL,
    letters   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX call_of_edition ON call (edition);

-- Since when every run over a transport writes its calls down: a letter that was begun since, and is in none, never
-- left us.
CREATE TABLE noting (
    transport TEXT    NOT NULL PRIMARY KEY,
    since     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
