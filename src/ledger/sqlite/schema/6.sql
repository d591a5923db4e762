-- What providers told, as they told it, once for each event; `kind` is the provider's own word.
CREATE TABLE raw_event (
    id          INTEGER PRIMARY KEY,
    provider    TEXT    NOT NULL,
    dedupe      TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    delivery    INTEGER REFERENCES delivery (id),
    UNIQUE (provider, dedupe)
) STRICT;

-- Signed numbers that a provider uses once, and the event that each came with first.
CREATE TABLE nonce (
    provider TEXT    NOT NULL,
    nonce    TEXT    NOT NULL,
    dedupe   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (provider, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_at ON nonce (at);

-- Set where a provider told it; what reconciling found out has none.
ALTER TABLE event ADD COLUMN raw INTEGER REFERENCES raw_event (id);

CREATE TABLE event_count (
    edition INTEGER NOT NULL REFERENCES edition (id),
    kind    TEXT    NOT NULL,
    events  INTEGER NOT NULL,
    PRIMARY KEY (edition, kind)
) STRICT, WITHOUT ROWID;
