-- What became of an address that an issue links to: JSON of its own form, kept for as long as it is believed.
CREATE TABLE link_visit (
    address TEXT    NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    visit   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
