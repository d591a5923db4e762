-- Where the counted links of letters lead, by the name of their list and a number from 1.
CREATE TABLE link (
    list   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    target TEXT    NOT NULL,
    PRIMARY KEY (list, number)
) STRICT, WITHOUT ROWID;

-- The editions whose readers are counted, and what of them.
CREATE TABLE counted_edition (
    edition INTEGER NOT NULL PRIMARY KEY REFERENCES edition (id),
    list    TEXT    NOT NULL,
    opens   INTEGER NOT NULL,
    clicks  INTEGER NOT NULL
) STRICT;
CREATE INDEX counted_edition_by_list ON counted_edition (list);

-- How often a link was followed, or, with the number 0, the picture loaded, and by whom, most likely.
CREATE TABLE hit (
    delivery INTEGER NOT NULL REFERENCES delivery (id),
    link     INTEGER NOT NULL,
    visitor  TEXT    NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    times    INTEGER NOT NULL,
    PRIMARY KEY (delivery, link, visitor)
) STRICT, WITHOUT ROWID;
