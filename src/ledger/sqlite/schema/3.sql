-- What became known of a letter after an attempt, and who said so.
CREATE TABLE event (
    id       INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES delivery (id),
    attempt  INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    source   TEXT    NOT NULL,
    code     INTEGER,
    enhanced TEXT,
    said     TEXT    NOT NULL
) STRICT;
CREATE INDEX event_of_delivery ON event (delivery);
