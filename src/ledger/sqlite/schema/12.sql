-- People who are forgotten, by what stands for them without their address: they get on no list from a file again.
CREATE TABLE forgotten (
    person BLOB    NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
