-- What holds letters back from run to run, because the other side wants it so. `whom` is a receiver or domain, or
-- empty for the whole transport; `speed` and `from_speed` are letters a second.
CREATE TABLE pause (
    transport  TEXT    NOT NULL,
    whom       TEXT    NOT NULL,
    until      INTEGER NOT NULL,
    speed      REAL,
    from_speed REAL,
    said       TEXT    NOT NULL,
    PRIMARY KEY (transport, whom)
) STRICT, WITHOUT ROWID;
