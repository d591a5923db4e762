-- The editions that were for a segment of their lists, and not for all of them.
CREATE TABLE segment_edition (edition INTEGER NOT NULL PRIMARY KEY REFERENCES edition (id)) STRICT;
