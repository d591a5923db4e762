-- What mails say of somebody that nobody has proven: for a person to say yes or no to. Without an answer it is open.
CREATE TABLE claim (
    id      INTEGER PRIMARY KEY,
    dedupe  TEXT    NOT NULL UNIQUE,
    kind    TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    words   TEXT    NOT NULL,
    place   TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    answer  TEXT
) STRICT;
CREATE INDEX claim_of ON claim (key, kind);

-- Folders that are read by IMAP, and up to which mail.
CREATE TABLE mailbox (
    name     TEXT    PRIMARY KEY,
    validity INTEGER NOT NULL,
    last     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Mails that were read by POP3 and are still there, by what the server calls them.
CREATE TABLE mail_read (
    mailbox TEXT NOT NULL,
    uidl    TEXT NOT NULL,
    PRIMARY KEY (mailbox, uidl)
) STRICT, WITHOUT ROWID;
